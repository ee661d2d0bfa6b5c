"""Retell's latencies: one value for each change from caller to agent, without saying of which turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicetel.events.operation import Operation
from voicetel.importers.calls.latencies import fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.record import Record
    from voicetel.importers.calls.turns import ImportedTurn

_MS: Final = 1e-3
_STAGES: Final = {"asr": "stt", "llm": "llm", "tts": "tts", "s2s": "realtime"}
_SUMMARISED: Final = ("llm", "tts", "asr", "s2s", "knowledge_base")
_FIGURES: Final = ("num", "p50", "p90", "p95", "p99", "min", "max")


def add_latencies(latency: Record, turns: Sequence[ImportedTurn], notes: Notes) -> None:
    """Give each turn its response time, and its stages where there are as many values as answers."""
    e2e = latency.record("e2e")
    values_s = [value * _MS for value in e2e.numbers("values")]
    placed = fitted(values_s, turns)
    if lost := len(values_s) - len(placed):
        notes.add("e2e latencies of Retell that fit no turn were left out", lost)
    if not values_s and e2e.has("p50"):
        notes.add("Retell's e2e latency is there as percentiles only: response times are those of the words")
    for index, turn in placed.items():
        if turn.agent and values_s[index] > 0:
            turn.eou_latency_s = values_s[index]
    answered = [turn for turn in turns if turn.user and turn.agent]
    for part, stage in _STAGES.items():
        _add_stage(latency.record(part).numbers("values"), stage, answered, notes)


def _add_stage(values_ms: Sequence[float], stage: str, answered: Sequence[ImportedTurn], notes: Notes) -> None:
    if not values_ms:
        return
    if len(values_ms) != len(answered):
        notes.add("latencies of Retell's stages that are not as many as answers are kept as tags only")
        return
    provider = "retell"
    for turn, value_ms in zip(answered, values_ms, strict=True):
        if value_ms > 0:
            turn.operations.append(Operation(stage, provider, ttfb_s=value_ms * _MS))


def latency_tags(latency: Record, tokens: Record) -> dict[str, str | None]:
    """What is said of the call as a whole: figures of each stage, and tokens, in and out in one."""
    tags: dict[str, str | None] = {}
    for part in _SUMMARISED:
        figures = latency.record(part)
        known = [f"{name}={value:g}" for name in _FIGURES if (value := figures.number(name)) is not None]
        if figures.positive("num"):
            tags[f"retell.latency.{part}"] = " ".join(known)
    if values := tokens.numbers("values"):
        requests = tokens.number("num_requests") or len(values)
        tags["retell.llm_tokens"] = f"{sum(values):g} in {requests:g} requests, input and output in one"
    return tags
