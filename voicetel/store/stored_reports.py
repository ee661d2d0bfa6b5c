"""The report cache: the same request over the same logs gives the same report.

They lie in the ingest state. Whatever changes the rows of the store deletes them all, so that one that is found was made of
just the rows that are there.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicetel.store.store import Store

MAX_REPORTS = 32
"""How many are stored. A request that names the current time never comes again; so only the last few are stored."""


def get(store: Store, key: bytes) -> bytes | None:
    """What is stored under ``key``, if the logs have not changed since."""
    return store.state.results.get_report(key)


def put(store: Store, key: bytes, report: bytes) -> None:
    """Store a report. Where it cannot be stored, or another run has changed the rows since, it is worked out again next time."""
    with contextlib.suppress(sqlite3.Error):
        store.state.results.put_report(key, report, MAX_REPORTS, store.generation)
