"""One clock for what the recorder writes: read once from the wall, then carried on by the monotonic clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """Wall-clock times that never run backwards.

    The wall is read once, when the clock is made. A wall clock that is set back later moves no ``ts`` and shortens no
    duration. Make one per call: a process that runs for weeks then follows the corrected wall from call to call.
    ``monotonic`` gives seconds and can be replaced in tests, ``wall`` gives seconds since the epoch.
    """

    def __init__(
        self, *, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        self.monotonic = monotonic
        self._started_s = monotonic()
        self._started_at = datetime.fromtimestamp(wall(), UTC)

    def at(self, monotonic_s: float) -> datetime:
        """Give the UTC time of a reading of the monotonic clock, in seconds."""
        return self._started_at + timedelta(seconds=monotonic_s - self._started_s)

    def now(self) -> datetime:
        """Give the UTC time of now."""
        return self.at(self.monotonic())
