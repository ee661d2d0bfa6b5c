"""One clock for a call: LiveKit's wall-clock timestamps, freed from the steps that the wall clock makes."""

from __future__ import annotations

import asyncio
import time
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_SLEW_S: Final = 0.02
"""The wall clock moves away from the monotonic clock by less than this between two looks, unless it was set."""

_JITTER_S: Final = 0.002
"""Two clocks that are read one after the other differ by this much without either having moved."""

_SLACK_S: Final = 0.02

_BEFORE_CLOCK_S: Final = 1.0
"""Once the wall clock was set, a timestamp of so long before this clock was made was taken while it stood otherwise."""

_LOOK_EVERY_S: Final = 0.05


@dataclass(slots=True)
class _Epoch:
    """A stretch of time in which the wall clock was not set. Times are of the monotonic clock."""

    offset_s: float
    first_seen_s: float
    last_seen_s: float


class SteadyClock:
    """Seconds since the epoch that no step of the wall clock moves.

    LiveKit stamps what it reports with the wall clock. A clock that is set during a call would make turns of minus an
    hour. This one is read from the wall once and carried on by the monotonic clock; ``at`` brings LiveKit's timestamps
    onto it, with what the wall clock was set to when they were taken. The steps are seen by looking: whoever has
    something to report asks for the time first, and ``watch`` looks every 50 ms. A timestamp taken between two looks
    in which the clock was set more than once is given as the later look; where it was set back to where it was, one from
    the past of the call cannot be told from a true one. ``wall`` and ``monotonic`` can be replaced in
    tests.
    """

    def __init__(
        self, *, wall: Callable[[], float] | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        now_s = monotonic()
        self._epochs = [_Epoch(self._wall_s() - now_s, now_s, now_s)]
        self._base_s = self._epochs[0].offset_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next_look: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Look at the wall clock every 50 ms from now on. Without a running event loop, or if it does so, do nothing."""
        if self._next_look is None:
            try:
                self._loop = asyncio.get_running_loop()
            except RuntimeError:
                return
            self._look()

    def stop_watching(self) -> None:
        """Look at the wall clock only when asked for the time."""
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None

    def now(self) -> float:
        """Give the current time."""
        return self._check_for_step() + self._base_s

    def at(self, wall_s: float) -> float:
        """Bring a timestamp that was taken from the wall clock, at any time of the call, onto this clock."""
        until_s = self._check_for_step()
        first, *later = self._epochs
        if not later:
            # What is yet to come was stamped by a clock that was set and set back again meanwhile.
            is_to_come = wall_s - first.offset_s > until_s + _SLACK_S
            return self._base_s + (until_s if is_to_come else wall_s - first.offset_s)
        since_s = first.first_seen_s - _BEFORE_CLOCK_S
        for i in reversed(range(len(self._epochs))):
            epoch = self._epochs[i]
            earliest_s = self._epochs[i - 1].last_seen_s if i else since_s
            if earliest_s - _SLACK_S <= wall_s - epoch.offset_s <= until_s + _SLACK_S:
                return wall_s + (self._base_s - epoch.offset_s)
            until_s = epoch.first_seen_s
        return later[-1].first_seen_s + self._base_s

    def at_or_none(self, wall_s: float | None) -> float | None:
        """Do as ``at``, for a timestamp that may be missing."""
        return None if wall_s is None else self.at(wall_s)

    def was_set_since(self, time_s: float) -> bool:
        """Whether the wall clock was set after a time of this clock: what was measured by it since then is wrong."""
        self._check_for_step()
        return len(self._epochs) > 1 and self._epochs[-1].first_seen_s >= time_s - self._base_s

    def _look(self) -> None:
        """Look at the wall clock now, and again in a while."""
        self._check_for_step()
        if self._loop is not None:
            self._next_look = self._loop.call_later(_LOOK_EVERY_S, _call_if_alive, weakref.WeakMethod(self._look))

    def _wall_s(self) -> float:
        # The module's function is looked up anew each time: a test that sets the clock replaces it.
        return time.time() if self._wall is None else self._wall()

    def _check_for_step(self) -> float:
        """Compare the two clocks and give the monotonic one."""
        before_s = self._monotonic()
        wall_s = self._wall_s()
        now_s = self._monotonic()
        offset_s = wall_s - (before_s + now_s) / 2
        epoch = self._epochs[-1]
        moved_s = abs(offset_s - epoch.offset_s)
        if moved_s > _SLEW_S + (now_s - before_s):
            self._epochs.append(_Epoch(offset_s, now_s, now_s))
            return now_s
        if moved_s > _JITTER_S + (now_s - before_s):
            epoch.offset_s = offset_s
        epoch.last_seen_s = now_s
        return now_s


def _call_if_alive(method: weakref.WeakMethod[Callable[[], None]]) -> None:
    """Call a method, unless nobody uses its object any more."""
    if (look := method()) is not None:
        look()
