"""One turn of the event format, put together from the records of those who spoke in it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from voicetel.events.scalars import plain_text
from voicetel.recorder.turns.call_log import CallLog
from voicetel.recorder.turns.record import SpeakerRecord, distinct, joined
from voicetel.recorder.turns.turn_metrics import ROLE, SIDES, TURN_NUMBER, TurnMetrics, side_of, time_of

if TYPE_CHECKING:
    from datetime import datetime

    from voicetel.recorder.clock import Clock
    from voicetel.recorder.turns.turn_metrics import Snapshot, StageProviders

_CLOCK_STEP: Final = timedelta(minutes=30)
"""Records of one turn whose timestamps are further apart than they were recorded, by this, were made by a clock that was set."""


class RecordedTurn:
    """Collects the records of a turn; called, it builds the event.

    A turn is what the caller says with the agent's whole reply. So an agent's record that directly follows the
    caller's is the same turn, whatever its number; further records of the agent are too if they repeat the number (a
    filler, then the answer); and so is the caller's record that comes after a reply of the same number. Everything
    else is the next turn. A record that comes twice in every detail counts once.
    """

    __slots__ = ("_clock", "_has_agent", "_has_user", "_providers", "_recorded_at_s", "call_id", "number", "records")

    def __init__(self, call_id: str, number: int, providers: StageProviders, clock: Clock) -> None:
        self.call_id = call_id
        self._clock = clock
        self.number = number
        self._providers = providers
        self.records: list[Snapshot] = []
        self._recorded_at_s: list[float] = []
        self._has_user = self._has_agent = False

    def take(self, record: Snapshot, recorded_at_s: float) -> bool:
        """Take a record in if it belongs to this turn. ``recorded_at_s`` is its time if it has no timestamp."""
        records, role = self.records, record[ROLE]
        side = (SIDES.get(role) if type(role) is str else None) or side_of(role)
        if records:
            try:
                same_number, is_known = record[TURN_NUMBER] == records[-1][TURN_NUMBER], record in records
            except Exception:  # noqa: BLE001 - the values are somebody else's objects and may raise anything
                same_number = is_known = False
            if side == "user":
                belongs = same_number and (is_known or not self._has_user)
            else:
                belongs = side is None or same_number or not self._has_agent
            if is_known or not belongs:
                return bool(belongs)
        records.append(record)
        self._recorded_at_s.append(recorded_at_s)
        if side == "user":
            self._has_user = True
        elif side == "agent":
            self._has_agent = True
        return True

    def __call__(self) -> dict[str, object]:
        """Build the turn's event: work for the writer thread. Its ``ts`` is the earliest time of its records."""
        metrics = [TurnMetrics(*record) for record in self.records]
        starts = self._starts(metrics)
        ts = min(starts)
        records = [
            SpeakerRecord(m, (start - ts).total_seconds() * 1000) for m, start in zip(metrics, starts, strict=True)
        ]
        answered = next((m for m in metrics if m.eou_latency is not None), None)
        return {
            "event": "turn",
            "ts": ts,
            "call_id": self.call_id,
            "turn": self.number,
            "state_id": next((state_id for m in metrics if (state_id := plain_text(m.state_id))), None),
            "user": joined([side for record in records if (side := record.user()) is not None]),
            "agent": joined([side for record in records if (side := record.agent()) is not None]),
            "operations": distinct([record.operations(self._providers) for record in records]),
            "eou_latency_ms": answered.eou_latency if answered else None,
            "eou_from": answered.eou_from if answered else None,
        }

    def logs(self) -> list[CallLog]:
        """Give the turn's records one by one."""
        metrics = [TurnMetrics(*record) for record in self.records]
        return [
            CallLog(
                self.call_id,
                m.turn_number,
                m.role,
                m.content,
                m.state_id,
                m.ttfb_stt,
                m.latency_llm,
                m.ttfb_tts,
                m.eou_latency,
                m.llm_input_tokens,
                m.llm_output_tokens,
                m.tts_characters,
                created_at,
            )
            for m, created_at in zip(metrics, self._starts(metrics), strict=True)
        ]

    def _starts(self, metrics: list[TurnMetrics]) -> list[datetime]:
        """When each record began. Timestamps may come from a wall clock that was set between two of them."""
        times = [time_of(m.timestamp) for m in metrics]
        recorded = [self._clock.at(recorded_at_s) for recorded_at_s in self._recorded_at_s]
        lags = [at - time if time else timedelta(0) for time, at in zip(times, recorded, strict=True)]
        reference = next((lag for time, lag in zip(times, lags, strict=True) if time), timedelta(0))
        return [
            at if time is None else time if abs(lag - reference) < _CLOCK_STEP else at - reference
            for time, lag, at in zip(times, lags, recorded, strict=True)
        ]
