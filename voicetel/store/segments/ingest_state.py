"""What a store holds, in one SQLite file: which segments count, which of their rows do not, and how far each log is read.

A transaction of the ingest state is all there is to a change: files that it does not name do not exist.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from voicetel.store.ingest.fingerprints import Fingerprint, KnownFile, LogFile, StreamState
from voicetel.store.segments.files import SegmentFile
from voicetel.store.segments.row_counts import DeadRows, RowCounts
from voicetel.store.segments.state_database import ROW_COUNTS, StateDatabase
from voicetel.store.segments.stored_results import StoredResults

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class StoreSnapshot:
    """The files whose rows count, those of their rows that do not, and what each log file held: of one generation."""

    generation: int
    files: list[SegmentFile]
    dead: DeadRows
    known_files: dict[str, KnownFile]


class IngestState:
    """One store's ingest state. ``path`` None: in memory."""

    def __init__(self, path: Path | None, built_with: str) -> None:
        """Open it, or begin a new one.

        Raises DamagedStateError, NewerStateError, IncompatibleStateError where what is there cannot be gone on with.
        """
        self.path = path
        self.built_with = built_with
        self.has_changed = False
        """Whether rows came or went since it was opened."""
        self._database = StateDatabase(path, built_with)
        self._db = self._database.connection
        self.results = StoredResults(self._database)
        """What was computed from its rows."""

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def copy(self, directory: Path) -> IngestState:
        """The same in memory, its files named by where they are in ``directory``: for a run that may not write there."""
        other = IngestState(None, self.built_with)
        self._db.backup(other._db)
        with other._database.transaction() as db:
            db.execute("UPDATE segments SET name = ? || name", (f"{directory}/",))
        return other

    # What is there.

    @property
    def generation(self) -> int:
        """A number that changes when what can be asked of the store does."""
        return self._database.meta("generation")

    def streams(self) -> dict[int, StreamState]:
        """Every log stream that was read, by number."""
        rows = self._db.execute(
            "SELECT stream_id, first_line_hash, prefix_hash, length, digest, line_count, unterminated_line_start FROM streams"
        )
        return {row[0]: StreamState(*row) for row in rows}

    def known_files(self) -> dict[str, KnownFile]:
        """What each log file held when it was last looked at."""
        found = {}
        for path, stream_id, device, inode, size, mtime_ns, ctime_ns, etag, *fingerprint in self._db.execute(
            "SELECT path, stream_id, device, inode, size, mtime_ns, ctime_ns, etag, first_line_hash, prefix_hash, length, digest, pending_bytes, unterminated_line_start,"
            " decompression_error FROM known_files"
        ):
            name = os.fsdecode(path)
            file = LogFile(name, int(device), int(inode), size, mtime_ns, ctime_ns, etag)
            found[name] = KnownFile(file, Fingerprint(*fingerprint), stream_id)
        return found

    def segment_files(self, relation: str | None = None, *, aggregated: bool | None = None) -> list[SegmentFile]:
        """The files that count, in the order in which they were written."""
        rows = self._db.execute(
            "SELECT segment, relation, name, row_count, bytes, checksum FROM segments WHERE (?1 IS NULL OR relation = ?1)"
            " AND (?2 IS NULL OR aggregated = ?2) ORDER BY segment, relation",
            (relation, aggregated),
        )
        return [SegmentFile(*row) for row in rows]

    def dead_rows(self) -> DeadRows:
        """The rows that do not count."""
        import numpy as np  # noqa: PLC0415  a run without anything new does without

        found = DeadRows()
        for relation, segment, superseded, rows in self._db.execute(
            "SELECT relation, segment, superseded, row_numbers FROM dead_rows"
        ):
            kind = found.superseded if superseded else found.deleted
            kind[relation, segment] = np.frombuffer(rows, np.int64)
        return found

    def snapshot(self) -> StoreSnapshot:
        """The rows that count, as of one moment: another run may change them at any time."""
        while True:
            found = StoreSnapshot(
                self.generation, self.segment_files(aggregated=True), self.dead_rows(), self.known_files()
            )
            if self.generation == found.generation:
                return found

    def rewinds(self) -> list[tuple[int, int, int]]:
        """(stream_id, byte offset, segment): what was read of a log stream from there on, before that segment, is read anew with it."""
        return self._db.execute("SELECT stream_id, byte_offset, segment FROM rewinds").fetchall()

    def calls_to_retry(self) -> list[str]:
        """Calls whose transcripts could not be read when their outcome was worked out."""
        return [call_id for (call_id,) in self._db.execute("SELECT call_id FROM calls_to_retry")]

    def needs_aggregation(self) -> bool:
        """Whether anything was read since the last aggregation, or is to be tried again."""
        return bool(self.segment_files(aggregated=False) or self.rewinds() or self.calls_to_retry())

    def row_counts(self) -> RowCounts:
        """How many rows there are, as of the last aggregation."""
        meta = dict(self._db.execute("SELECT name, value FROM meta"))
        return RowCounts(**{name: int(meta[name]) for name in ROW_COUNTS})

    def pending_bytes(self) -> int:
        """Bytes of incomplete last lines: of files that hold one log stream, those behind the longest."""
        longest: dict[object, tuple[int, int]] = {}
        for row, stream_id, length, pending_bytes in self._db.execute(
            "SELECT rowid, stream_id, length, pending_bytes FROM known_files"
        ):
            stream = ("path", row) if stream_id is None else stream_id
            longest[stream] = max(longest.get(stream, (-1, 0)), (length, pending_bytes))
        return sum(pending_bytes for _, pending_bytes in longest.values())

    def next_segment(self) -> int:
        """The number of the next segment to be written."""
        return self._database.meta("last_segment") + 1

    def next_stream_id(self) -> int:
        """The number of the next log stream that is new."""
        return self._database.meta("last_stream_id") + 1

    # Changes, each a transaction.

    def add_segment(
        self,
        segment: int,
        files: Sequence[SegmentFile],
        streams: Iterable[StreamState],
        rewinds: Iterable[tuple[int, int]],
    ) -> None:
        """Rows that were read, and how far their log streams are read with them."""
        with self._database.transaction() as db:
            db.executemany("INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, 0)", [_segment_row(each) for each in files])
            rows = [
                (
                    s.stream_id,
                    s.first_line_hash,
                    s.prefix_hash,
                    s.length,
                    s.digest,
                    s.line_count,
                    s.unterminated_line_start,
                )
                for s in streams
            ]
            db.executemany("INSERT OR REPLACE INTO streams VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            db.executemany("INSERT INTO rewinds VALUES (?, ?, ?)", [(*each, segment) for each in rewinds])
            db.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'last_segment'", (segment,))
            last = max((row[0] for row in rows), default=0)
            db.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'last_stream_id'", (last,))

    def commit_aggregation(
        self,
        *,
        last_segment: int,
        files: Sequence[SegmentFile],
        dead: DeadRows,
        deleted_stream_ids: Iterable[int],
        to_retry: Iterable[str],
        counts: RowCounts,
        compacted: Iterable[SegmentFile] = (),
    ) -> None:
        """All that was read counts from now on, with what was worked out from it.

        ``compacted`` are files whose rows are in ``files`` now.
        """
        with self._database.transaction() as db:
            keys = [(each.relation, each.segment) for each in compacted]
            db.executemany("DELETE FROM segments WHERE relation = ? AND segment = ?", keys)
            db.executemany("INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, 1)", [_segment_row(each) for each in files])
            db.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'last_segment'", (last_segment,))
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
            self._drop_deleted_files(dead)
            db.executemany(
                "DELETE FROM streams WHERE stream_id = ?", [(stream_id,) for stream_id in deleted_stream_ids]
            )
            db.execute("DELETE FROM rewinds")
            db.execute("DELETE FROM calls_to_retry")
            db.executemany("INSERT INTO calls_to_retry VALUES (?)", [(call_id,) for call_id in to_retry])
            db.executemany(
                "UPDATE meta SET value = ? WHERE name = ?", [(n, name) for name, n in asdict(counts).items()]
            )
            db.execute("UPDATE meta SET value = value + 1 WHERE name = 'generation'")
            db.execute("DELETE FROM reports")
        self.has_changed = True

    def _drop_deleted_files(self, dead: DeadRows) -> None:
        """Let go of files whose rows are deleted, all of them: rows that are superseded may count again."""
        for each in self.segment_files():
            if each.row_count and len(dead.deleted.get((each.relation, each.segment), ())) == each.row_count:
                key = (each.relation, each.segment)
                self._db.execute("DELETE FROM segments WHERE relation = ? AND segment = ?", key)
                self._db.execute("DELETE FROM dead_rows WHERE relation = ? AND segment = ?", key)
                if each.relation == "events":  # their operations go with them
                    self._db.execute(
                        "DELETE FROM segments WHERE relation = 'operations' AND segment = ?", (each.segment,)
                    )

    def replace_known_files(self, known_files: dict[str, KnownFile]) -> None:
        """What the log files hold now, by path."""
        rows = [
            (
                os.fsencode(path),
                known.stream_id,
                str(known.file.device),
                str(known.file.inode),
                known.file.size,
                known.file.mtime_ns,
                known.file.ctime_ns,
                known.fingerprint.first_line_hash,
                known.fingerprint.prefix_hash,
                known.fingerprint.length,
                known.fingerprint.digest,
                known.fingerprint.pending_bytes,
                known.fingerprint.unterminated_line_start,
                known.fingerprint.decompression_error,
                known.file.etag,
            )
            for path, known in known_files.items()
        ]
        seen = "SELECT path, stream_id, length, pending_bytes FROM known_files ORDER BY path"
        with self._database.transaction() as db:
            before = db.execute(seen).fetchall()
            db.execute("DELETE FROM known_files")
            db.executemany(f"INSERT INTO known_files VALUES ({', '.join('?' * 15)})", rows)
            if db.execute(seen).fetchall() != before:
                db.execute("UPDATE meta SET value = value + 1 WHERE name = 'generation'")
                db.execute("DELETE FROM reports")


def _segment_row(file: SegmentFile) -> tuple[object, ...]:
    return file.segment, file.relation, file.name, file.row_count, file.bytes, file.checksum
