"""One look after the other at the same logs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from voicetel.analyzers.core.no_calls import has_calls, no_calls_error
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.analyzers.live.live import ACTIVE_MINUTES, LiveWindow
from voicetel.analyzers.live.recent_rows import newest_turn, read_recent_rows
from voicetel.reporters.html.options import slow_ms
from voicetel.watch.limits import broken_limits

if TYPE_CHECKING:
    from datetime import datetime

    from voicetel.analyzers.core.selection import Selection
    from voicetel.analyzers.live.results import LiveFigures
    from voicetel.gate.results import Limit
    from voicetel.service.changes import FilesState
    from voicetel.service.served_logs import ServedLogs


@dataclass(slots=True)
class _Seen:
    """What the last opening of the store gave. ``newest``: when the newest turn began."""

    state: FilesState
    window: LiveWindow
    newest: datetime | None
    limits: tuple[Limit, ...]


class Watcher:
    """The figures of the last ``minutes`` of ``served``. With ``at_newest`` they end at the newest turn, else now.

    The logs are opened when a file has changed; the store is let go of at once, so that nobody waits for it. What is in memory
    are the rows of the last minutes.
    """

    def __init__(
        self, served: ServedLogs, *, minutes: int = 15, selection: Selection = ALL_CALLS, at_newest: bool = False
    ) -> None:
        self._served = served
        self._minutes = minutes
        self._selection = selection
        self._at_newest = at_newest
        self._seen: _Seen | None = None
        self.openings = 0
        """How often the store was opened."""

    @property
    def newest(self) -> datetime | None:
        """When the newest turn of the logs began, as of the last look: UTC without a zone; None where there is none."""
        return self._seen.newest if self._seen is not None else None

    def look(self, now: datetime) -> LiveFigures:
        """The figures as of ``now``, UTC without a zone.

        Raises NoDataError for a path that is gone, and at the first look where there are no calls at all.
        """
        state = self._served.state()
        if self._seen is None or not state.is_unchanged_since(self._seen.state):
            seen = self._open(state, now)
            self.close()
            self._seen = seen
        seen = self._seen
        at = seen.newest if self._at_newest and seen.newest else now
        found = seen.window.figures(at, self._minutes, slow_ms(seen.limits))
        return replace(found, broken_limits=broken_limits(found, seen.limits))

    def close(self) -> None:
        """Let go of the rows."""
        if self._seen is not None:
            self._seen.window.close()
            self._seen = None

    def _open(self, state: FilesState, now: datetime) -> _Seen:
        self.openings += 1
        limits = self._served.limits_there_are()
        with self._served.open() as store:
            if self._seen is None and not has_calls(store):
                raise no_calls_error(store)
            newest = newest_turn(store)
            end = newest if self._at_newest and newest else now
            since = end - timedelta(minutes=max(self._minutes, ACTIVE_MINUTES))
            rows = read_recent_rows(store, self._served.card(), self._selection, since)
        return _Seen(state, LiveWindow(rows), newest, limits)
