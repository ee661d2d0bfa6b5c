"""Which values do not fit the types that somebody else's tables have. Asked before anything is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from voicetel.exporters.postgres.existing_table import ExistingColumn, ExistingTable

LIMIT = 1000
"""Misfits that are looked for per column."""

_INTEGER_BITS = {"smallint": 15, "integer": 31, "bigint": 63}
_UUID = "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"


def misfits(connection: duckdb.DuckDBPyConnection, tables: Sequence[ExistingTable]) -> list[str]:
    """One sentence per value that a column cannot hold. Ids that are no UUID come first, once each."""
    found = _wrong_ids(connection, tables)
    for table in tables:
        for column in table.columns:
            condition = _misfit(column)
            if condition and not found:
                ids = connection.execute(
                    f"SELECT DISTINCT call_id FROM export_{table.name} WHERE {condition} ORDER BY call_id LIMIT {LIMIT}"
                ).fetchall()
                what = "is NULL" if condition.endswith("IS NULL") else f"does not fit {column.type}"
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


def _misfit(column: ExistingColumn) -> str | None:
    """SQL that is true of a value that does not fit; None where every value does."""
    name = column.name
    conditions = []
    if column.base == "enum":
        labels = ", ".join("'" + label.replace("'", "''") + "'" for label in column.labels)
        conditions.append(f"{name} NOT IN ({labels})")
    if column.base in _INTEGER_BITS:
        limit = 2 ** _INTEGER_BITS[column.base]
        conditions.append(f"(round({name}) >= {limit} OR round({name}) < -{limit})")
    if match := re.fullmatch(r"numeric\((\d+),(\d+)\)", column.type):
        precision, scale = int(match[1]), int(match[2])
        conditions.append(f"abs(round(CAST({name} AS DOUBLE), {scale})) >= 1e{precision - scale}")
    if match := re.fullmatch(r"character(?: varying)?\((\d+)\)", column.type):
        conditions.append(f"length({name}) > {match[1]}")
    if conditions:
        return " OR ".join(conditions)
    return f"{name} IS NULL" if column.not_null and name != "call_id" else None
