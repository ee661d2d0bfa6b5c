"""Exports into tables that are there already and belong to somebody else: ``--existing``.

Columns are filled by name, as far as the tables have them and in the types that they have. Nothing about the tables is
changed and nothing is remembered in them, so every run compares what the logs say with what stands there, call by call.
Whatever does not fit is found and said before the first row is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.errors import VoicetelError
from voicetel.exporters.postgres import schema as schemas
from voicetel.exporters.postgres import statements
from voicetel.exporters.postgres.database import Database
from voicetel.exporters.postgres.existing_table import ExistingTable, describe
from voicetel.exporters.postgres.fitting import misfits
from voicetel.exporters.postgres.sending import ARROW_ROWS, Counts, fill, send
from voicetel.exporters.rows import scratch
from voicetel.exporters.summary import ExportSummary, TableSummary
from voicetel.exporters.tables import CALL_LOGS, CALL_METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import duckdb

    from voicetel.exporters.rows import Rows

LISTED = 5
"""Misfits that a message names; it counts them all."""

BATCH_ROWS = 50_000


def export_into_existing(
    rows: Rows,
    dsn: str,
    schema: str,
    *,
    dry_run: bool = False,
    batch_rows: int = BATCH_ROWS,
    progress: Callable[[int], None] = lambda written_rows: None,
) -> ExportSummary:
    """Bring ``call_metrics`` and ``call_logs`` of ``schema`` up to date with the rows.

    With ``dry_run`` everything is checked and nothing written. Raises VoicetelError for tables that cannot be filled, and
    with a list for calls that do not fit.
    """
    with Database(dsn) as database, database.alone(schema):
        schemas.check_server(database)
        tables = {table.name: describe(database, schema, table) for table in (CALL_METRICS, CALL_LOGS)}
        schemas.check_rights(database, schema, list(tables))
        _prepare(database, schema)
        _refuse_misfits(rows.connection, database, tables)
        summary = ExportSummary({name: TableSummary(rows.count(table.table)) for name, table in tables.items()})
        if dry_run:
            return summary

        def open_lane() -> Database:
            lane = Database(dsn)
            _prepare(lane, schema)
            for table in tables.values():
                lane.execute(statements.create_stage(table.table, with_digest=False))
            return lane

        def write(lane: Database, name: str, has_known: bool) -> Counts:
            table = tables[name]
            updated = lane.value(table.update()) if table.is_one_row_per_call else 0
            deleted = 0 if table.is_one_row_per_call else lane.value(table.delete_changed())
            return lane.value(table.insert_missing()), updated, deleted

        connection = rows.connection
        _make_sending(connection, batch_rows)
        with scratch(connection) as place:
            for name in tables:
                fill(connection, place, name, f"FROM export_{name}")
            send(connection, place, list(tables), open_lane=open_lane, write=write, summary=summary, progress=progress)
        return summary


def _prepare(database: Database, schema: str) -> None:
    schemas.use(database, schema)
    database.execute("SET TimeZone TO 'UTC'")


def _make_sending(connection: duckdb.DuckDBPyConnection, batch_rows: int) -> None:
    """Make ``sending`` of all calls: what the tables have of them is not known before they are compared."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE sending AS SELECT call_id, true AS is_known,"
        f" CAST((sum(1 + turn_count) OVER (ORDER BY started_at, call_id) - 1) // {batch_rows} AS INTEGER) AS batch"
        f" FROM export_{CALL_METRICS.name}"
    )


def _refuse_misfits(
    connection: duckdb.DuckDBPyConnection, database: Database, tables: Mapping[str, ExistingTable]
) -> None:
    found = misfits(connection, list(tables.values()))
    if not found:
        parents = {(*parent, table.id_type) for table in tables.values() for parent in table.parents}
        for parent in sorted(parents):
            found += [
                f"call {call_id} has no row in {parent[0]}" for call_id in _orphans(connection, database, *parent)
            ]
    if found:
        more = f"; and {len(found) - LISTED} more" if len(found) > LISTED else ""
        raise VoicetelError(
            f"nothing was written, because this does not fit: {'; '.join(found[:LISTED])}{more}",
            hint="choose other calls with --since, --until or --agent, or mend the tables",
        )


def _orphans(
    connection: duckdb.DuckDBPyConnection, database: Database, parent: str, column: str, id_type: str
) -> list[str]:
    """The ids of calls that the table ``parent`` does not have."""
    ids = connection.sql("SELECT call_id FROM export_call_metrics")
    with database.transaction():
        database.execute("CREATE TEMPORARY TABLE stage_ids (call_id text) ON COMMIT DROP")
        database.copy("stage_ids", ids.to_arrow_reader(ARROW_ROWS))
        rows = database.rows(
            "SELECT call_id FROM stage_ids AS s"
            f" WHERE NOT EXISTS (SELECT FROM {parent} AS p WHERE p.{column} = s.call_id::{id_type}) ORDER BY call_id"
        )
    return [call_id for (call_id,) in rows]
