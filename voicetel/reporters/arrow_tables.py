"""Rows of a result as an Arrow table: what Parquet files and Polars frames are made of."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from voicetel.results.figure import without_none

if TYPE_CHECKING:
    from voicetel.results import RowColumn, Rows

MONEY = pa.decimal128(38, 24)
"""Exact: the places of a rate and of a quantity together."""

_TYPES = {int: pa.int64(), float: pa.float64(), datetime: pa.timestamp("us"), date: pa.date32()}


def arrow_table(rows: Rows) -> pa.Table:
    """Columns under the names they have in CSV. Money is an exact decimal, other numbers are int64 or float64.

    Times are UTC without a zone. What is unknown is null.
    """
    types = [_arrow_type(column) for column in rows.columns]
    cells = list(rows.cells())
    arrays = [pa.array([_value(row[index], kind) for row in cells], kind) for index, kind in enumerate(types)]
    return pa.table(arrays, names=[column.name for column in rows.columns])


def _arrow_type(column: RowColumn) -> pa.DataType:
    kind, _ = without_none(column.type)
    if kind is Decimal:
        return MONEY if column.figure.unit == "money" else pa.float64()
    return _TYPES.get(kind, pa.string())


def _value(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if kind == pa.string():
        return str(value.value if isinstance(value, Enum) else value)
    return float(value) if kind == pa.float64() else value
