"""What one speaker's record contributes to the event of its turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from voicetel.events.scalars import plain_number, plain_text
from voicetel.recorder.turns.turn_metrics import side_of

if TYPE_CHECKING:
    from voicetel.recorder.turns.turn_metrics import StageProviders, TurnMetrics

_MAX_ITEMS: Final = 10_000
"""Spans and operations that are read of one record: a list without end must not hold up the writer."""


@dataclass(frozen=True, slots=True)
class SpeakerRecord:
    """A record and how many ms later than the turn it begins."""

    metrics: TurnMetrics
    shift_ms: float

    def user(self) -> dict[str, object] | None:
        """What the record says of the caller; None if nothing."""
        metrics, is_caller = self.metrics, side_of(self.metrics.role) == "user"
        side: dict[str, object] = {
            "text": plain_text(metrics.content) if is_caller else None,
            "start_ms": self._shifted(metrics.user_start_ms),
            "end_ms": self._shifted(metrics.user_end_ms),
        }
        return side if is_caller or _has_any(side) else None

    def agent(self) -> dict[str, object] | None:
        """What the record says of the agent; None if nothing."""
        metrics, is_agent = self.metrics, side_of(self.metrics.role) == "agent"
        side: dict[str, object] = {
            "text": plain_text(metrics.content if is_agent else metrics.agent_text),
            "start_ms": self._shifted(metrics.agent_start_ms),
            "end_ms": self._shifted(metrics.agent_end_ms),
            "spans": [[self._shifted(edge) for edge in span] for span in _pairs(metrics.agent_spans_ms)] or None,
            "interrupted": metrics.was_interrupted if isinstance(metrics.was_interrupted, bool) else None,
        }
        return side if is_agent or _has_any(side) else None

    def operations(self, providers: StageProviders) -> list[dict[str, object]]:
        """The record's operations, as they were given or made of its latencies and quantities."""
        metrics = self.metrics
        if metrics.operations is not None:
            given = (each for each in _items(metrics.operations, _MAX_ITEMS) if isinstance(each, Mapping))
            return [{**each, "start_ms": self._shifted(each.get("start_ms"))} for each in given]
        stt = {
            "ttfb_ms": plain_number(metrics.ttfb_stt),
            "duration_ms": plain_number(metrics.latency_stt),
            "audio_s": plain_number(metrics.stt_duration_sec) or None,
        }
        llm = {
            "ttfb_ms": plain_number(metrics.ttft_llm),
            "duration_ms": plain_number(metrics.latency_llm),
            "input_tokens": plain_number(metrics.llm_input_tokens) or None,
            "output_tokens": plain_number(metrics.llm_output_tokens) or None,
        }
        tts = {
            "ttfb_ms": plain_number(metrics.ttfb_tts),
            "duration_ms": plain_number(metrics.latency_tts),
            "characters": plain_number(metrics.tts_characters) or None,
        }
        named = (("stt", stt), ("llm", llm), ("tts", tts))
        return [operation(stage, providers, values) for stage, values in named if _has_any(values)]

    def _shifted(self, offset_ms: object) -> float | None:
        offset = plain_number(offset_ms)
        return None if offset is None else offset + self.shift_ms


def operation(stage: str, providers: StageProviders, values: Mapping[str, object]) -> dict[str, object]:
    """Give an operation of a stage with the provider and model that are set for it."""
    provider, model = providers.get(stage, (None, None))
    return {"stage": stage, "provider": provider, "model": model, **values}


def joined(sides: list[dict[str, object]]) -> dict[str, object] | None:
    """Make one side of what several records say of it: texts one after the other, the first start and the last end."""
    if not sides:
        return None
    texts = list(dict.fromkeys(text for side in sides if isinstance(text := side["text"], str) and text))
    starts = [start for side in sides if isinstance(start := side["start_ms"], float)]
    ends = [end for side in sides if isinstance(end := side["end_ms"], float)]
    spans = [span for side in sides if isinstance(given := side.get("spans"), list) for span in given]
    flags = [flag for side in sides if isinstance(flag := side.get("interrupted"), bool)]
    return {
        "text": " ".join(texts) or None,
        "start_ms": min(starts, default=None),
        "end_ms": max(ends, default=None),
        "spans": spans or None,
        "interrupted": any(flags) if flags else None,
    }


def distinct(records: list[list[dict[str, object]]]) -> list[dict[str, object]] | None:
    """Drop an operation that two records of one turn report alike, latency included: it was measured once."""
    kept: dict[object, dict[str, object]] = {}
    for index, each in enumerate(each for operations in records for each in operations):
        measured = each.get("ttfb_ms") is not None or each.get("duration_ms") is not None
        kept.setdefault(_key(each) if measured else index, each)
    return list(kept.values()) or None


def _key(operation: Mapping[str, object]) -> object:
    """What two reports of one operation have in common; an operation that cannot be compared is its own."""
    try:
        key = frozenset(operation.items())
        hash(key)
    except Exception:  # noqa: BLE001 - the values are somebody else's objects and may raise anything
        return id(operation)
    return key


def _has_any(values: Mapping[str, object]) -> bool:
    return any(value is not None and value != "" for value in values.values())


def _pairs(spans: object) -> list[list[object]]:
    pairs = (_items(span, 2) for span in _items(spans, _MAX_ITEMS))
    return [pair for pair in pairs if len(pair) == 2]


def _items(value: object, limit: int) -> list[object]:
    """The first items of what may be a list; none of what is no list, or raises."""
    try:
        return list(islice(value, limit)) if isinstance(value, Iterable) else []
    except Exception:  # noqa: BLE001 - the list is somebody else's object and may raise anything
        return []
