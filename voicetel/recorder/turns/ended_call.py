"""The end of a call: its event and its figures."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voicetel.events.line import checked
from voicetel.events.scalars import plain_number
from voicetel.recorder.turns.call_figures import interruptions_known, turn_figures
from voicetel.recorder.turns.call_metrics import CallMetrics
from voicetel.recorder.turns.record import operation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from voicetel.recorder.turns.open_call import OpenCall
    from voicetel.recorder.turns.recorded_turn import RecordedTurn
    from voicetel.recorder.turns.turn_metrics import StageProviders


@dataclass(slots=True)
class EndedCall:
    """A call that is over; called, it builds the ``call_ended`` event: work for the writer thread.

    ``stt_s`` and ``transport_s`` are the whole call's seconds: what its turns do not carry already becomes operations
    of the event. ``facts`` are further fields of the event, as they were given.
    """

    call_id: str
    ended_at: datetime
    duration_s: float | None
    turns: list[RecordedTurn]
    providers: StageProviders
    interruption_count: int | None
    stt_s: float
    transport_s: float
    facts: Mapping[str, object]
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _figures: dict[str, Any] | None = None
    _rest_s: dict[str, float] = field(default_factory=dict)
    _interruptions_known: bool = False

    def __call__(self) -> dict[str, object]:
        """Build the event."""
        self.figures()
        # A 0 is written where it is all that is known: times, where there are any, say it better.
        count = self.interruption_count or (None if self._interruptions_known else self.interruption_count)
        return {
            "event": "call_ended",
            "ts": self.ended_at,
            "call_id": self.call_id,
            "duration_s": self.duration_s,
            "operations": self._operations(),
            "interruption_count": count,
            **self.facts,
        }

    def figures(self) -> dict[str, Any]:
        """Compute, once, the fields of CallMetrics that come from the call's turns and from its whole seconds."""
        with self._lock:
            if self._figures is None:
                events = self._events()
                self._interruptions_known = interruptions_known(events)
                figures = turn_figures(events, logged_interruptions=self.interruption_count)
                self._rest_s = {
                    "stt": max(self.stt_s - figures["stt_duration_sec"], 0.0),
                    "transport": max(self.transport_s - figures["livekit_duration_sec"], 0.0),
                }
                figures["stt_duration_sec"] += self._rest_s["stt"]
                figures["livekit_duration_sec"] += self._rest_s["transport"]
                self._figures = figures
            return dict(self._figures)

    def metrics(
        self, call: OpenCall, figures: Mapping[str, Any], *, agent_name: str | None, agent_version: str | None
    ) -> CallMetrics:
        """Give what is known of the call to the agent."""
        facts: Mapping[str, Any] = self.facts
        return CallMetrics(
            self.call_id,
            agent_name=agent_name,
            agent_version=agent_version,
            campaign=call.campaign,
            direction=call.direction,
            language=call.language,
            started_at=call.started_at,
            ended_at=self.ended_at,
            duration_sec=self.duration_s,
            outcome=facts["outcome"],
            outcome_confidence=facts["outcome_confidence"],
            outcome_reason=facts["outcome_reason"],
            final_state=facts["final_state"],
            sentiment_score=facts["sentiment"],
            **figures,
        )

    def _events(self) -> list[dict[str, Any]]:
        events = []
        for turn in self.turns:
            try:
                events.append(checked(turn()))
            except Exception:  # noqa: BLE001, S112 - a turn that cannot be written is lost, and counted, by the writer
                continue
        return events

    def _operations(self) -> list[dict[str, object]] | None:
        quantities = {"stt": "audio_s", "transport": "session_s"}
        return [
            operation(stage, self.providers, {quantities[stage]: seconds})
            for stage, seconds in self._rest_s.items()
            if seconds
        ] or None


def seconds_of(value: object) -> float:
    """A length of time as it was given to ``finalize_call``; what is none is 0: unknown."""
    return max(float(plain_number(value) or 0), 0.0)


def count_or_none(value: object) -> int | None:
    """A count as it was given to ``finalize_call``; what is none is unknown."""
    number = plain_number(value)
    return None if number is None or number < 0 else int(number)
