"""One turn in the making: moments and operations as a framework reports them → the event.

No framework is known here. Moments are seconds since the epoch, on one clock; durations are seconds. What is not
known is None and stays out of the event.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

InterruptedBy = Literal["caller", "hangup", "agent", "error"]

_SAME_SPAN_S = 0.02
"""Audio that goes on within a frame's length of where it stopped never fell silent."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One call to a provider. ``quantities`` are those of ``voicetel.events.fields.QUANTITIES``, by name."""

    stage: str
    provider: str | None = None
    model: str | None = None
    name: str | None = None
    request_id: str | None = None
    start_s: float | None = None
    ttfb_s: float | None = None
    duration_s: float | None = None
    status: str | None = None
    error: str | None = None
    quantities: Mapping[str, float] = field(default_factory=dict)

    def cancelled(self) -> Operation:
        """Give the same operation as one that was given up; what it used stays billed."""
        return self if self.status == "error" else replace(self, status="cancelled")

    def fields(self, origin_s: float | None) -> dict[str, object]:
        """Give the operation as it stands in an event whose ``ts`` is ``origin_s``; without one it has no ``start_ms``."""
        started = None if origin_s is None else _milliseconds(self.start_s, origin_s)
        timing = {
            "start_ms": started,
            "ttfb_ms": _milliseconds(self.ttfb_s),
            "duration_ms": _milliseconds(self.duration_s),
        }
        named = {"stage": self.stage, "provider": self.provider, "model": self.model, "name": self.name}
        outcome = {"request_id": self.request_id, "status": self.status, "error": self.error}
        return _known({**named, **outcome, **timing, **self.quantities})


@dataclass(slots=True)
class TurnBuilder:
    """Collects one turn: what the caller said, what was played to them, and who was asked for what.

    ``opened_s`` is the turn's moment where nothing else in it has one (a chat without audio).
    """

    opened_s: float
    state_id: str | None = None
    user_text: str | None = None
    user_start_s: float | None = None
    user_end_s: float | None = None
    agent_text: str | None = None
    interrupted: bool = False
    interrupted_by: InterruptedBy = "caller"
    eou_latency_s: float | None = None
    eou_from_turn_start: bool = False
    operations: list[Operation] = field(default_factory=list)
    spans: list[tuple[float, float]] = field(default_factory=list)

    def play(self, start_s: float, end_s: float) -> None:
        """Add a stretch of audio that left the process."""
        if end_s <= start_s:
            return
        if self.spans and start_s - self.spans[-1][1] <= _SAME_SPAN_S:
            self.spans[-1] = (self.spans[-1][0], max(end_s, self.spans[-1][1]))
        else:
            self.spans.append((start_s, end_s))

    @property
    def has_user(self) -> bool:
        """Whether the caller said something in it."""
        return self.user_text is not None

    @property
    def has_agent(self) -> bool:
        """Whether anything was played or shown to the caller."""
        return bool(self.spans or self.agent_text)

    @property
    def origin_s(self) -> float:
        """The turn's earliest moment: no offset counted from it is negative."""
        moments = [self.user_start_s, self.user_end_s, *(start_s for start_s, _ in self.spans)]
        moments += [operation.start_s for operation in self.operations]
        return min((m for m in moments if m is not None), default=self.opened_s)

    def event(self, call_id: str, turn: int) -> dict[str, object]:
        """Give the turn as an event of the log."""
        origin_s = self.origin_s
        return _known(
            {
                "event": "turn",
                "ts": moment(origin_s),
                "call_id": call_id,
                "turn": turn,
                "state_id": self.state_id,
                "user": self._user(origin_s) if self.has_user else None,
                "agent": self._agent(origin_s) if self.has_agent else None,
                "operations": operation_list(self.operations, origin_s) or None,
                "eou_latency_ms": _milliseconds(self.eou_latency_s),
                "eou_from": "turn_start" if self.eou_from_turn_start and self.eou_latency_s is not None else None,
            }
        )

    def _user(self, origin_s: float) -> dict[str, object]:
        start, end = _milliseconds(self.user_start_s, origin_s), _milliseconds(self.user_end_s, origin_s)
        return _known({"text": self.user_text, "start_ms": start, "end_ms": end})

    def _agent(self, origin_s: float) -> dict[str, object]:
        agent: dict[str, object] = {"text": self.agent_text}
        spans = [[_milliseconds(start_s, origin_s), _milliseconds(end_s, origin_s)] for start_s, end_s in self.spans]
        if spans:
            agent |= {"start_ms": spans[0][0], "end_ms": spans[-1][1]}
        if len(spans) > 1:
            agent["spans"] = spans
        agent["interrupted"] = self.interrupted
        if self.interrupted and self.interrupted_by != "caller":
            agent["interrupted_by"] = self.interrupted_by
        return _known(agent)


def operation_list(operations: Iterable[Operation], origin_s: float | None) -> list[dict[str, object]]:
    """Give operations in the order they began, the sooner answered first; those of unknown beginning come last."""
    return [operation.fields(origin_s) for operation in sorted(operations, key=_began_and_answered)]


def _began_and_answered(operation: Operation) -> tuple[float, float]:
    if operation.start_s is None:
        return (math.inf, 0)
    return (operation.start_s, operation.duration_s or operation.ttfb_s or 0)


def moment(epoch_s: float) -> datetime:
    """Give a moment of the wall clock, in UTC."""
    return datetime.fromtimestamp(epoch_s, UTC)


def _milliseconds(seconds: float | None, since_s: float = 0.0) -> float | None:
    """To a tenth of a millisecond; frameworks measure no finer, and whole numbers read better."""
    if seconds is None:
        return None
    value = round((seconds - since_s) * 1000, 1)
    return int(value) if value.is_integer() else value


def _known(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}
