"""Reports that were made before of the same logs, by the same code, with the same prices and rules.

Making one anew takes seconds over a gigabyte of logs, and most runs repeat the report of the run before.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from voicetel.__about__ import __version__
from voicetel.analyzers.overview.results import Overview
from voicetel.results import Group
from voicetel.store import stored_reports

if TYPE_CHECKING:
    from voicetel.analyzers.core.selection import Selection
    from voicetel.pricing import RateCard
    from voicetel.store import Store

Overviews: TypeAlias = tuple[Overview, tuple[Group[Overview], ...]]
"""The figures over all calls, and those of each group."""

CachedReport: TypeAlias = tuple[Overview, tuple[Group[Overview], ...], tuple[str, ...]]
"""The same, and sentences on what the logs say that cannot all be so."""

_PACKAGES = ("analyzers", "events", "outcomes", "pricing", "results")
"""What a report is made by, apart from the rows."""

_CODE = {".py", ".sql", ".toml"}


def cache_key(card: RateCard, selection: Selection, slow_thresholds: tuple[str, ...]) -> bytes:
    """What a report depends on, the rows apart, as a hash."""
    return _hash((_code_fingerprint(), card, selection, slow_thresholds))


def get(store: Store, key: bytes) -> CachedReport | None:
    """The reports that were put under ``key``; None where there are none, or they cannot be read."""
    cached = stored_reports.get(store, key)
    if cached is None:
        return None
    try:
        reports: CachedReport = msgspec.msgpack.decode(cached, type=CachedReport)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return reports


def put(store: Store, key: bytes, reports: CachedReport) -> None:
    """Cache reports for when they are requested again."""
    stored_reports.put(store, key, msgspec.msgpack.encode(reports))


def get_notes(store: Store) -> tuple[str, ...] | None:
    """The sentences on contradictions that were put; None where there are none, or they cannot be read."""
    cached = stored_reports.get(store, _notes_key())
    try:
        return None if cached is None else msgspec.msgpack.decode(cached, type=tuple[str, ...])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def put_notes(store: Store, notes: tuple[str, ...]) -> None:
    """Cache the sentences on contradictions: they depend on the rows alone."""
    stored_reports.put(store, _notes_key(), msgspec.msgpack.encode(notes))


def _notes_key() -> bytes:
    return _hash(("contradictions", _code_fingerprint()))


def _hash(depends_on: object) -> bytes:
    return hashlib.blake2b(repr(depends_on).encode("utf-8", "surrogatepass"), digest_size=16).digest()


@cache
def _code_fingerprint() -> tuple[object, ...]:
    """Which code this is: a version that is being worked on has the same number all day."""
    root = Path(__file__).parents[2]
    code = sorted(path for name in _PACKAGES for path in (root / name).rglob("*.*") if path.suffix in _CODE)
    stamps = ((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in code)
    return (__version__, version("duckdb"), *stamps)
