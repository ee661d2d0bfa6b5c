"""What was computed from the rows of a store and is kept beside them: reports, and files of summaries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicetel.store.segments.state_database import StateDatabase


@dataclass(frozen=True, slots=True)
class Summary:
    """The file of a summary and its checksum, and of which calls it is: an encoded ``SummarizedCalls``."""

    name: str
    summarized_calls: bytes
    checksum: str


class StoredResults:
    """The reports and summaries of one ingest state."""

    def __init__(self, database: StateDatabase) -> None:
        self._database = database
        self._db = database.connection

    def get_report(self, key: bytes) -> bytes | None:
        """What is kept under a key, if nothing has changed since."""
        found = self._db.execute(
            "SELECT report FROM reports WHERE key = ? AND generation = ?", (key, self._database.meta("generation"))
        ).fetchone()
        return bytes(found[0]) if found else None

    def put_report(self, key: bytes, report: bytes, max_kept: int, generation: int) -> None:
        """Keep a report over the rows of a generation, if it is still this one, and of those that are kept the last few."""
        with self._database.transaction_outside_digest() as db:
            if self._database.meta("generation") != generation:
                return
            number = db.execute("SELECT coalesce(max(number), 0) + 1 FROM reports").fetchone()[0]
            db.execute("INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?)", (key, number, generation, report))
            db.execute("DELETE FROM reports WHERE number <= ?", (number - max_kept,))

    def summary(self, key: bytes) -> Summary | None:
        """The summary that is kept under a key. It outlives changes of rows: see store/summarized_calls.py."""
        row = self._db.execute(
            "SELECT name, summarized_calls, checksum FROM summaries WHERE key = ?", (key,)
        ).fetchone()
        return Summary(row[0], bytes(row[1]), row[2]) if row else None

    def summary_files(self) -> list[str]:
        """The names of the files of all summaries."""
        return [name for (name,) in self._db.execute("SELECT name FROM summaries")]

    def put_summary(self, key: bytes, summary: Summary, max_kept: int) -> None:
        """Keep a summary, and of those that are kept the last few."""
        with self._database.transaction_outside_digest() as db:
            number = db.execute("SELECT coalesce(max(number), 0) + 1 FROM summaries").fetchone()[0]
            row = (key, number, summary.name, summary.summarized_calls, summary.checksum)
            db.execute("INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?)", row)
            db.execute("DELETE FROM summaries WHERE number <= ?", (number - max_kept,))
