"""The tables of docs/postgres.md, made from the one table of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.exporters.columns import POSTGRES_TYPES
from voicetel.exporters.postgres.schema import OWN_COLUMNS
from voicetel.exporters.tables import CALL_METRICS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.exporters.columns import Table


def columns_reference() -> str:
    """Markdown: for each table the column, our own name for the figure, its type and meaning."""
    return "\n".join(line for table in TABLES for line in _table(table))


def _table(table: Table) -> Iterator[str]:
    yield f"\n### {table.name}\n"
    yield f"One row per {table.grain}; unique in {', '.join(table.key)}.\n"
    yield "| column | our name | type | meaning |"
    yield "|---|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | `{column.ours}` | {POSTGRES_TYPES[column.kind]} | {column.doc} |"
    if table is CALL_METRICS:
        for name, (kind, doc) in OWN_COLUMNS.items():
            yield f"| `{name}` | — | {kind} | {doc} |"
