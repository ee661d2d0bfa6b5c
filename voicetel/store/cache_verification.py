"""Whether a cached store has what its logs have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.store.column_types import usage_column_names
from voicetel.store.store import PATHS_BY_STREAM_SQL

if TYPE_CHECKING:
    import duckdb

_TOTALS_SQL = ", ".join(f"sum({name}) AS {name}" for name in ("operations", "charged", *usage_column_names()))

_COMPARED_SQL = {
    "calls": "SELECT * FROM calls",
    "turns": "SELECT * EXCLUDE (stream_id) FROM turns",
    "operations": "SELECT * EXCLUDE (stream_id) FROM operations",
    "marks": "SELECT line_key, call_id, ts, kind, value, count FROM events WHERE event = 'mark'",
    "usage": f"SELECT call_id, day, stage, provider, model, currency, quantity_bits, {_TOTALS_SQL} FROM usage GROUP BY ALL",
    "quarantine": "SELECT path, line, byte_offset, bytes, unsupported, reason FROM quarantine"
    f" JOIN {PATHS_BY_STREAM_SQL} USING (stream_id)",
}
"""Name → what of it follows from the logs alone: numbers of log streams and segments depend on how they came to be read."""


def checksums(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Of every relation of a store: its number of rows and a sum of their hashes, whatever their order.

    Two stores of one DuckDB version with equal checksums hold the same, to the last digit. DuckDB's hash gives some bytes of
    a text little weight: the row as a text, moved by three bytes, makes up for it.
    """
    found = {}
    row_hash = "xor(hash(each), hash('---' || CAST(each AS VARCHAR)))"
    for name, rows_sql in _COMPARED_SQL.items():
        query = f"SELECT count(*), coalesce(sum(CAST({row_hash} AS HUGEINT)), 0) FROM ({rows_sql}) AS each"
        ((count, digest),) = connection.execute(query).fetchall()
        found[name] = (int(count), int(digest))
    return found
