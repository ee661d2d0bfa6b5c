"""Where stores lie on disk, and who may write to one."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.errors import VoicetelError
from voicetel.store.object_storage.uris import canonical_name, is_uri, local_path

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

INGEST_STATE_FILE = "ledger.sqlite"
_READERS = "readers"
_SPILL = "spill-"


def cache_directory() -> Path:
    """Where stores live: ``$XDG_CACHE_HOME/voicetel``, else ``~/.cache/voicetel``. Raises OSError where there is no home."""
    root = os.environ.get("XDG_CACHE_HOME")
    if root:
        return Path(root) / "voicetel"
    try:
        return Path.home() / ".cache" / "voicetel"
    except RuntimeError as error:
        raise FileNotFoundError(2, "there is no home directory: set XDG_CACHE_HOME") from error


def store_path(paths: Sequence[str], rules_fingerprint: str) -> Path:
    """The store of a set of log paths, under rules of that fingerprint."""
    named = "\0".join(sorted({_real_name(path) for path in paths}))
    digest = hashlib.blake2b(
        f"{named}\0{rules_fingerprint}".encode("utf-8", "surrogateescape"), digest_size=12
    ).hexdigest()
    return cache_directory() / digest


def _real_name(path: str) -> str:
    path = local_path(path)
    return canonical_name(path) if is_uri(path) and not os.path.lexists(path) else os.path.realpath(path)


def make_private(directory: Path) -> None:
    """Make a directory that its owner alone may look into."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)


@contextlib.contextmanager
def write_lock(path: Path) -> Iterator[bool]:
    """Whether this run may write to the store at ``path``: no other does. Nobody waits."""
    from filelock import FileLock, Timeout  # noqa: PLC0415  only a run with a cache needs it

    lock = FileLock(f"{path}.lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


@contextlib.contextmanager
def read_lock(path: Path) -> Iterator[None]:
    """Say that files of the store are in use: while anybody does, none is deleted."""
    with _lock_file(path) as descriptor:
        _flock(descriptor, exclusive=False)
        yield


def has_readers(path: Path) -> bool:
    """Whether any run, this one too, is reading the store."""
    with _lock_file(path) as descriptor:
        return not _flock(descriptor, exclusive=True)


@contextlib.contextmanager
def _lock_file(path: Path) -> Iterator[int]:
    descriptor = os.open(path / _READERS, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _flock(descriptor: int, *, exclusive: bool) -> bool:
    try:
        import fcntl  # noqa: PLC0415  not on every system
    except ImportError:
        return not exclusive
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX | fcntl.LOCK_NB) if exclusive else fcntl.LOCK_SH)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def temporary_directory(parent: Path | None = None) -> Iterator[Path]:
    """A directory for the owner alone, gone afterwards; in the store ``parent`` for what the engine spills."""
    made = tempfile.mkdtemp(prefix=_SPILL if parent else "voicetel-", dir=parent)
    try:
        yield Path(made)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def delete_orphaned_spills(path: Path) -> None:
    """What runs that were killed had spilled. Only while nobody reads the store."""
    for left in path.glob(f"{_SPILL}*"):
        shutil.rmtree(left, ignore_errors=True)


def delete_older_layout(path: Path) -> None:
    """The files of this store as versions before 1.0 kept it."""
    for left in path.parent.glob(f"{path.name}.duckdb*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)


def clear(path: Path) -> None:
    """Delete all that a store holds; who reads it, and the locks on that, stay."""
    for entry in path.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name != _READERS:
            entry.unlink(missing_ok=True)


def cannot_write(path: Path, error: OSError | sqlite3.OperationalError) -> VoicetelError:
    """What to say of a store that the system lets nobody write to."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return VoicetelError(
        f"the cache {path} cannot be written: {reason}", hint="free some space, or run with --no-cache"
    )
