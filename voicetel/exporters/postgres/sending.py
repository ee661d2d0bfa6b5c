"""Rows on their way into staging tables: whole calls, so many rows at a time, each batch one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from voicetel.exporters.rows import scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import duckdb

    from voicetel.exporters.postgres.database import Database
    from voicetel.exporters.summary import ExportSummary

ARROW_ROWS = 20_000
"""Rows that Python holds at once."""

Counts: TypeAlias = tuple[int, int, int]
"""Rows inserted, updated, deleted."""


def send(
    connection: duckdb.DuckDBPyConnection,
    database: Database,
    sources: Mapping[str, str],
    *,
    write: Callable[[str, bool], Counts],
    summary: ExportSummary,
    progress: Callable[[int], None],
) -> None:
    """Send the calls of ``sending`` (call_id, is_known, batch).

    ``sources`` has for each table the SQL that selects what its staging table gets, call_id among it. ``write(table,
    has_known)`` carries that into the table; ``has_known`` says that some of the batch's calls are in the database.
    """
    with scratch(connection) as place:
        # Computed once for all batches, and on disk: as a whole it may be larger than memory.
        for name, source in sources.items():
            connection.execute(
                f"CREATE TABLE {place}.{name} AS SELECT batch, rows.* FROM ({source}) AS rows JOIN sending USING (call_id)"
            )
        for batch, has_known in connection.sql(
            "SELECT batch, bool_or(is_known) FROM sending GROUP BY batch ORDER BY batch"
        ).fetchall():
            with database.transaction():
                for name in sources:
                    rows = connection.sql(f"SELECT * EXCLUDE (batch) FROM {place}.{name} WHERE batch = {int(batch)}")
                    database.copy(f"stage_{name}", rows.to_arrow_reader(ARROW_ROWS))
                counts = {name: write(name, has_known) for name in sources}
            for name, (inserted, updated, deleted) in counts.items():
                summary.tables[name].add(inserted, updated, deleted)
            progress(sum(inserted + updated for inserted, updated, _ in counts.values()))
