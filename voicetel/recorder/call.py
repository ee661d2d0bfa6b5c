"""A call that is going on: its turns, and who it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.recorder.turn_metrics import Turn

if TYPE_CHECKING:
    from voicetel.recorder.clock import Clock
    from voicetel.recorder.turn_metrics import Providers, Snapshot
    from voicetel.recorder.writer import EventWriter

_TURN_NUMBER = 0


class Call:
    """Takes the records of one call and emits its turns, each when the next one begins or ``settle`` is called.

    ``last_number`` and ``resumed`` are of a call that was finalised before and goes on: its numbers go on rising, and
    its length is not known.
    """

    __slots__ = (
        "_open",
        "_writer",
        "call_id",
        "campaign",
        "clock",
        "direction",
        "language",
        "last_number",
        "providers",
        "resumed",
        "started_at",
        "turns",
    )

    def __init__(
        self, call_id: str, writer: EventWriter, clock: Clock, providers: Providers, *, last_number: int | None = None
    ) -> None:
        self.call_id = call_id
        self.clock = clock
        self.providers = providers
        self.campaign: str | None = None
        self.direction: str | None = None
        self.language: str | None = None
        self.turns: list[Turn] = []
        self.resumed = last_number is not None
        self.last_number = last_number or 0
        self.started_at = clock.now()
        self._open: Turn | None = None
        self._writer = writer

    def add(self, record: Snapshot, moment_s: float) -> None:
        """Take a record that was told at a moment of the monotonic clock."""
        turn = self._open
        if turn is None or not turn.takes(record):
            self.settle()
            turn = self._open = Turn(self.call_id, self._next_number(record[_TURN_NUMBER]), self.providers, self.clock)
        turn.add(record, moment_s)

    def settle(self) -> None:
        """Emit the turn that is going on: nothing more belongs to it."""
        turn, self._open = self._open, None
        if turn is not None:
            self.turns.append(turn)
            self._writer.emit(turn)

    def _next_number(self, given: object) -> int:
        """Keep the agent's own number as long as it rises."""
        self.last_number = given if isinstance(given, int) and given > self.last_number else self.last_number + 1
        return self.last_number
