"""What a store holds, in one SQLite file: which segments count, which of their rows do not, and how far each log is read.

A transaction of the ingest state is all there is to a change: files that it does not name do not exist. A digest over its rows is
kept with them, so that an ingest state in which a byte was changed is known as damaged.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

import xxhash

from voicetel.store.ingest.fingerprints import Fingerprint, KnownPath, LogFile, Source
from voicetel.store.segments.files import SegmentFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from voicetel.store.segments.arrays import Integers

LAYOUT_VERSION = 13
"""Of the ingest state, of segments, and of what a line is turned into. Raise it when any changes: an older store is rebuilt."""

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL);
CREATE TABLE sources (
    source INTEGER PRIMARY KEY, first_line_hash BLOB NOT NULL, prefix_hash BLOB NOT NULL, length INTEGER NOT NULL,
    digest BLOB NOT NULL, line_count INTEGER NOT NULL, unterminated_line_start INTEGER);
CREATE TABLE paths (
    path BLOB PRIMARY KEY, source INTEGER, device TEXT NOT NULL, inode TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL, first_line_hash BLOB, prefix_hash BLOB, length INTEGER NOT NULL, digest BLOB, pending INTEGER NOT NULL,
    unterminated_line_start INTEGER, decompression_error TEXT, etag TEXT);
CREATE TABLE segments (
    segment INTEGER NOT NULL, relation TEXT NOT NULL, name TEXT NOT NULL, rows INTEGER NOT NULL, bytes INTEGER NOT NULL,
    checksum TEXT NOT NULL, aggregated INTEGER NOT NULL, PRIMARY KEY (segment, relation));
CREATE TABLE dead_rows (
    relation TEXT NOT NULL, segment INTEGER NOT NULL, superseded INTEGER NOT NULL, rows BLOB NOT NULL,
    PRIMARY KEY (relation, segment, superseded));
CREATE TABLE rewinds (source INTEGER NOT NULL, byte_offset INTEGER NOT NULL, segment INTEGER NOT NULL);
CREATE TABLE calls_to_retry (call_id TEXT PRIMARY KEY);
CREATE TABLE reports (key BLOB PRIMARY KEY, number INTEGER NOT NULL, generation INTEGER NOT NULL, report BLOB NOT NULL);
CREATE TABLE summaries (key BLOB PRIMARY KEY, number INTEGER NOT NULL, name TEXT NOT NULL, calls BLOB NOT NULL, checksum TEXT NOT NULL);
"""
_ORDER = {
    "sources": "source",
    "paths": "path",
    "segments": "segment, relation",
    "dead_rows": "relation, segment, superseded",
    "rewinds": "source, byte_offset, segment",
    "calls_to_retry": "call_id",
}
"""The tables that the digest covers, and the order of their rows in it."""


class DamagedStateError(Exception):
    """The ingest state cannot be read, or does not say what was written."""


class NewerStateError(Exception):
    """The ingest state was made by a newer version, whose layout this one does not know."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class IncompatibleStateError(Exception):
    """The ingest state was made by an older version, or by another version of the engine."""


@dataclass(frozen=True, slots=True)
class RowCounts:
    """How many calls there are, and lines that do not count: rejected ones, and those of a kind that is not supported."""

    calls: int = 0
    rejected: int = 0
    unsupported: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """The file of a summary and its checksum, and of which calls it is: an encoded ``SummarizedCalls``."""

    name: str
    calls: bytes
    checksum: str


_COUNTS = tuple(each.name for each in fields(RowCounts))


@dataclass(slots=True)
class DeadRows:
    """Rows of segments that do not count: per (relation, segment) their numbers, sorted.

    ``deleted``: their source is gone, or they were written anew. ``superseded``: another event with their key counts; when that
    goes they may count again.
    """

    deleted: dict[tuple[str, int], Integers] = field(default_factory=dict)
    superseded: dict[tuple[str, int], Integers] = field(default_factory=dict)

    def of(self, relation: str, segment: int) -> Integers:
        """All rows of a file that do not count."""
        import numpy as np  # noqa: PLC0415  a run without anything new does without

        some = [rows[relation, segment] for rows in (self.deleted, self.superseded) if (relation, segment) in rows]
        return np.unique(np.concatenate(some)) if some else np.zeros(0, np.int64)


class IngestState:
    """One store's ingest state. ``path`` None: in memory."""

    def __init__(self, path: Path | None, rules_version: str) -> None:
        """Open it, or begin a new one.

        Raises DamagedStateError, NewerStateError, IncompatibleStateError where what is there cannot be gone on with.
        """
        self.path = path
        self.rules_version = rules_version
        self.has_changed = False
        """Whether rows came or went since it was opened."""
        if path is not None:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=3, check_same_thread=False)
        try:
            self._create_or_validate()
        except sqlite3.DatabaseError as error:
            self._db.close()
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise
            raise DamagedStateError(str(error)) from error
        except Exception:
            self._db.close()
            raise

    def _create_or_validate(self) -> None:
        if self.path is not None:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
        if not self._db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'meta'").fetchone()[0]:
            if self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise DamagedStateError("its tables are missing")
            self._create()
        meta = dict(self._db.execute("SELECT name, value FROM meta"))
        try:
            version, rules_version = int(meta["layout"]), str(meta["rules_version"])
        except (KeyError, ValueError) as error:
            raise DamagedStateError("its description is missing") from error
        if version > LAYOUT_VERSION:
            raise NewerStateError(version)
        if version < LAYOUT_VERSION or rules_version != self.rules_version:
            raise IncompatibleStateError
        if bytes(meta.get("digest", b"")) != self._digest():
            raise DamagedStateError("its rows are not what was written")

    def _create(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for statement in _TABLES.split(";")[:-1]:
                self._db.execute(statement)
            meta = {
                "layout": LAYOUT_VERSION,
                "rules_version": self.rules_version,
                "generation": 0,
                "segment": 0,
                "source": 0,
            }
            meta |= dict.fromkeys(_COUNTS, 0)
            self._db.executemany("INSERT INTO meta VALUES (?, ?)", list(meta.items()))
            self._db.execute("INSERT INTO meta VALUES ('digest', ?)", (self._digest(),))
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def copy(self, directory: Path) -> IngestState:
        """The same in memory, its files named by where they are in ``directory``: for a run that may not write there."""
        other = IngestState(None, self.rules_version)
        self._db.backup(other._db)
        with _Transaction(other) as db:
            db.execute("UPDATE segments SET name = ? || name", (f"{directory}/",))
        return other

    def _digest(self) -> bytes:
        digest = xxhash.xxh3_128()
        for table, order in _ORDER.items():
            for row in self._db.execute(f"SELECT * FROM {table} ORDER BY {order}"):
                digest.update(repr(row).encode("utf-8", "surrogatepass"))
        for name in ("generation", "segment", "source", "rules_version", "layout", *_COUNTS):
            digest.update(repr(self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchall()).encode())
        return digest.digest()

    # What is there.

    @property
    def generation(self) -> int:
        """A number that changes when what can be asked of the store does."""
        return int(self._db.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()[0])

    def sources(self) -> dict[int, Source]:
        """Every log stream that was read, by number."""
        rows = self._db.execute(
            "SELECT source, first_line_hash, prefix_hash, length, digest, line_count, unterminated_line_start FROM sources"
        )
        return {row[0]: Source(*row) for row in rows}

    def paths(self) -> dict[str, KnownPath]:
        """What each path held when it was last looked at."""
        found = {}
        for path, source, device, inode, size, mtime_ns, ctime_ns, etag, *fingerprint in self._db.execute(
            "SELECT path, source, device, inode, size, mtime_ns, ctime_ns, etag, first_line_hash, prefix_hash, length, digest, pending, unterminated_line_start,"
            " decompression_error FROM paths"
        ):
            name = os.fsdecode(path)
            file = LogFile(name, int(device), int(inode), size, mtime_ns, ctime_ns, etag)
            found[name] = KnownPath(file, Fingerprint(*fingerprint), source)
        return found

    def segment_files(self, relation: str | None = None, *, aggregated: bool | None = None) -> list[SegmentFile]:
        """The files that count, in the order in which they were written."""
        rows = self._db.execute(
            "SELECT segment, relation, name, rows, bytes, checksum FROM segments WHERE (?1 IS NULL OR relation = ?1)"
            " AND (?2 IS NULL OR aggregated = ?2) ORDER BY segment, relation",
            (relation, aggregated),
        )
        return [SegmentFile(*row) for row in rows]

    def dead_rows(self) -> DeadRows:
        """The rows that do not count."""
        import numpy as np  # noqa: PLC0415  a run without anything new does without

        found = DeadRows()
        for relation, segment, superseded, rows in self._db.execute(
            "SELECT relation, segment, superseded, rows FROM dead_rows"
        ):
            kind = found.superseded if superseded else found.deleted
            kind[relation, segment] = np.frombuffer(rows, np.int64)
        return found

    def rewinds(self) -> list[tuple[int, int, int]]:
        """(source, byte offset, segment): what was read of a source from there on, before that segment, is read anew with it."""
        return self._db.execute("SELECT source, byte_offset, segment FROM rewinds").fetchall()

    def calls_to_retry(self) -> list[str]:
        """Calls whose transcripts could not be read when their outcome was worked out."""
        return [call_id for (call_id,) in self._db.execute("SELECT call_id FROM calls_to_retry")]

    def row_counts(self) -> RowCounts:
        """How many rows there are, as of the last aggregation."""
        meta = dict(self._db.execute("SELECT name, value FROM meta"))
        return RowCounts(**{name: int(meta[name]) for name in _COUNTS})

    def pending_bytes(self) -> int:
        """Bytes of incomplete last lines: of files that hold one log stream, those behind the longest."""
        longest: dict[object, tuple[int, int]] = {}
        for row, source, length, pending in self._db.execute("SELECT rowid, source, length, pending FROM paths"):
            stream = ("path", row) if source is None else source
            longest[stream] = max(longest.get(stream, (-1, 0)), (length, pending))
        return sum(pending for _, pending in longest.values())

    def next_segment(self) -> int:
        """The number of the next segment to be written."""
        return int(self._db.execute("SELECT value FROM meta WHERE name = 'segment'").fetchone()[0]) + 1

    def next_source(self) -> int:
        """The number of the next log stream that is new."""
        return int(self._db.execute("SELECT value FROM meta WHERE name = 'source'").fetchone()[0]) + 1

    # Changes, each a transaction.

    def add_segment(
        self,
        segment: int,
        files: Sequence[SegmentFile],
        sources: Iterable[Source],
        rewinds: Iterable[tuple[int, int]],
    ) -> None:
        """Rows that were read, and how far their sources are read with them."""
        with _Transaction(self) as db:
            db.executemany("INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, 0)", [_row(each) for each in files])
            rows = [
                (
                    s.number,
                    s.first_line_hash,
                    s.prefix_hash,
                    s.length,
                    s.digest,
                    s.line_count,
                    s.unterminated_line_start,
                )
                for s in sources
            ]
            db.executemany("INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            db.executemany("INSERT INTO rewinds VALUES (?, ?, ?)", [(*each, segment) for each in rewinds])
            db.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'segment'", (segment,))
            last = max((row[0] for row in rows), default=0)
            db.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'source'", (last,))

    def commit_aggregation(
        self,
        *,
        segment: int,
        files: Sequence[SegmentFile],
        dead: DeadRows,
        deleted_sources: Iterable[int],
        to_retry: Iterable[str],
        counts: RowCounts,
        compacted: Iterable[SegmentFile] = (),
    ) -> None:
        """All that was read counts from now on, with what was worked out from it.

        ``compacted`` are files whose rows are in ``files`` now.
        """
        with _Transaction(self) as db:
            keys = [(each.relation, each.segment) for each in compacted]
            db.executemany("DELETE FROM segments WHERE relation = ? AND segment = ?", keys)
            db.executemany("INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, 1)", [_row(each) for each in files])
            db.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'segment'", (segment,))
            db.execute("UPDATE segments SET aggregated = 1")
            db.execute("DELETE FROM dead_rows")
            for superseded, rows in ((0, dead.deleted), (1, dead.superseded)):
                db.executemany(
                    "INSERT INTO dead_rows VALUES (?, ?, ?, ?)",
                    [
                        (relation, number, superseded, each.tobytes())
                        for (relation, number), each in rows.items()
                        if len(each)
                    ],
                )
            self._drop_dead_files(dead)
            db.executemany("DELETE FROM sources WHERE source = ?", [(source,) for source in deleted_sources])
            db.execute("DELETE FROM rewinds")
            db.execute("DELETE FROM calls_to_retry")
            db.executemany("INSERT INTO calls_to_retry VALUES (?)", [(call_id,) for call_id in to_retry])
            db.executemany(
                "UPDATE meta SET value = ? WHERE name = ?", [(n, name) for name, n in asdict(counts).items()]
            )
            db.execute("UPDATE meta SET value = value + 1 WHERE name = 'generation'")
            db.execute("DELETE FROM reports")
        self.has_changed = True

    def _drop_dead_files(self, dead: DeadRows) -> None:
        for each in self.segment_files():
            if each.rows and len(dead.deleted.get((each.relation, each.segment), ())) == each.rows:
                key = (each.relation, each.segment)
                self._db.execute("DELETE FROM segments WHERE relation = ? AND segment = ?", key)
                self._db.execute("DELETE FROM dead_rows WHERE relation = ? AND segment = ?", key)
                if each.relation == "events":  # their operations go with them
                    self._db.execute(
                        "DELETE FROM segments WHERE relation = 'operations' AND segment = ?", (each.segment,)
                    )

    def replace_paths(self, paths: dict[str, KnownPath]) -> None:
        """What the paths hold now."""
        rows = [
            (
                os.fsencode(path),
                known.source,
                str(known.file.device),
                str(known.file.inode),
                known.file.size,
                known.file.mtime_ns,
                known.file.ctime_ns,
                known.fingerprint.first_line_hash,
                known.fingerprint.prefix_hash,
                known.fingerprint.length,
                known.fingerprint.digest,
                known.fingerprint.pending,
                known.fingerprint.unterminated_line_start,
                known.fingerprint.decompression_error,
                known.file.etag,
            )
            for path, known in paths.items()
        ]
        seen = "SELECT path, source, length, pending FROM paths ORDER BY path"
        with _Transaction(self) as db:
            before = db.execute(seen).fetchall()
            db.execute("DELETE FROM paths")
            db.executemany(f"INSERT INTO paths VALUES ({', '.join('?' * 15)})", rows)
            if db.execute(seen).fetchall() != before:
                db.execute("UPDATE meta SET value = value + 1 WHERE name = 'generation'")
                db.execute("DELETE FROM reports")

    # Reports.

    def get_report(self, key: bytes) -> bytes | None:
        """What is kept under a key, if nothing has changed since."""
        found = self._db.execute(
            "SELECT report FROM reports WHERE key = ? AND generation = ?", (key, self.generation)
        ).fetchone()
        return bytes(found[0]) if found else None

    def put_report(self, key: bytes, report: bytes, kept: int) -> None:
        """Keep a report, and of those that are kept the last few."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            number = self._db.execute("SELECT coalesce(max(number), 0) + 1 FROM reports").fetchone()[0]
            self._db.execute(
                "INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?)", (key, number, self.generation, report)
            )
            self._db.execute("DELETE FROM reports WHERE number <= ?", (number - kept,))
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # Summaries.

    def summary(self, key: bytes) -> Summary | None:
        """The summary that is kept under a key. It outlives changes of rows: see store/summarized_calls.py."""
        row = self._db.execute("SELECT name, calls, checksum FROM summaries WHERE key = ?", (key,)).fetchone()
        return Summary(row[0], bytes(row[1]), row[2]) if row else None

    def summary_files(self) -> list[str]:
        """The names of the files of all summaries."""
        return [name for (name,) in self._db.execute("SELECT name FROM summaries")]

    def put_summary(self, key: bytes, summary: Summary, kept: int) -> None:
        """Keep a summary, and of those that are kept the last few."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            number = self._db.execute("SELECT coalesce(max(number), 0) + 1 FROM summaries").fetchone()[0]
            row = (key, number, summary.name, summary.calls, summary.checksum)
            self._db.execute("INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?)", row)
            self._db.execute("DELETE FROM summaries WHERE number <= ?", (number - kept,))
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


class _Transaction:
    """All of it or nothing, with the digest of what there is afterwards."""

    def __init__(self, state: IngestState) -> None:
        self._state = state

    def __enter__(self) -> sqlite3.Connection:
        self._state._db.execute("BEGIN IMMEDIATE")  # noqa: SLF001  the ingest state's own
        return self._state._db  # noqa: SLF001

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        db: Any = self._state._db  # noqa: SLF001
        if kind is not None:
            db.execute("ROLLBACK")
            return
        try:
            db.execute("UPDATE meta SET value = ? WHERE name = 'digest'", (self._state._digest(),))  # noqa: SLF001
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def _row(file: SegmentFile) -> tuple[object, ...]:
    return file.segment, file.relation, file.name, file.rows, file.bytes, file.checksum
