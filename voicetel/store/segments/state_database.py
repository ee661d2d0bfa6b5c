"""The SQLite file of an ingest state: its tables, whether it is sound, and changes of all or nothing.

A digest over its rows is kept with them, so that a file in which a byte was changed is known as damaged.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING

import xxhash

from voicetel.store.segments.files import is_regular
from voicetel.store.segments.row_counts import RowCounts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAYOUT_VERSION = 20
"""Of the ingest state, of segments, and of what a line is turned into. Raise it when any changes: an older store is rebuilt."""

_TABLES_SQL = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL);
CREATE TABLE streams (
    stream_id INTEGER PRIMARY KEY, first_line_hash BLOB NOT NULL, prefix_hash BLOB NOT NULL, length INTEGER NOT NULL,
    digest BLOB NOT NULL, line_count INTEGER NOT NULL, unterminated_line_start INTEGER);
CREATE TABLE known_files (
    path BLOB PRIMARY KEY, stream_id INTEGER, device TEXT NOT NULL, inode TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL, first_line_hash BLOB, prefix_hash BLOB, length INTEGER NOT NULL, digest BLOB, pending_bytes INTEGER NOT NULL,
    unterminated_line_start INTEGER, decompression_error TEXT, etag TEXT);
CREATE TABLE segments (
    segment INTEGER NOT NULL, relation TEXT NOT NULL, name TEXT NOT NULL, row_count INTEGER NOT NULL, bytes INTEGER NOT NULL,
    checksum TEXT NOT NULL, aggregated INTEGER NOT NULL, PRIMARY KEY (segment, relation));
CREATE TABLE dead_rows (
    relation TEXT NOT NULL, segment INTEGER NOT NULL, superseded INTEGER NOT NULL, row_numbers BLOB NOT NULL,
    PRIMARY KEY (relation, segment, superseded));
CREATE TABLE rewinds (stream_id INTEGER NOT NULL, byte_offset INTEGER NOT NULL, segment INTEGER NOT NULL);
CREATE TABLE calls_to_retry (call_id TEXT PRIMARY KEY);
CREATE TABLE reports (key BLOB PRIMARY KEY, number INTEGER NOT NULL, generation INTEGER NOT NULL, report BLOB NOT NULL);
CREATE TABLE summaries (key BLOB PRIMARY KEY, number INTEGER NOT NULL, name TEXT NOT NULL, summarized_calls BLOB NOT NULL, checksum TEXT NOT NULL);
"""
_DIGEST_ORDER = {
    "streams": "stream_id",
    "known_files": "path",
    "segments": "segment, relation",
    "dead_rows": "relation, segment, superseded",
    "rewinds": "stream_id, byte_offset, segment",
    "calls_to_retry": "call_id",
}
"""The tables that the digest covers, and the order of their rows in it."""

ROW_COUNTS = tuple(each.name for each in fields(RowCounts))
"""Names in the table ``meta``: how many rows there are."""


class DamagedStateError(Exception):
    """The ingest state cannot be read, or does not say what was written."""


class NewerStateError(Exception):
    """The ingest state was made by a newer version, whose layout this one does not know."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class IncompatibleStateError(Exception):
    """The ingest state was made by an older version, or by another version of the engine."""


_FILE_SUFFIXES = ("", "-wal", "-shm", "-journal")
"""What SQLite's files of one database are called, after its name."""


def _check_is_regular(path: Path) -> None:
    """Raise DamagedStateError for links, devices and pipes where SQLite would open files: to open a pipe never ends.

    A folder says itself that it cannot be opened, and is not ours to delete.
    """
    for suffix in _FILE_SUFFIXES:
        file = path.with_name(path.name + suffix)
        if os.path.lexists(file) and not is_regular(file) and (file.is_symlink() or not file.is_dir()):
            raise DamagedStateError(f"{file.name} is not a regular file")


class StateDatabase:
    """The file at ``path``, open; None: in memory. ``built_with``: the rules of outcomes and the engine that its rows are of."""

    def __init__(self, path: Path | None, built_with: str) -> None:
        """Open it, or begin a new one.

        Raises DamagedStateError, NewerStateError, IncompatibleStateError where what is there cannot be gone on with.
        """
        self.path = path
        self.built_with = built_with
        if path is not None:
            _check_is_regular(path)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        self.connection = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=3, check_same_thread=False)
        try:
            self._create_or_validate()
        except sqlite3.DatabaseError as error:
            self.connection.close()
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise
            raise DamagedStateError(str(error)) from error
        except Exception:
            self.connection.close()
            raise

    def _create_or_validate(self) -> None:
        if self.path is not None:
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = NORMAL")
        if not self.connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'meta'").fetchone()[0]:
            if self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise DamagedStateError("its tables are missing")
            self._create()
        meta = dict(self.connection.execute("SELECT name, value FROM meta"))
        try:
            version = int(meta["layout"])
        except (KeyError, ValueError) as error:
            raise DamagedStateError("its description is missing") from error
        if version > LAYOUT_VERSION:
            raise NewerStateError(version)
        if version < LAYOUT_VERSION:
            raise IncompatibleStateError
        if "built_with" not in meta:
            raise DamagedStateError("its description is missing")
        if meta["built_with"] != self.built_with:
            raise IncompatibleStateError
        if bytes(meta.get("digest", b"")) != self.digest():
            raise DamagedStateError("its rows are not what was written")

    def _create(self) -> None:
        with self.transaction_outside_digest() as connection:
            for statement in _TABLES_SQL.split(";")[:-1]:
                connection.execute(statement)
            meta = {
                "layout": LAYOUT_VERSION,
                "built_with": self.built_with,
                "generation": 0,
                "last_segment": 0,
                "last_stream_id": 0,
            }
            meta |= dict.fromkeys(ROW_COUNTS, 0)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", list(meta.items()))
            connection.execute("INSERT INTO meta VALUES ('digest', ?)", (self.digest(),))

    def digest(self) -> bytes:
        """A hash of all rows but those of reports."""
        digest = xxhash.xxh3_128()
        for table, order in _DIGEST_ORDER.items():
            for row in self.connection.execute(f"SELECT * FROM {table} ORDER BY {order}"):
                digest.update(repr(row).encode("utf-8", "surrogatepass"))
        for name in ("generation", "last_segment", "last_stream_id", "built_with", "layout", *ROW_COUNTS):
            digest.update(
                repr(self.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchall()).encode()
            )
        return digest.digest()

    @contextmanager
    def transaction_outside_digest(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing, in tables that the digest does not cover."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing, with the digest of what there is afterwards."""
        with self.transaction_outside_digest() as connection:
            yield connection
            connection.execute("UPDATE meta SET value = ? WHERE name = 'digest'", (self.digest(),))

    def meta(self, name: str) -> int:
        """A number of the table ``meta``."""
        return int(self.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0])
