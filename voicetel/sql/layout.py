"""Rows of a query as a table for people and as CSV."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa

from voicetel.errors import UsageError
from voicetel.pricing.money import round_half_up
from voicetel.reporters.csv_rows import rows_csv
from voicetel.reporters.document import Document, Section
from voicetel.reporters.layouts.notes import far_off_notes, rate_warnings
from voicetel.reporters.table import Column, Table, exact
from voicetel.results import CellFormat
from voicetel.sql.results import cells, column_names
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.results import Cell
    from voicetel.sql.run import QueryResult

PLACES = 4
"""Of a fraction in a table for people; every other format has all of them."""


def rows_document(found: QueryResult) -> Document:
    """A table with the query's own names. Whole numbers stand in full, for one may be a year; others to four places."""
    columns = tuple(
        Column(name, visible(name), _format(field.type))
        for name, field in zip(column_names(found.table), found.table.schema, strict=True)
    )
    table = Table(columns, [[_text(cell) for cell in row] for row in cells(found.table)])
    notes, warnings = tuple(far_off_notes(found.rate_notes)), tuple(rate_warnings(found.rate_notes))
    return Document((), (Section(table=table),), notes, warnings)


def query_csv(found: QueryResult) -> Iterator[str]:
    """CSV with the query's own names."""
    return rows_csv([visible(name) for name in column_names(found.table)], cells(found.table))


def parquet_table(found: QueryResult) -> pa.Table:
    """The rows in their own types. Raises UsageError for a type that Parquet does not have."""
    for field in found.table.schema:
        if pa.types.is_interval(field.type) or pa.types.is_union(field.type):
            raise UsageError(f"Parquet has no {field.type}", hint=f"cast {visible(field.name)}, or use --json")
    return found.table.rename_columns(column_names(found.table))


def _text(cell: Cell) -> str:
    """A cell as it is read: a fraction to four places, a small one to four figures."""
    if not isinstance(cell, (float, Decimal)) or not math.isfinite(cell):
        return exact(cell)
    number = Decimal(repr(cell)) if isinstance(cell, float) else cell
    places = max(PLACES, PLACES - 1 - number.adjusted()) if number else 0
    text = f"{round_half_up(number, places):zf}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _format(kind: pa.DataType) -> CellFormat:
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if pa.types.is_temporal(kind):
        return CellFormat.WHOLE
    return CellFormat.QUANTITY if is_number else CellFormat.TEXT
