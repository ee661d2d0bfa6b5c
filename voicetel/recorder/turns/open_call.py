"""Calls that are going on: their turns, and who they are."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from voicetel.recorder.turns.recorded_turn import RecordedTurn
from voicetel.recorder.turns.turn_metrics import TURN_NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.recorder.clock import Clock
    from voicetel.recorder.turns.turn_metrics import Snapshot, StageProviders

MAX_OPEN_CALLS: Final = 10_000
"""Calls that were begun and not finalised; past it the oldest is written and forgotten."""

MAX_ENDED_CALLS: Final = 1_000
"""Calls whose last turn number is kept, for records that come after the end."""

_MAX_TURN_NUMBER: Final = 2**53


class OpenCall:
    """Takes the records of one call and gives its turns, each when the next one begins or ``finish_turn`` is called.

    ``last_number`` and ``resumed`` are of a call that was finalised before and goes on: its numbers go on rising, and
    its length is not known.
    """

    __slots__ = (
        "_turn",
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
        self, call_id: str, clock: Clock, providers: StageProviders, *, last_number: int | None = None
    ) -> None:
        self.call_id = call_id
        self.clock = clock
        self.providers = providers
        self.campaign: str | None = None
        self.direction: str | None = None
        self.language: str | None = None
        self.turns: list[RecordedTurn] = []
        self.resumed = last_number is not None
        self.last_number = last_number or 0
        self.started_at = clock.now()
        self._turn: RecordedTurn | None = None

    def add(self, record: Snapshot, recorded_at_s: float) -> RecordedTurn | None:
        """Take a record in; give the turn that it completes, if it begins the next one."""
        turn = self._turn
        if turn is not None and turn.take(record, recorded_at_s):
            return None
        number = self._next_number(record[TURN_NUMBER])
        self._turn = RecordedTurn(self.call_id, number, self.providers, self.clock)
        self._turn.take(record, recorded_at_s)
        if turn is not None:
            self.turns.append(turn)
        return turn

    def finish_turn(self) -> RecordedTurn | None:
        """Give the turn that is going on: nothing more belongs to it."""
        turn, self._turn = self._turn, None
        if turn is not None:
            self.turns.append(turn)
        return turn

    def _next_number(self, given: object) -> int:
        """Keep the agent's own number as long as it rises."""
        last = self.last_number
        rises = isinstance(given, int) and last < given < _MAX_TURN_NUMBER
        self.last_number = int(given) if rises and isinstance(given, int) else last + 1
        return self.last_number


class OpenCalls:
    """The calls of one service that are going on. Holds no reference to the service: it outlives it.

    ``by_id`` has them in the order they began. ``lock`` guards it and all that follows; nothing is emitted while it is
    held.
    """

    def __init__(self, emit: Callable[[RecordedTurn], object], new_clock: Callable[[], Clock]) -> None:
        self.lock = threading.RLock()
        self._emit = emit
        self._new_clock = new_clock
        self.by_id: OrderedDict[str, OpenCall] = OrderedDict()
        self._ended: OrderedDict[str, int] = OrderedDict()
        self._clocks: weakref.WeakValueDictionary[str, Clock] = weakref.WeakValueDictionary()

    def begin(self, call_id: str, providers: StageProviders) -> tuple[OpenCall, RecordedTurn | None]:
        """Begin a call, or go on with one that ended; with it comes a turn of the call that had to make room."""
        evicted = self.end(next(iter(self.by_id.values()))) if len(self.by_id) >= MAX_OPEN_CALLS else None
        clock = self._clocks.get(call_id) or self._new_clock()
        call = OpenCall(call_id, clock, providers, last_number=self._ended.get(call_id))
        self.by_id[call_id] = call
        return call, evicted

    def nameless(self, providers: StageProviders) -> OpenCall:
        """A call that has no usable id, and is in nobody's way: it is not among those that are going on."""
        return OpenCall("", self._new_clock(), providers)

    def end(self, call: OpenCall) -> RecordedTurn | None:
        """Forget a call; give the turn that was going on."""
        finished = call.finish_turn()
        self.by_id.pop(call.call_id, None)
        self._ended[call.call_id] = call.last_number
        if len(self._ended) > MAX_ENDED_CALLS:
            self._ended.popitem(last=False)
        return finished

    def clock(self, call_id: str) -> Clock:
        """Give the clock of a call, for those who measure it: one call has one clock, begun or not."""
        with self.lock:
            call = self.by_id.get(call_id)
            clock = call.clock if call else self._clocks.get(call_id) or self._new_clock()
            self._clocks[call_id] = clock
            return clock

    def emit_open_turns(self) -> None:
        """Emit every turn that is going on."""
        with self.lock:
            finished = [call.finish_turn() for call in self.by_id.values()]
        for turn in finished:
            if turn is not None:
                self._emit(turn)

    def begin_anew(self) -> None:
        """In a forked child: leave the calls to the parent."""
        self.lock = threading.RLock()
        self.by_id.clear()
