"""Whether a cached store has what its logs have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.store.column_types import usage_column_names
from voicetel.store.store import LONGEST_PATHS

if TYPE_CHECKING:
    import duckdb

_TOTALS = ", ".join(f"sum({name}) AS {name}" for name in ("operations", "charged", *usage_column_names()))

_RELATIONS = {
    "calls": "SELECT * FROM calls",
    "turns": "SELECT * EXCLUDE (source) FROM turns",
    "operations": "SELECT * EXCLUDE (source) FROM operations",
    "marks": "SELECT line_key, call_id, ts, kind, value, count FROM events WHERE event = 'mark'",
    "usage": f"SELECT call_id, day, stage, provider, model, currency, used, {_TOTALS} FROM usage GROUP BY ALL",
    "quarantine": "SELECT path, line, byte_offset, bytes, unsupported, reason FROM quarantine"
    f" JOIN {LONGEST_PATHS} USING (source)",
}
"""Name → what of it follows from the logs alone: numbers of sources and segments depend on how they came to be read."""


def checksums(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Of every relation of a store: its number of rows and a sum of their hashes, whatever their order.

    Two stores of one DuckDB version with equal checksums hold the same, to the last digit. DuckDB's hash gives some bytes of
    a text little weight: the row as a text, moved by three bytes, makes up for it.
    """
    found = {}
    row_hash = "xor(hash(each), hash('---' || CAST(each AS VARCHAR)))"
    for name, rows in _RELATIONS.items():
        query = f"SELECT count(*), coalesce(sum(CAST({row_hash} AS HUGEINT)), 0) FROM ({rows}) AS each"
        ((count, digest),) = connection.execute(query).fetchall()
        found[name] = (int(count), int(digest))
    return found
