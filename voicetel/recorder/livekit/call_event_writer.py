"""The lines of one call."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from voicetel.events.operation import operation_list
from voicetel.events.timestamps import utc_time

if TYPE_CHECKING:
    from voicetel.events.operation import Operation
    from voicetel.events.turn_builder import TurnBuilder
    from voicetel.recorder.livekit.clock import SteadyClock
    from voicetel.recorder.writer import EventWriter


class CallEventWriter:
    """Writes events of one call. ``transport`` is who carries it, as an operation, where its minutes are billed."""

    def __init__(self, writer: EventWriter, call_id: str, clock: SteadyClock, *, transport: Operation | None) -> None:
        self._writer = writer
        self._call_id = call_id
        self._clock = clock
        self._began_s = clock.now()
        self._transport = transport

    @property
    def duration_s(self) -> float:
        """How long the call has lasted."""
        return round(self._clock.now() - self._began_s, 3)

    def emit(self, event: str, **fields: object) -> None:
        """Write an event; what is None is left out."""
        known = {name: value for name, value in fields.items() if value is not None}
        self._writer.emit({"event": event, "ts": utc_time(self._clock.now()), "call_id": self._call_id, **known})

    def emit_turn(self, turn: TurnBuilder, number: int) -> None:
        """Write a turn. It changes no more: its event can be put together on the writer's thread."""
        self._writer.emit(partial(turn.event, self._call_id, number))

    def emit_usage(self, operations: list[Operation]) -> None:
        """Write what was used outside of turns."""
        self.emit("usage", operations=operation_list(operations, None))

    def transport_operations(self, duration_s: float) -> list[dict[str, object]] | None:
        """Give the call's minutes as the operation of who carries it."""
        if self._transport is None:
            return None
        return operation_list([replace(self._transport, quantities={"session_s": duration_s})], None)
