"""Bytes → rows: log files, read exactly once into four relations.

``open_store`` gives a ``Store``. Its relations are ``calls``, ``turns``, ``operations`` and ``usage``; each .sql file
under relations/ says what a row is. The logs are the truth: a store can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.store.database import StoreBusyError, persistent, store_path, temporary
from voicetel.store.discovery import STDIN, discover
from voicetel.store.load import Loader
from voicetel.store.progress import LoadProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    import duckdb

    from voicetel.outcomes import Rules

__all__ = ["LoadProgress", "Refusal", "Store", "open_store"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that does not count. ``line`` from 1, ``byte_offset`` from 0 (decompressed), ``bytes`` without the line end."""

    path: str
    line: int
    byte_offset: int
    bytes: int
    reason: str
    unsupported: bool


@dataclass(slots=True)
class Store:
    """Logs that were read. ``connection`` has the relations; ``warnings`` is what went wrong on the way."""

    connection: duckdb.DuckDBPyConnection
    paths: tuple[str, ...]
    warnings: list[str] = field(default_factory=list)

    def refusals(self, *, unsupported: bool | None = None) -> Iterator[Refusal]:
        """The lines that do not count, by path and line. ``unsupported`` narrows them to those of one kind."""
        cursor = self.connection.cursor()
        cursor.execute(
            "SELECT path, line, byte_offset, bytes, reason, unsupported FROM quarantine"
            " JOIN (SELECT source, min(path) AS path FROM paths GROUP BY source) USING (source)"
            " WHERE $unsupported IS NULL OR unsupported = $unsupported ORDER BY path, line",
            {"unsupported": unsupported},
        )
        while rows := cursor.fetchmany(1000):
            for path, *rest in rows:
                yield Refusal(os.fsdecode(path), *rest)

    def counts(self) -> tuple[int, int, int]:
        """(refused lines, unsupported lines, bytes of incomplete last lines)."""
        row = self.connection.execute(
            "SELECT (SELECT count(*) FROM quarantine WHERE NOT unsupported),"
            " (SELECT count(*) FROM quarantine WHERE unsupported),"
            " (SELECT coalesce(sum(pending), 0) FROM (SELECT max_by(pending, length) AS pending FROM paths"
            " GROUP BY coalesce(source, -rowid)))"
        ).fetchone()
        refused, unsupported, pending = row or (0, 0, 0)
        return int(refused), int(unsupported), int(pending)


@contextlib.contextmanager
def open_store(
    paths: Sequence[str],
    rules: Rules,
    *,
    cache: bool = True,
    stdin: BinaryIO | None = None,
    progress: LoadProgress | None = None,
    warn: Callable[[str], None] | None = None,
) -> Iterator[Store]:
    """Read what is new under ``paths`` and open the result.

    With ``cache`` it is kept, one store per set of paths and phrase rules; without, or when another run holds the
    store, everything is read into a temporary one. ``-`` among the paths is ``stdin``, which is never kept.

    Raises NoDataError for a path that does not exist, VoicetelError for a store of a newer version.
    """
    warnings: list[str] = []

    def tell(message: str) -> None:
        warnings.append(message)
        if warn:
            warn(message)

    with contextlib.ExitStack() as stack:
        named = tuple(paths)
        if STDIN in named and stdin is not None:
            cache = False
            copy = stack.enter_context(_copied(stdin))
            named = tuple(copy if path == STDIN else path for path in named)
        connection = _connection(stack, named, rules, cache=cache, warn=tell)
        Loader(connection, rules, warn=tell, progress=progress).load(discover(named, tell))
        yield Store(connection, tuple(paths), warnings)


def _connection(
    stack: contextlib.ExitStack, paths: Sequence[str], rules: Rules, *, cache: bool, warn: Callable[[str], None]
) -> duckdb.DuckDBPyConnection:
    if cache:
        try:
            return stack.enter_context(persistent(store_path(paths, rules.fingerprint), rules.fingerprint, warn))
        except StoreBusyError as error:
            warn(f"{error}: reading everything without it")
        except OSError as error:
            warn(f"no cache: {error}")
    return stack.enter_context(temporary(rules.fingerprint))


@contextlib.contextmanager
def _copied(stdin: BinaryIO) -> Iterator[str]:
    """Standard input as a file. Its end is the end: a last line without a line end is whole."""
    with tempfile.TemporaryDirectory(prefix="voicetel-") as directory:
        path = Path(directory) / "stdin.jsonl"
        with path.open("wb+") as file:
            shutil.copyfileobj(stdin, file)
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    file.write(b"\n")
        yield str(path)
