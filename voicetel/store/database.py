"""The DuckDB file that remembers what was read."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from voicetel.errors import VoicetelError
from voicetel.outcomes.phrases import normalised_sql, phrases_sql
from voicetel.store import structure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LAYOUT_VERSION = 4
"""Of tables.sql and of what a line is turned into. Raise it when either changes: an older store is then rebuilt."""

LOCK_WAIT_S = 3.0
MEMORY_LIMIT = "420MB"


class StoreBusyError(VoicetelError):
    """Another process is at work on the store."""


def cache_directory() -> Path:
    """Where stores live: ``$XDG_CACHE_HOME/voicetel``, else ``~/.cache/voicetel``."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "voicetel"


def store_path(paths: Sequence[str], identity: str) -> Path:
    """The store of a set of log paths, under rules whose fingerprint is ``identity``."""
    named = "\0".join(sorted({os.path.realpath(path) for path in paths}))
    digest = hashlib.blake2b(f"{named}\0{identity}".encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
    return cache_directory() / f"{digest}.duckdb"


@contextlib.contextmanager
def persistent(path: Path, identity: str, warn: Callable[[str], None]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the store at ``path``, alone. One that cannot be opened is moved aside and begun anew.

    Raises StoreBusyError when another process holds it for longer than a moment, VoicetelError when it was made by
    a newer version.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(path), _private_files():
        connection = _open(path, identity, warn)
        try:
            yield connection
        finally:
            connection.close()


@contextlib.contextmanager
def temporary(identity: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same on a file that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="voicetel-") as directory:
        connection = _connect(Path(directory) / "store.duckdb")
        try:
            _create(connection, identity)
            yield connection
        finally:
            connection.close()


def make_smaller(connection: duckdb.DuckDBPyConnection) -> None:
    """Let what is deleted in this run leave the file, too.

    DuckDB would at the end of any run write most of a large store anew, to have one row group less: seconds for nothing.
    """
    connection.execute("RESET max_vacuum_tasks")


@cache
def query(name: str) -> str:
    """The text of one of this room's .sql files, with what is generated from the table of event fields put in."""
    text = files("voicetel.store").joinpath(name).read_text(encoding="utf-8")
    generated = {
        "operation_type": structure.operation_type(),
        "known_operation": structure.known_operation("o"),
        "least_quantity": structure.least_quantity("o"),
        "usage_columns": ", ".join(f"{name} DECIMAL(38,6)" for name in structure.kept_usage_names()),
        "derived_usage": ", ".join(f"{sql} AS {name}" for name, sql in structure.derived_usage().items()),
        "billed_columns": ", ".join(f"{sql} AS {name}" for name, sql in structure.billed_quantities().items()),
        "used": structure.used_quantities(),
        "sums": ", ".join(f"sum({name}) AS {name}" for name in structure.kept_usage_names()),
        "user_words": normalised_sql('e."user".text'),
        "agent_words": normalised_sql("e.agent.text"),
        "user_phrases": phrases_sql("user_words"),
        "agent_phrases": phrases_sql("agent_words"),
    }
    for key, value in generated.items():
        text = text.replace(f"{{{key}}}", value)
    return text


def _open(path: Path, identity: str, warn: Callable[[str], None]) -> duckdb.DuckDBPyConnection:
    try:
        connection = _connect(path)
        version = _version(connection)
    except duckdb.Error:
        aside = path.with_suffix(f".broken-{time.time_ns()}")
        _move(path, aside)
        warn(f"the cache {path} could not be opened: moved to {aside}, reading the logs anew")
        connection = _connect(path)
        version = None
    if version is None:
        _create(connection, identity)
    elif version > LAYOUT_VERSION:
        connection.close()
        raise VoicetelError(
            f"the cache {path} was made by a newer voicetel (layout {version}, this one knows {LAYOUT_VERSION})",
            hint="upgrade voicetel, or run with --no-cache",
        )
    elif version < LAYOUT_VERSION:
        connection.close()
        for part in _database_files(path):
            part.unlink(missing_ok=True)
        connection = _connect(path)
        _create(connection, identity)
    return connection


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        str(path),
        config={
            "preserve_insertion_order": False,
            # Rows that were committed stay in memory until they are written to their place.
            "checkpoint_threshold": "32MB",
            # See make_smaller.
            "max_vacuum_tasks": 0,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": f"{path}.tmp",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    # It would draw on stdout. In a notebook without ipywidgets DuckDB can neither draw nor be told not to.
    with contextlib.suppress(duckdb.InvalidInputException):
        connection.execute("SET enable_progress_bar = false")
    return connection


def _version(connection: duckdb.DuckDBPyConnection) -> int | None:
    """Layout of an open store; None where nothing was ever committed to it."""
    tables = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'meta'").fetchone()
    if not tables or not tables[0]:
        return None
    row = connection.execute("SELECT version FROM meta").fetchone()
    return int(row[0]) if row else None


def _create(connection: duckdb.DuckDBPyConnection, identity: str) -> None:
    connection.begin()
    connection.execute(query("tables.sql"))
    for relation in ("calls", "turns", "operations", "usage"):
        connection.execute(query(f"relations/{relation}.sql"))
    connection.execute(
        "INSERT INTO meta VALUES ($version, $identity)", {"version": LAYOUT_VERSION, "identity": identity}
    )
    connection.commit()


def _database_files(path: Path) -> tuple[Path, Path]:
    """The database, and its log of writes that are not yet in their place."""
    return path, Path(f"{path}.wal")


def _move(path: Path, aside: Path) -> None:
    for part, moved in zip(_database_files(path), _database_files(aside), strict=True):
        with contextlib.suppress(FileNotFoundError):
            part.rename(moved)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the store at ``path`` alone. Raises StoreBusyError when another process does for longer than a moment."""
    from filelock import FileLock, Timeout  # noqa: PLC0415  only a run with a cache needs it

    try:
        with FileLock(f"{path}.lock", timeout=LOCK_WAIT_S, mode=0o600):
            yield
    except Timeout as error:
        raise StoreBusyError(f"the cache {path} is in use by another run") from error


@contextlib.contextmanager
def _private_files() -> Iterator[None]:
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
