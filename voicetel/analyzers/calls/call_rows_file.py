"""The rows of ``voicetel calls`` in a file: five gigabytes of logs have more of them than memory should hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from voicetel.analyzers.core.bounded_memory.row_file import RowFile

ROWS_AT_ONCE = 50_000
"""Rows in another order than that of the file are collected of all of it, so many at a time."""


class CallRowsFile:
    """Rows of a file as those of an Arrow table, each read when it is asked for.

    ``indexes``: which of the rows, ``names``: which of their columns; None for all.
    """

    def __init__(
        self,
        rows: RowFile,
        metadata: Mapping[str, str],
        indexes: NDArray[np.int64] | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        self._rows = rows
        self._metadata = dict(metadata)
        self._indexes = indexes
        self._names = list(rows.schema.names if names is None else names)

    @property
    def num_rows(self) -> int:
        """How many calls there are."""
        return self._rows.num_rows if self._indexes is None else len(self._indexes)

    @property
    def schema(self) -> pa.Schema:
        """The columns, with what makes amounts doubtful in the metadata."""
        return pa.schema([self._rows.schema.field(name) for name in self._names], self._metadata)

    @property
    def column_names(self) -> list[str]:
        """The names of the columns."""
        return list(self._names)

    def column(self, name: str) -> pa.ChunkedArray:
        """One of them. Raises KeyError for a name that none has."""
        column = self._rows.column(name)
        return column if self._indexes is None else column.take(pa.array(self._indexes))

    def select(self, names: Sequence[str]) -> CallRowsFile:
        """The same rows with these columns, in this order. Raises KeyError for a name that none has."""
        for name in names:
            self._rows.schema.field(name)
        return CallRowsFile(self._rows, self._metadata, self._indexes, names)

    def take(self, indexes: Sequence[int]) -> CallRowsFile:
        """The rows with these indexes, from 0, in this order."""
        wanted = np.asarray(indexes, dtype=np.int64)
        kept = wanted if self._indexes is None else self._indexes[wanted]
        return CallRowsFile(self._rows, self._metadata, kept, self._names)

    def slice(self, offset: int, length: int | None = None) -> CallRowsFile:
        """So many rows from ``offset`` on; None is all that follow."""
        if offset == 0 and (length is None or length >= self.num_rows):
            return self
        end = self.num_rows if length is None else min(self.num_rows, offset + length)
        return self.take(range(offset, end))

    def tables(self) -> Iterator[pa.Table]:
        """The rows in their order, some at a time."""
        if self._indexes is None:
            yield from self._rows.tables(self._names)
            return
        for first in range(0, len(self._indexes), ROWS_AT_ONCE):
            yield self._rows.take(self._indexes[first : first + ROWS_AT_ONCE], self._names)

    def to_batches(self, max_chunksize: int) -> Iterator[pa.RecordBatch]:
        """The same in batches of at most so many rows."""
        for table in self.tables():
            yield from table.to_batches(max_chunksize=max_chunksize)

    def to_table(self) -> pa.Table:
        """All rows, in memory."""
        pieces = list(self.tables()) or [self.schema.empty_table()]
        return pa.concat_tables(pieces).replace_schema_metadata(self._metadata)
