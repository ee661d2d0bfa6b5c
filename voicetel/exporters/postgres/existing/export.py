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
from voicetel.exporters.postgres.existing import merge
from voicetel.exporters.postgres.existing.catalog import find_table
from voicetel.exporters.postgres.existing.row_shape import find_shape
from voicetel.exporters.postgres.existing.table import describe
from voicetel.exporters.postgres.existing.value_checks import mismatches
from voicetel.exporters.postgres.existing.views import create_views
from voicetel.exporters.postgres.sending import ARROW_ROWS, Counts, fill, send
from voicetel.exporters.rows import scratch
from voicetel.exporters.summary import ExportSummary, TableSummary
from voicetel.exporters.tables import CALL_LOGS, CALL_METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import duckdb

    from voicetel.exporters.postgres.existing.row_shape import RowPer
    from voicetel.exporters.postgres.existing.table import ExistingTable
    from voicetel.exporters.rows import Rows

LISTED = 5
"""Values that a message names; it counts them all."""

BATCH_ROWS = 50_000


def export_into_existing(
    rows: Rows,
    dsn: str,
    schema: str,
    *,
    row_per: RowPer | None = None,
    dry_run: bool = False,
    batch_rows: int = BATCH_ROWS,
    progress: Callable[[int], None] = lambda written_rows: None,
) -> ExportSummary:
    """Bring ``call_metrics`` and ``call_logs`` of ``schema`` up to date with the rows.

    ``row_per`` says what a row of ``call_logs`` is; None finds out. With ``dry_run`` everything is checked and nothing
    written. Raises VoicetelError for tables that cannot be filled, and with a list for calls that do not fit.
    """
    schemas.check_name(schema)
    with Database(dsn) as database, database.alone(schema):
        schemas.check_server(database)
        tables = _describe(database, schema)
        shape = find_shape(database, tables[CALL_LOGS.name], row_per)
        create_views(
            rows.connection, shape, counts_interruptions=tables[CALL_METRICS.name].must_fill("interruption_count")
        )
        _prepare(database, schema)
        _refuse_mismatches(rows, database, tables)
        summary = ExportSummary({name: TableSummary(_count(rows.connection, name)) for name in tables})
        if dry_run:
            return summary

        def open_lane() -> Database:
            lane = Database(dsn)
            _prepare(lane, schema)
            lane.execute(merge.CREATE_PAIRS)
            for table in tables.values():
                lane.execute(statements.create_stage(table.table, with_digest=False))
            return lane

        def write(lane: Database, name: str, has_known: bool) -> Counts:
            return _write(lane, tables[name], (shape.caller, shape.agent), with_text=rows.has_text)

        connection = rows.connection
        _make_sending(connection, batch_rows)
        with scratch(connection) as place:
            for name in tables:
                fill(connection, place, name, f"FROM existing_{name}")
            send(connection, place, list(tables), open_lane=open_lane, write=write, summary=summary, progress=progress)
        return summary


def _describe(database: Database, schema: str) -> dict[str, ExistingTable]:
    relations = {table: find_table(database, schema, table.name) for table in (CALL_METRICS, CALL_LOGS)}
    filled = tuple(relation.oid for relation in relations.values())
    tables = {table.name: describe(database, table, relation, filled) for table, relation in relations.items()}
    for table in tables.values():
        schemas.check_rights(database, {table.relation.label: table.relation.sql})
    return tables


def _write(lane: Database, table: ExistingTable, roles: tuple[str, str], *, with_text: bool) -> Counts:
    """Carry what is staged into one table; ``roles`` are those that the logs have there."""
    lane.rows(merge.lock_rows(table))
    _pair(lane, table)
    parking = None if table.is_one_row_per_call else merge.park_renumbered(table)
    if parking and lane.change(parking):
        _pair(lane, table)
    updating = merge.update(table, with_text=with_text)
    updated = lane.change(updating) if updating else 0
    deleted = 0 if table.is_one_row_per_call else lane.change(merge.delete_vanished(table, roles, with_text=with_text))
    if table.counts_ids_up:
        lane.execute(f"LOCK TABLE {table.relation.sql} IN SHARE ROW EXCLUSIVE MODE")
    inserted = lane.change(merge.insert(table))
    not_taken = 0
    if table.may_leave_out_rows:
        _pair(lane, table)
        not_taken = lane.value(merge.count_not_taken(table, with_text=with_text))
    return Counts(inserted, updated, deleted, not_taken)


def _pair(lane: Database, table: ExistingTable) -> None:
    for statement in merge.pair_rows(table):
        lane.execute(statement)


def _prepare(database: Database, schema: str) -> None:
    schemas.use(database, schema)
    database.execute("SET TimeZone TO 'UTC'")


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    return int(connection.sql(f"SELECT count(*) FROM existing_{name}").fetchall()[0][0])


def _make_sending(connection: duckdb.DuckDBPyConnection, batch_rows: int) -> None:
    """Make ``sending`` of all calls: what the tables have of them is not known before they are compared."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE sending AS SELECT call_id, true AS is_known,"
        f" CAST((sum(1 + turn_count) OVER (ORDER BY started_at, call_id) - 1) // {batch_rows} AS INTEGER) AS batch"
        f" FROM existing_{CALL_METRICS.name}"
    )


def _refuse_mismatches(rows: Rows, database: Database, tables: Mapping[str, ExistingTable]) -> None:
    found = mismatches(rows.connection, list(tables.values()))
    if not found:
        parents = {(*parent, table.id_type) for table in tables.values() for parent in table.parents}
        for parent in sorted(parents):
            found += [
                f"call {call_id} has no row in {parent[0]}" for call_id in _orphans(rows.connection, database, *parent)
            ]
    if found:
        needs_text = not rows.has_text and any(each.startswith("call_logs.content of") for each in found)
        more = f"; and {len(found) - LISTED} more" if len(found) > LISTED else ""
        raise VoicetelError(
            f"nothing was written, because this does not fit: {'; '.join(found[:LISTED])}{more}",
            hint="--with-text fills it, or change the table"
            if needs_text
            else "choose other calls with --since, --until or --agent, or change the tables",
        )


def _orphans(
    connection: duckdb.DuckDBPyConnection, database: Database, parent: str, column: str, id_type: str
) -> list[str]:
    """The ids of calls that the table ``parent`` does not have."""
    ids = connection.sql(f"SELECT call_id FROM existing_{CALL_METRICS.name}")
    with database.transaction():
        database.execute("CREATE TEMPORARY TABLE stage_ids (call_id text) ON COMMIT DROP")
        database.copy("stage_ids", ids.to_arrow_reader(ARROW_ROWS))
        rows = database.rows(
            "SELECT call_id FROM stage_ids AS s"
            f" WHERE NOT EXISTS (SELECT FROM {parent} AS p WHERE p.{column} = s.call_id::{id_type}) ORDER BY call_id"
        )
    return [call_id for (call_id,) in rows]
