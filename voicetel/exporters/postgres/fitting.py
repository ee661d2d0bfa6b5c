"""Which values do not fit the types that somebody else's tables have. Asked before anything is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from voicetel.exporters.postgres.existing_table import ExistingColumn, ExistingTable

LIMIT = 1000
"""Misfits that are looked for per column."""

_INTEGER_BITS = {"smallint": 15, "integer": 31, "bigint": 63}
_UUID = "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"


def misfits(connection: duckdb.DuckDBPyConnection, tables: Sequence[ExistingTable]) -> list[str]:
    """One sentence per value that a column cannot hold; where ids are no UUIDs, only of those."""
    found = _wrong_ids(connection, tables)
    if found:
        return found
    for table in tables:
        for column in table.columns:
            for condition, what in _conditions(column):
                ids = connection.execute(
                    f"SELECT DISTINCT call_id FROM export_{table.name} WHERE {condition} ORDER BY call_id LIMIT {LIMIT}"
                ).fetchall()
                found += [f"{table.name}.{column.name} of call {call_id} {what}" for (call_id,) in ids]
    return found


def _wrong_ids(connection: duckdb.DuckDBPyConnection, tables: Sequence[ExistingTable]) -> list[str]:
    if all(table.id_type != "uuid" for table in tables):
        return []
    wrong = connection.execute(
        f"SELECT call_id FROM export_call_metrics WHERE NOT regexp_full_match(call_id, '{_UUID}')"
        f" ORDER BY call_id LIMIT {LIMIT}"
    ).fetchall()
    twice = connection.execute(
        "SELECT min(call_id), max(call_id) FROM export_call_metrics"
        f" GROUP BY replace(lower(call_id), '-', '') HAVING count(*) > 1 ORDER BY 1 LIMIT {LIMIT}"
    ).fetchall()
    return [f"call id {call_id} is no UUID" for (call_id,) in wrong] + [
        f"call ids {one} and {other} are one UUID" for one, other in twice
    ]


def _conditions(column: ExistingColumn) -> Iterator[tuple[str, str]]:
    """SQL that is true of a value that the column cannot hold, and what to say of it."""
    name = column.name
    what = f"does not fit {column.type}"
    if column.not_null and name != "call_id":
        yield f"{name} IS NULL", "is NULL"
    if column.base == "enum":
        labels = ", ".join("'" + label.replace("'", "''") + "'" for label in column.labels)
        yield f"{name} NOT IN ({labels})", what
    if column.base in _INTEGER_BITS:
        limit = 2 ** _INTEGER_BITS[column.base]
        yield f"round({name}) >= {limit} OR round({name}) < -{limit}", what
    if match := re.fullmatch(r"numeric\((\d+),(\d+)\)", column.type):
        precision, scale = int(match[1]), int(match[2])
        yield f"abs(round(CAST({name} AS DOUBLE), {scale})) >= 1e{precision - scale}", what
    if match := re.fullmatch(r"character(?: varying)?\((\d+)\)", column.type):
        yield f"length({name}) > {match[1]}", what
