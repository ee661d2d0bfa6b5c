"""Which values do not fit the types that somebody else's tables have. Asked before anything is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from voicetel.exporters.postgres.existing.catalog import ExistingColumn
    from voicetel.exporters.postgres.existing.table import ExistingTable

LIMIT = 1000
"""Misfits that are looked for per column."""

_INTEGER_BITS = {"smallint": 15, "integer": 31, "bigint": 63}
_UUID = "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"


def mismatches(connection: duckdb.DuckDBPyConnection, tables: Sequence[ExistingTable]) -> list[str]:
    """One sentence per value that a column cannot hold; where ids are no UUIDs, only of those."""
    found = _wrong_ids(connection, tables)
    if found:
        return found
    for table in tables:
        for column in table.columns:
            for condition, what in _conditions(column):
                ids = connection.execute(
                    f"SELECT DISTINCT call_id FROM existing_{table.name} WHERE {condition} ORDER BY call_id LIMIT {LIMIT}"
                ).fetchall()
                found += [f"{table.name}.{column.name} of call {call_id} {what}" for (call_id,) in ids]
    return found


def _wrong_ids(connection: duckdb.DuckDBPyConnection, tables: Sequence[ExistingTable]) -> list[str]:
    """Ids that the type of call_id cannot hold, or cannot tell apart: a char's end in blanks is no part of it."""
    bases = {column.base for table in tables if (column := table.column("call_id"))}
    found = []
    if "uuid" in bases:
        wrong = connection.execute(
            f"SELECT call_id FROM existing_call_metrics WHERE NOT regexp_full_match(call_id, '{_UUID}')"
            f" ORDER BY call_id LIMIT {LIMIT}"
        ).fetchall()
        found += [f"call id {call_id} is no UUID" for (call_id,) in wrong]
        found += _alike(connection, "replace(lower(call_id), '-', '')", "are one UUID")
    if "character" in bases:
        found += _alike(
            connection, "rtrim(call_id, ' ')", "differ in blanks at their end, which character does not keep"
        )
    return found


def _alike(connection: duckdb.DuckDBPyConnection, expression: str, what: str) -> list[str]:
    pairs = connection.execute(
        "SELECT min(call_id), max(call_id) FROM existing_call_metrics"
        f" GROUP BY {expression} HAVING count(*) > 1 ORDER BY 1 LIMIT {LIMIT}"
    ).fetchall()
    return [f"call ids {one!r} and {other!r} {what}" for one, other in pairs]


def _conditions(column: ExistingColumn) -> Iterator[tuple[str, str]]:
    """SQL that is true of a value that the column cannot hold, and what to say of it."""
    name = column.ours
    what = f"does not fit {column.held}"
    if column.not_null and name != "call_id" and column.default_text is None:
        yield f"{name} IS NULL", "is NULL"
    if column.base == "enum":
        labels = ", ".join("'" + label.replace("'", "''") + "'" for label in column.values)
        yield f"{name} NOT IN ({labels})", what
    if column.base in _INTEGER_BITS:
        limit = 2 ** _INTEGER_BITS[column.base]
        yield f"round({name}) >= {limit} OR round({name}) < -{limit}", what
    if match := re.fullmatch(r"numeric\((\d+),(-?\d+)\)", column.held):
        precision, scale = int(match[1]), int(match[2])
        yield f"abs(round(CAST({name} AS DOUBLE), {scale})) >= 1e{precision - scale}", what
    if column.base == "real":
        yield f"abs({name}) > 3.4028234e38", what
    if match := re.fullmatch(r"character(?: varying)?\((\d+)\)", column.held):
        yield f"length({name}) > {match[1]}", what
