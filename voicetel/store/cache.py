"""The stores that are kept: which there are, whether one is right, and away with them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.store import open_store
from voicetel.store.database import cache_directory, locked, store_path
from voicetel.store.verify import fingerprints

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicetel.outcomes import Rules


@dataclass(frozen=True, slots=True)
class CachedStore:
    """A store on disk and the bytes it takes there."""

    path: Path
    bytes: int


def cached_stores() -> list[CachedStore]:
    """Every store there is, by path."""
    return [
        CachedStore(path, sum(part.stat().st_size for part in _parts(path) if part.is_file()))
        for path in sorted(cache_directory().glob("*.duckdb"))
    ]


def cached_store(paths: Sequence[str], rules: Rules) -> CachedStore | None:
    """The store that a run over ``paths`` goes on from; None before the first run."""
    path = store_path(paths, rules.fingerprint)
    return next((store for store in cached_stores() if store.path == path), None)


def clear_cache() -> list[CachedStore]:
    """Delete every store, and what is left of broken ones, and tell which. Logs are untouched.

    Raises StoreBusyError where a run is at work on one; those before it are gone by then.
    """
    gone = cached_stores()
    for store in gone:
        with locked(store.path):
            for part in _parts(store.path):
                shutil.rmtree(part) if part.is_dir() else part.unlink()
    for left in cache_directory().glob("*.broken-*"):
        left.unlink()
    return gone


def wrong_relations(paths: Sequence[str], rules: Rules, warn: Callable[[str], None] | None = None) -> list[str]:
    """Read everything anew into a temporary store; the names of the relations in which the kept one differs from it.

    None differs as long as files only grow, shrink, come, go and are renamed. What a store cannot see is a byte that
    was changed far from both ends of a file that grew at the same time; then this tells.
    """
    with open_store(paths, rules, warn=warn) as kept, open_store(paths, rules, cache=False) as anew:
        before, after = fingerprints(kept.connection), fingerprints(anew.connection)
    return [name for name in after if before[name] != after[name]]


def _parts(path: Path) -> list[Path]:
    """The files of a store, its lock left out: who waits for it holds it open."""
    return [part for part in path.parent.glob(f"{path.stem}.duckdb*") if not part.name.endswith(".lock")]
