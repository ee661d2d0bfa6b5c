"""What answers are made of: results whose fields say their name, unit, meaning and format once.

``figure`` describes a field, ``to_json`` and ``schema_of`` give JSON and its schema, ``row_columns`` the columns of CSV and
tables. Standard library only.
"""

from __future__ import annotations

from voicetel.results.columns import Cell, RowColumn, row_columns
from voicetel.results.encode import SCHEMA_VERSION, digits, encode, encode_row, number, rfc3339, to_json
from voicetel.results.figure import CellFormat, Figure, figure, figures_of, members_of, result
from voicetel.results.groups import Group, Grouped, ResultRow, ResultTable
from voicetel.results.reference import reference
from voicetel.results.rows import Rows, rows_of
from voicetel.results.schema import list_schema, object_schema, row_schema, schema_of, value_schema

__all__ = [
    "SCHEMA_VERSION",
    "Cell",
    "CellFormat",
    "Figure",
    "Group",
    "Grouped",
    "ResultRow",
    "ResultTable",
    "RowColumn",
    "Rows",
    "digits",
    "encode",
    "encode_row",
    "figure",
    "figures_of",
    "list_schema",
    "members_of",
    "number",
    "object_schema",
    "reference",
    "result",
    "rfc3339",
    "row_columns",
    "row_schema",
    "rows_of",
    "schema_of",
    "to_json",
    "value_schema",
]
