"""Many rows in a temporary file, read again column by column, or some rows at a time, so that memory never holds all of them."""

from __future__ import annotations

import tempfile
import weakref
from typing import IO, TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

BATCH_ROWS = 50_000
"""So many rows are read of the engine and written at once."""


class RowFile:
    """Rows that were written. Its file has no name, and is gone with it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._stored = pq.ParquetFile(file)
        self.num_rows: int = self._stored.metadata.num_rows
        self.schema: pa.Schema = self._stored.schema_arrow
        weakref.finalize(self, file.close)

    def column(self, name: str) -> pa.ChunkedArray:
        """One column. Raises KeyError for a name that none has."""
        self.schema.field(name)
        return self._stored.read(columns=[name]).column(0)

    def take(self, indexes: NDArray[np.int64], names: Sequence[str]) -> pa.Table:
        """These columns of the rows with these indexes, from 0, in this order."""
        order = np.argsort(indexes, kind="stable")
        ascending = indexes[order]
        pieces, begin = [self.schema.empty_table().select(names)], 0
        for number in range(self._stored.num_row_groups):
            end = begin + self._stored.metadata.row_group(number).num_rows
            low, high = np.searchsorted(ascending, [begin, end]).tolist()
            if low < high:
                pieces.append(self._row_group(number, names).take(pa.array(ascending[low:high] - begin)))
            begin = end
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return pa.concat_tables(pieces).take(pa.array(back))

    def tables(self, names: Sequence[str]) -> Iterator[pa.Table]:
        """These columns of all rows in their order, some at a time."""
        return (self._row_group(number, names) for number in range(self._stored.num_row_groups))

    def _row_group(self, number: int, names: Sequence[str]) -> pa.Table:
        # The columns of a file come in its own order.
        return self._stored.read_row_group(number, columns=list(names)).select(names)


class RowFileWriter:
    """Writes rows of one schema, that of the first of them. A context manager: what is not finished at its end is gone.

    ``directory``: where the file is, None for the system's own place.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(prefix="voicetel-", dir=directory)  # noqa: SIM115  it goes on as that of a RowFile
        self._writer: pq.ParquetWriter | None = None
        self._is_finished = False
        self.num_rows = 0

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Delete the file, unless it was finished."""
        if not self._is_finished:
            if self._writer is not None:
                self._writer.close()
            self._file.close()

    def add(self, rows: pa.RecordBatchReader) -> None:
        """Write some more rows."""
        if self._writer is None:
            texts = [field.name for field in rows.schema if pa.types.is_string(field.type)]
            self._writer = pq.ParquetWriter(self._file, rows.schema, compression="lz4", use_dictionary=texts)
        for batch in rows:
            self._writer.write_batch(batch)
            self.num_rows += batch.num_rows

    def finish(self) -> RowFile:
        """The rows that were written: ``add`` was called at least once."""
        if self._writer is None:
            raise AssertionError
        self._writer.close()
        self._is_finished = True
        return RowFile(self._file)
