"""CSV: one header, exact numbers, empty where unknown. Text cells are guarded against spreadsheets, numbers are not."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from voicetel.reporters.table import exact
from voicetel.results import rows_of
from voicetel.text_safety import csv_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voicetel.reporters.table import Table
    from voicetel.results import Cell

_BUFFER_CHARS = 64 * 1024


def result_csv(result: Any, kind: Any) -> Iterator[str]:
    """A result of type ``kind`` as CSV: the figures have the names they have in JSON, after what they belong to."""
    rows = rows_of(result, kind)
    return rows_csv([column.name for column in rows.columns], rows.cells())


def table_csv(table: Table) -> Iterator[str]:
    """A table as CSV, without its row of totals: a total among the rows would be added up with them."""
    return rows_csv([column.name for column in table.columns], table.rows)


def rows_csv(names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Rows of cells as CSV, in pieces of some size."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([csv_text(cell) if isinstance(cell, str) else exact(cell) for cell in row])
        if buffer.tell() > _BUFFER_CHARS:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
