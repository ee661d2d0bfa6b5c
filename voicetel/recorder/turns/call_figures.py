"""The figures of a call, computed from the very events that were written of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final, TypeAlias

from voicetel.events.metrics import TURN_LATENCIES

Turn: TypeAlias = Mapping[str, Any]
"""A turn as it stands in the log."""

_LIMITS_MS: Final = {latency.name: latency.limit_ms for latency in TURN_LATENCIES}
_METRICS: Final = {
    "ttfb_stt": "stt_ttfb_ms",
    "ttft_llm": "llm_ttft_ms",
    "latency_llm": "llm_latency_ms",
    "ttfb_tts": "tts_ttfb_ms",
    "eou_latency": "eou_latency_ms",
}
"""Name in TurnMetrics → latency of the format."""


def turn_figures(turns: Sequence[Turn], *, logged_interruptions: int | None = None) -> dict[str, Any]:
    """Compute the fields of CallMetrics that come from a call's turns; ``logged_interruptions`` where no turn tells."""
    figures: dict[str, Any] = {}
    latencies = [turn_latencies(turn) for turn in turns]
    for name, metric in _METRICS.items():
        values = [value for each in latencies if (value := each[metric]) is not None]
        figures[f"{name}_avg"] = sum(values) / len(values) if values else None
        figures[f"{name}_min"] = min(values, default=None)
        figures[f"{name}_max"] = max(values, default=None)
    agent_turns = sum(turn.get("agent") is not None for turn in turns)
    interruptions = count_interruptions(turns, logged=logged_interruptions or 0)
    are_known = logged_interruptions is not None or interruptions_known(turns)
    return figures | {
        "turn_count": len(turns),
        "user_turn_count": sum(turn.get("user") is not None for turn in turns),
        "bot_turn_count": agent_turns,
        "interruption_count": interruptions,
        "interruption_rate": interruptions / agent_turns if agent_turns and are_known else None,
        "stt_duration_sec": used(turns, "stt", "audio_s"),
        "llm_input_tokens": int(used(turns, "llm", "input_tokens")),
        "llm_output_tokens": int(used(turns, "llm", "output_tokens")),
        "tts_characters": int(used(turns, "tts", "characters")),
        "livekit_duration_sec": used(turns, "transport", "session_s"),
    }


def turn_latencies(turn: Turn) -> dict[str, float | None]:
    """Give the latencies of a turn under the names of ``voicetel.events.metrics``, None where unknown or impossible."""
    durations = [
        duration
        for o in _operations(turn, "llm")
        if o.get("status") != "cancelled" and (duration := o.get("duration_ms")) is not None
    ]
    found = {
        "stt_ttfb_ms": _first_ttfb_ms(_operations(turn, "stt")),
        "llm_ttft_ms": _first_ttfb_ms(_answered(turn, "llm")),
        "llm_latency_ms": sum(durations) if durations and min(durations) >= 0 else None,
        "tts_ttfb_ms": _first_ttfb_ms(_answered(turn, "tts")),
        "eou_latency_ms": _eou_latency_ms(turn),
    }
    return {name: value if _is_possible(name, value) else None for name, value in found.items()}


def count_interruptions(turns: Sequence[Turn], *, logged: int = 0) -> int:
    """Count the agent's turns that the caller cut short.

    By the turns' own flags; where no turn has one, ``logged``; where that is 0, those in whose audio the next turn's
    caller begins to speak.
    """
    agents = [agent for turn in turns if (agent := turn.get("agent")) is not None]
    if any(agent.get("interrupted") is not None for agent in agents):
        return sum(agent.get("interrupted") is True and _by_caller(agent) for agent in agents)
    return logged or sum(_talks_over(later, earlier) for earlier, later in pairwise(turns))


def interruptions_known(turns: Sequence[Turn]) -> bool:
    """Whether the turns themselves say if the agent was stopped: by a flag, or by the times of its audio."""
    return any(
        agent.get("interrupted") is not None or any(begin <= end for begin, end in _spans(turn))
        for turn in turns
        if (agent := turn.get("agent")) is not None
    )


def _by_caller(agent: Mapping[str, Any]) -> bool:
    return agent.get("interrupted_by") in (None, "caller")


def used(turns: Iterable[Turn], stage: str, quantity: str) -> float:
    """Add up a quantity over the operations of a stage, 0 where none carries it."""
    amounts = (o.get(quantity) for turn in turns for o in _operations(turn, stage))
    total: float = sum(amount for amount in amounts if amount is not None and amount > 0)
    return total


def _operations(turn: Turn, stage: str) -> list[Mapping[str, Any]]:
    return [operation for operation in turn.get("operations") or () if operation.get("stage") == stage]


def _answered(turn: Turn, stage: str) -> list[Mapping[str, Any]]:
    """The operations of a stage that were neither cancelled nor failed."""
    return [operation for operation in _operations(turn, stage) if operation.get("status") in (None, "ok")]


def _first_ttfb_ms(operations: list[Mapping[str, Any]]) -> float | None:
    starts = [operation.get("start_ms") for operation in operations]
    ordered = sorted(range(len(operations)), key=lambda index: (starts[index] is None, starts[index] or 0, index))
    ttfb_ms: float | None = operations[ordered[0]].get("ttfb_ms") if ordered else None
    return ttfb_ms


def _eou_latency_ms(turn: Turn) -> float | None:
    if (logged := turn.get("eou_latency_ms")) is not None:
        latency: float = logged
        return latency
    stops, starts = (turn.get("user") or {}).get("end_ms"), (turn.get("agent") or {}).get("start_ms")
    return None if stops is None or starts is None else starts - stops


def _is_possible(name: str, value: float | None) -> bool:
    return value is not None and 0 <= value <= _LIMITS_MS[name]


def _spans(turn: Turn) -> list[tuple[datetime, datetime]]:
    agent = turn.get("agent") or {}
    edges = agent.get("spans") or [[agent.get("start_ms"), agent.get("end_ms")]]
    return [(_at(turn, begin), _at(turn, end)) for begin, end in edges if begin is not None and end is not None]


def _talks_over(later: Turn, earlier: Turn) -> bool:
    start_ms = (later.get("user") or {}).get("start_ms")
    return start_ms is not None and any(begin < _at(later, start_ms) < end for begin, end in _spans(earlier))


def _at(turn: Turn, offset_ms: float) -> datetime:
    return datetime.fromisoformat(turn["ts"]) + timedelta(milliseconds=offset_ms)
