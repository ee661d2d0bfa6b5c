"""How many events did not reach the log, and of which call."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from voicetel.events.scalars import plain_text

MAX_NAMED_CALLS = 1_000


class Losses:
    """A count of lost events: all of them, and per call those that the log does not state yet.

    At most MAX_NAMED_CALLS calls are kept apart at a time, the losses of further ones are only in ``total``. The lock
    may be taken again by its own thread: a signal handler that emits must not wait for the code it interrupted.
    """

    def __init__(self) -> None:
        self.total = 0
        self._lock = threading.RLock()
        self._unreported: dict[str, int] = {}

    def add(self, event: object) -> None:
        """Count an event that is lost, or the source of one, which may have a ``call_id``. Never raises."""
        call_id = _call_id_of(event)
        with self._lock:
            self.total += 1
            if call_id:
                self._count(call_id, 1)

    def put_back(self, unreported: Mapping[str, int]) -> None:
        """Keep for later what ``take`` gave and could not be written."""
        with self._lock:
            for call_id, count in unreported.items():
                self._count(call_id, count)

    def take(self) -> dict[str, int]:
        """Give the losses per call since the last time, and forget them."""
        if not self._unreported:
            return {}
        with self._lock:
            unreported, self._unreported = self._unreported, {}
        return unreported

    def _count(self, call_id: str, count: int) -> None:
        if call_id in self._unreported or len(self._unreported) < MAX_NAMED_CALLS:
            self._unreported[call_id] = self._unreported.get(call_id, 0) + count


def _call_id_of(event: object) -> str | None:
    """Give the call of an event; None where it has none, or where asking for it raises."""
    try:
        if isinstance(event, dict):
            return plain_text(dict.get(event, "call_id"))
        if isinstance(event, Mapping):
            return plain_text(event.get("call_id"))
        return plain_text(getattr(event, "call_id", None))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - the event is somebody else's object and may raise anything
        return None
