"""Logs that were read, ready to be queried."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

    from voicetel.store.segments.ingest_state import IngestState
    from voicetel.store.summarized_calls import SummarizedCalls


PATHS_BY_STREAM_SQL = "(SELECT DISTINCT ON (stream_id) stream_id, path FROM known_files WHERE stream_id IS NOT NULL ORDER BY stream_id, length DESC, path)"
"""SQL for (stream_id, path): the longest of the files that hold a log stream, which all its lines are in; of equal ones the first by name."""


class LineCounts(NamedTuple):
    """Lines that do not count: rejected ones, those of a version or event that is not known, and bytes of last lines without an end."""

    rejected: int
    unsupported: int
    pending_bytes: int


@dataclass(frozen=True, slots=True)
class QuarantinedLine:
    """A line that does not count. ``line`` from 1, ``byte_offset`` from 0 (decompressed), ``bytes`` without the line end."""

    path: str
    line: int
    byte_offset: int
    bytes: int
    reason: str
    unsupported: bool


class StoreOpener(Protocol):
    """What opened a store, and opens the engine over it."""

    def opened(self) -> tuple[IngestState, Path]:
        """The ingest state and the directory of the store as it is now."""

    def check(self) -> object:
        """See that its files are what was written; it is rebuilt where they are not."""

    def warn(self, message: str) -> None:
        """Say what went wrong, once."""

    def connect(self) -> tuple[duckdb.DuckDBPyConnection, int]:
        """A connection with the relations, and of which generation their rows are."""

    def connect_remaining(self, summarized: SummarizedCalls) -> tuple[duckdb.DuckDBPyConnection, int]:
        """A connection with the relations of the calls that are not among ``summarized``, and of which generation their rows are."""


@dataclass(slots=True)
class Store:
    """Logs that were read. ``warnings`` is what went wrong on the way.

    ``connection`` has the relations; it is opened when it is first asked for, since a report that is kept needs none.
    """

    paths: tuple[str, ...]
    warnings: list[str]
    _opener: StoreOpener
    _connection: duckdb.DuckDBPyConnection | None = field(default=None)
    _generation: int | None = field(default=None)

    @property
    def state(self) -> IngestState:
        """The ingest state; another one once a damaged store was rebuilt."""
        return self._opener.opened()[0]

    @property
    def directory(self) -> Path:
        """Where the files of the store lie."""
        return self._opener.opened()[1]

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB with the relations ``calls``, ``turns``, ``operations``, ``usage``, ``events``, ``quarantine`` and ``known_files``."""
        if self._connection is None:
            self._connection, generation = self._opener.connect()
            self._note_generation(generation)
        return self._connection

    @property
    def generation(self) -> int:
        """The oldest generation of the rows that were read: another run may have changed those of the store since."""
        return self.state.generation if self._generation is None else self._generation

    def remaining(self, summarized: SummarizedCalls) -> Store:
        """A store of the calls that are not among ``summarized``: these alone are in its relations."""
        connection, generation = self._opener.connect_remaining(summarized)
        self._note_generation(generation)
        return Store(self.paths, self.warnings, self._opener, connection, generation)

    def _note_generation(self, generation: int) -> None:
        self._generation = generation if self._generation is None else min(self._generation, generation)

    def check(self) -> None:
        """See that its files are what was written; it is rebuilt where they are not, and ``state`` is another one then."""
        self._opener.check()

    def warn_of_changed_lines(self) -> None:
        """Say that lines are not what they were when they were read: a log was cut, replaced or taken away meanwhile."""
        self._opener.warn(
            "a log changed while it was read: tags, sources or words of some calls are missing; run it again"
        )

    def interrupt(self) -> None:
        """Stop the query that runs, if one does: it raises duckdb.InterruptException where it was asked. From any thread."""
        if self._connection is not None:
            self._connection.interrupt()

    def quarantined_lines(self, *, unsupported: bool | None = None) -> Iterator[QuarantinedLine]:
        """The lines that do not count, by path and line. ``unsupported`` narrows them to those of one kind."""
        cursor = self.connection.cursor()
        cursor.execute(
            "SELECT path, line, byte_offset, bytes, reason, unsupported FROM quarantine"
            f" JOIN {PATHS_BY_STREAM_SQL} USING (stream_id)"
            " WHERE $unsupported IS NULL OR unsupported = $unsupported ORDER BY path, line",
            {"unsupported": unsupported},
        )
        while rows := cursor.fetchmany(1000):
            for path, *rest in rows:
                yield QuarantinedLine(os.fsdecode(path), *rest)

    def number_of_calls(self) -> int:
        """How many calls there are, of all that were read."""
        return self.state.row_counts().calls

    def has_calls(self) -> bool:
        """Whether there is anything to answer from."""
        return self.number_of_calls() > 0

    def counts(self) -> LineCounts:
        """What of the logs does not count."""
        counts = self.state.row_counts()
        return LineCounts(counts.rejected, counts.unsupported, self.state.pending_bytes())
