"""The cached stores: which there are, whether one is right, and how to delete them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.errors import VoicetelError
from voicetel.store.cache_verification import checksums
from voicetel.store.directory import INGEST_STATE_FILE, cache_directory, store_path, write_lock
from voicetel.store.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicetel.outcomes import Rules


class StoreBusyError(VoicetelError):
    """Another process is writing to the store."""


@dataclass(frozen=True, slots=True)
class CachedStore:
    """A store on disk and the bytes it takes there."""

    path: Path
    bytes: int


def cached_stores() -> list[CachedStore]:
    """Every store there is, by path, those of older versions too."""
    return [CachedStore(path, _size(path)) for path in sorted(cache_directory().glob("*")) if _is_store(path)]


def cached_store(paths: Sequence[str], rules: Rules) -> CachedStore | None:
    """The store that a run over ``paths`` goes on from; None before the first run."""
    path = store_path(paths, rules.fingerprint)
    return next((store for store in cached_stores() if store.path == path), None)


def clear_cache() -> list[CachedStore]:
    """Delete every store, and what is left of broken ones, and tell which. Logs are untouched.

    Raises StoreBusyError where a run is writing to one; those before it are gone by then.
    """
    gone = cached_stores()
    for store in gone:
        with write_lock(store.path) as may_write:
            if not may_write:
                raise StoreBusyError(
                    f"the cache {store.path} is in use by another run", hint="try again when it is done"
                )
            for part in _files_of(store.path):
                shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
    for left in cache_directory().glob("*.broken-*"):
        left.unlink(missing_ok=True)
    return gone


def differing_relations(paths: Sequence[str], rules: Rules, warn: Callable[[str], None] | None = None) -> list[str]:
    """Read everything anew into a temporary store; the names of the relations in which the cached one differs from it.

    None differs, whatever happened to the logs, unless the store itself was changed.
    """
    with open_store(paths, rules, warn=warn) as cached, open_store(paths, rules, cache=False) as anew:
        before, after = checksums(cached.connection), checksums(anew.connection)
    return [name for name in after if before[name] != after[name]]


def _is_store(path: Path) -> bool:
    return (path / INGEST_STATE_FILE).is_file() or (path.is_file() and path.suffix == ".duckdb")


def _size(path: Path) -> int:
    return sum(each.stat().st_size for part in _files_of(path) for each in (part, *part.rglob("*")) if each.is_file())


def _files_of(path: Path) -> list[Path]:
    """What belongs to a store, its lock left out: who waits for it holds it open."""
    return [part for part in path.parent.glob(f"{path.stem}*") if not part.name.endswith(".lock")]
