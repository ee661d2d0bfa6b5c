"""How many events did not reach the log, and of which call."""

from __future__ import annotations

import threading
from collections.abc import Mapping

MAX_NAMED_CALLS = 1_000


class Losses:
    """A count of lost events: all of them, and per call those the log has not been told of yet.

    At most MAX_NAMED_CALLS calls are told apart at a time, the losses of further ones are only in ``total``.
    The lock may be taken again by its own thread: a signal handler that emits must not wait for the code it interrupted.
    """

    def __init__(self) -> None:
        self.total = 0
        self._lock = threading.RLock()
        self._untold: dict[str, int] = {}

    def add(self, event: object) -> None:
        """Count an event that is lost, or the source of one, which may have a ``call_id``."""
        call_id = event.get("call_id") if isinstance(event, Mapping) else getattr(event, "call_id", None)
        with self._lock:
            self.total += 1
            if isinstance(call_id, str) and call_id:
                self._count(call_id, 1)

    def put_back(self, untold: Mapping[str, int]) -> None:
        """Keep for later what ``take`` gave and the log could not be told."""
        with self._lock:
            for call_id, count in untold.items():
                self._count(call_id, count)

    def take(self) -> dict[str, int]:
        """Give the losses per call since the last time, and forget them."""
        if not self._untold:
            return {}
        with self._lock:
            untold, self._untold = self._untold, {}
        return untold

    def _count(self, call_id: str, count: int) -> None:
        if call_id in self._untold or len(self._untold) < MAX_NAMED_CALLS:
            self._untold[call_id] = self._untold.get(call_id, 0) + count
