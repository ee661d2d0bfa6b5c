"""Rows of a query as a table for people and as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from voicetel.reporters.csv_rows import rows_csv
from voicetel.reporters.document import Document, Section
from voicetel.reporters.table import Column, Table, exact
from voicetel.results import CellFormat
from voicetel.sql.results import cells, column_names
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.sql.run import QueryResult


def rows_document(found: QueryResult) -> Document:
    """A table with the query's own names, and values in full: a number may be a year."""
    columns = tuple(
        Column(name, visible(name), _format(field.type))
        for name, field in zip(column_names(found.table), found.table.schema, strict=True)
    )
    return Document((), (Section(table=Table(columns, [[exact(cell) for cell in row] for row in cells(found.table)])),))


def query_csv(found: QueryResult) -> Iterator[str]:
    """CSV with the query's own names."""
    return rows_csv([visible(name) for name in column_names(found.table)], cells(found.table))


def _format(kind: pa.DataType) -> CellFormat:
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return CellFormat.QUANTITY if is_number else CellFormat.TEXT
