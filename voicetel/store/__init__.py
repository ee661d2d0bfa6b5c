"""Bytes → rows: log files, read exactly once into four relations.

``open_store`` gives a ``Store``. Its relations are ``calls``, ``turns``, ``operations`` and ``usage``; each .sql file
under segments/relations/ says what a row is. The logs are the truth: a store can be deleted at any time.
"""

from __future__ import annotations

from voicetel.store.ingest.progress import LoadProgress
from voicetel.store.opening import open_store
from voicetel.store.store import QuarantinedLine, Store

__all__ = ["LoadProgress", "QuarantinedLine", "Store", "open_store"]
