"""One clock for a call: LiveKit's wall-clock timestamps, freed from the steps that the wall clock makes."""

from __future__ import annotations

import asyncio
import time
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_SLEW_S: Final = 0.02
"""The wall clock moves away from the monotonic clock by less than this between two looks, unless it was set."""

_JITTER_S: Final = 0.002
"""Two clocks that are read one after the other differ by this much without either having moved."""

_TOLERANCE_S: Final = 0.02
"""A timestamp this close outside of a period may still be of it."""

_MAX_BEFORE_START_S: Final = 1.0
"""Once the wall clock was set, a timestamp of so long before this clock was made was taken while it stood otherwise."""

_LOOK_INTERVAL_S: Final = 0.05


@dataclass(slots=True)
class _Period:
    """A stretch of time in which the wall clock was not set. Times are of the monotonic clock.

    ``offset_s`` is how far the wall clock was ahead of it.
    """

    offset_s: float
    first_seen_s: float
    last_seen_s: float


class SteadyClock:
    """Seconds since the epoch that no step of the wall clock moves.

    LiveKit stamps what it reports with the wall clock. A clock that is set during a call would make turns of minus an
    hour. This one is read from the wall once and carried on by the monotonic clock; ``to_steady_time`` brings LiveKit's
    timestamps onto it, with what the wall clock was set to when they were taken. The steps are seen by looking: whoever
    has something to report asks for the time first, and ``watch`` looks every 50 ms. A timestamp taken between two looks
    in which the clock was set more than once is given as the later look; where it was set back to where it was, one from
    the past of the call cannot be told from a true one. ``wall`` and ``monotonic`` can be replaced in tests.
    """

    def __init__(
        self, *, wall: Callable[[], float] | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        now_s = monotonic()
        self._periods = [_Period(self._read_wall_s() - now_s, now_s, now_s)]
        self._base_offset_s = self._periods[0].offset_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next_look: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Look at the wall clock every 50 ms from now on. Without a running event loop, or if it does so, do nothing."""
        if self._next_look is None:
            try:
                self._loop = asyncio.get_running_loop()
            except RuntimeError:
                return
            self._look_repeatedly()

    def stop_watching(self) -> None:
        """Look at the wall clock only when asked for the time."""
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None

    def now(self) -> float:
        """Give the current time."""
        return self._look() + self._base_offset_s

    def to_steady_time(self, wall_s: float) -> float:
        """Bring a timestamp that was taken from the wall clock, at any time of the call, onto this clock."""
        latest_s = self._look()
        first, *later = self._periods
        if not later:
            # What is yet to come was stamped by a clock that was set and set back again meanwhile.
            is_in_future = wall_s - first.offset_s > latest_s + _TOLERANCE_S
            return self._base_offset_s + (latest_s if is_in_future else wall_s - first.offset_s)
        earliest_of_first_s = first.first_seen_s - _MAX_BEFORE_START_S
        for i in reversed(range(len(self._periods))):
            period = self._periods[i]
            earliest_s = self._periods[i - 1].last_seen_s if i else earliest_of_first_s
            if earliest_s - _TOLERANCE_S <= wall_s - period.offset_s <= latest_s + _TOLERANCE_S:
                return wall_s + (self._base_offset_s - period.offset_s)
            latest_s = period.first_seen_s
        return later[-1].first_seen_s + self._base_offset_s

    def to_steady_time_or_none(self, wall_s: float | None) -> float | None:
        """Do as ``to_steady_time``, for a timestamp that may be missing."""
        return None if wall_s is None else self.to_steady_time(wall_s)

    def was_set_since(self, time_s: float) -> bool:
        """Whether the wall clock was set after a time of this clock: what was measured by it since then is wrong."""
        self._look()
        return len(self._periods) > 1 and self._periods[-1].first_seen_s >= time_s - self._base_offset_s

    def _look_repeatedly(self) -> None:
        """Look at the wall clock now, and again in a while."""
        self._look()
        if self._loop is not None:
            self._next_look = self._loop.call_later(
                _LOOK_INTERVAL_S, _call_if_alive, weakref.WeakMethod(self._look_repeatedly)
            )

    def _read_wall_s(self) -> float:
        # The module's function is looked up anew each time: a test that sets the clock replaces it.
        return time.time() if self._wall is None else self._wall()

    def _look(self) -> float:
        """Compare the two clocks, see whether the wall clock was set since the last look, and give the monotonic one."""
        before_s = self._monotonic()
        wall_s = self._read_wall_s()
        now_s = self._monotonic()
        offset_s = wall_s - (before_s + now_s) / 2
        period = self._periods[-1]
        moved_s = abs(offset_s - period.offset_s)
        if moved_s > _MAX_SLEW_S + (now_s - before_s):
            self._periods.append(_Period(offset_s, now_s, now_s))
            return now_s
        if moved_s > _JITTER_S + (now_s - before_s):
            period.offset_s = offset_s
        period.last_seen_s = now_s
        return now_s


def _call_if_alive(weak_method: weakref.WeakMethod[Callable[[], None]]) -> None:
    """Call a method, unless nobody uses its object any more."""
    if (method := weak_method()) is not None:
        method()
