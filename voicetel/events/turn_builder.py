"""A turn under construction: timestamps and operations as a framework or another system's log reports them → the event.

No framework is known here. Timestamps are seconds since the epoch, on one clock; durations are seconds. What is not
known is None and stays out of the event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from voicetel.events.operation import known_fields, milliseconds, operation_list
from voicetel.events.timestamps import utc_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.events.operation import Operation

InterruptedBy = Literal["caller", "hangup", "agent", "error"]

INTERRUPTED_BY_OF_END_REASON: Final[Mapping[str, InterruptedBy]] = {"caller_hangup": "hangup", "error": "error"}
"""end_reason → who cut off a reply that was being played then; else it was the agent."""

_SAME_SPAN_S = 0.02
"""Audio that goes on within a frame's length of where it stopped never fell silent."""


@dataclass(slots=True)
class TurnBuilder:
    """Collects one turn: the caller's speech, the audio that was played to them, and the requests to providers.

    ``opened_s`` is the turn's timestamp where nothing else in it has one (a chat without audio). ``interrupted`` is
    None where the source does not know it. ``agent_start_s`` is for sources that know when the agent's audio began
    and not when it ended; where ``spans`` are known they say both.
    """

    opened_s: float
    state_id: str | None = None
    user_text: str | None = None
    user_start_s: float | None = None
    user_end_s: float | None = None
    user_confidence: float | None = None
    agent_text: str | None = None
    agent_start_s: float | None = None
    interrupted: bool | None = False
    interrupted_by: InterruptedBy = "caller"
    eou_latency_s: float | None = None
    latency_from_turn_end_decision: bool = False
    """The response counts from when the caller was taken to be done, for nothing says when their speech ended: ``eou_from`` is `turn_start`."""
    operations: list[Operation] = field(default_factory=list)
    spans: list[tuple[float, float]] = field(default_factory=list)

    def add_played_span(self, start_s: float, end_s: float) -> None:
        """Add a stretch of audio that left the process. ``spans`` stay in their order, whichever is reported first."""
        if end_s <= start_s:
            return
        if self.spans and start_s < self.spans[-1][0]:
            known, self.spans = sorted([*self.spans, (start_s, end_s)]), []
            for span in known:
                self.add_played_span(*span)
        elif self.spans and start_s - self.spans[-1][1] <= _SAME_SPAN_S:
            self.spans[-1] = (self.spans[-1][0], max(end_s, self.spans[-1][1]))
        else:
            self.spans.append((start_s, end_s))

    @property
    def has_user(self) -> bool:
        """Whether the caller spoke in it; the words may be unknown."""
        return any(known is not None for known in (self.user_text, self.user_start_s, self.user_end_s))

    @property
    def has_agent(self) -> bool:
        """Whether anything was played or shown to the caller."""
        return bool(self.spans or self.agent_text or self.agent_start_s is not None)

    @property
    def origin_s(self) -> float:
        """The turn's earliest timestamp: no offset counted from it is negative."""
        times_s = [self.user_start_s, self.user_end_s, self.agent_start_s, *(start_s for start_s, _ in self.spans)]
        times_s += [operation.start_s for operation in self.operations]
        return min((time_s for time_s in times_s if time_s is not None), default=self.opened_s)

    def event(self, call_id: str, turn: int) -> dict[str, object]:
        """Give the turn as an event of the log."""
        origin_s = self.origin_s
        counts_from_decision = self.latency_from_turn_end_decision and self.eou_latency_s is not None
        return known_fields(
            {
                "event": "turn",
                "ts": utc_time(origin_s),
                "call_id": call_id,
                "turn": turn,
                "state_id": self.state_id,
                "user": self._user(origin_s) if self.has_user else None,
                "agent": self._agent(origin_s) if self.has_agent else None,
                "operations": operation_list(self.operations, origin_s) or None,
                "eou_latency_ms": milliseconds(self.eou_latency_s),
                "eou_from": "turn_start" if counts_from_decision else None,
            }
        )

    def _user(self, origin_s: float) -> dict[str, object]:
        start, end = milliseconds(self.user_start_s, origin_s), milliseconds(self.user_end_s, origin_s)
        confidence = None if self.user_confidence is None else round(self.user_confidence, 4)
        return known_fields({"text": self.user_text, "start_ms": start, "end_ms": end, "confidence": confidence})

    def _agent(self, origin_s: float) -> dict[str, object]:
        agent: dict[str, object] = {
            "text": self.agent_text,
            "start_ms": milliseconds(self.agent_start_s, origin_s),
        }
        spans = [[milliseconds(start_s, origin_s), milliseconds(end_s, origin_s)] for start_s, end_s in self.spans]
        if spans:
            agent |= {"start_ms": spans[0][0], "end_ms": spans[-1][1]}
        if len(spans) > 1:
            agent["spans"] = spans
        agent["interrupted"] = self.interrupted
        if self.interrupted and self.interrupted_by != "caller":
            agent["interrupted_by"] = self.interrupted_by
        return known_fields(agent)
