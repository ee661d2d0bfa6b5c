"""Exports into a schema of ours: only what is new or has changed, in batches of whole calls, each one transaction.

What the database has is known by a digest per call, written together with the call's rows. So a run that is killed has
either done a batch or not begun it, and the next run goes on from there.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from voicetel.exporters.postgres import schema as schemas
from voicetel.exporters.postgres import statements
from voicetel.exporters.postgres.database import Database
from voicetel.exporters.postgres.sending import ARROW_ROWS, Counts, fill, send
from voicetel.exporters.rows import joins_as_written, scratch
from voicetel.exporters.summary import ExportSummary, TableSummary
from voicetel.exporters.tables import CALL_LOGS, CALL_METRICS, OPERATIONS, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb
    import pyarrow as pa

    from voicetel.exporters.rows import Rows

BATCH_ROWS = 100_000
"""Rows, of all tables together, that one transaction writes, give or take: operations are estimated."""

OPERATIONS_PER_TURN = 4


def export(
    rows: Rows,
    dsn: str,
    schema: str,
    *,
    dry_run: bool = False,
    batch_rows: int = BATCH_ROWS,
    progress: Callable[[int], None] = lambda written_rows: None,
) -> ExportSummary:
    """Bring the tables of ``schema`` up to date with the rows.

    With ``dry_run`` nothing is written, and of a call that has changed every row counts as updated. Raises VoicetelError
    in one line for whatever stands in the way, before anything is written where that can be known.
    """
    schemas.check_name(schema)
    connection = rows.connection
    with Database(dsn) as database:
        if dry_run:
            return _foreseen(rows, database, schema)
        with database.alone(schema):
            schemas.prepare(database, schema)
            schemas.check_tables(database, schema)

            def open_lane() -> Database:
                lane = Database(dsn)
                schemas.use(lane, schema)
                for table in TABLES:
                    lane.execute(statements.create_stage(table))
                return lane

            is_empty = not database.value(f"SELECT EXISTS (SELECT FROM {CALL_METRICS.name})")
            differences = None if is_empty else _differences(connection, database)
            _make_sending(connection, differences, batch_rows)
            if not is_empty and connection.sql("SELECT count(*) FROM sending").fetchall() == [(0,)]:
                return _unchanged(connection)
            with scratch(connection) as place:
                _fill(connection, place, has_digests=not is_empty)
                summary = _unchanged(connection)
                names = [table.name for table in TABLES]
                send(connection, place, names, open_lane=open_lane, write=_write, summary=summary, progress=progress)
            return summary


def _foreseen(rows: Rows, database: Database, schema: str) -> ExportSummary:
    """What an export would do."""
    connection = rows.connection
    schemas.check_server(database)
    differences = None
    if schemas.is_there(database, schema):
        schemas.check_version(database, schema)
        schemas.use(database, schema)
        schemas.check_tables(database, schema)
        differences = _differences(connection, database)
    else:
        schemas.refuse_strangers(database, schema)
        _make_digests(connection)
    _make_sending(connection, differences, BATCH_ROWS)
    summary = _unchanged(connection)
    for is_known, *counts in connection.sql(
        "SELECT is_known, count(*), CAST(sum(turns) AS BIGINT), CAST(sum(operations) AS BIGINT)"
        " FROM sending JOIN export_digests USING (call_id) GROUP BY is_known"
    ).fetchall():
        for table, count in zip(TABLES, counts, strict=True):
            summary.tables[table.name].add(*((0, count) if is_known else (count, 0)))
    return summary


def _make_digests(
    connection: duckdb.DuckDBPyConnection, turns: str = "export_call_logs", operations: str = "export_operations"
) -> None:
    """Make ``export_digests`` of these rows of turns and operations."""
    text = files("voicetel.exporters.postgres").joinpath("digests.sql").read_text(encoding="utf-8")
    with joins_as_written(connection):
        connection.execute(text.replace("{turns}", turns).replace("{operations}", operations))


def _differences(connection: duckdb.DuckDBPyConnection, database: Database) -> pa.Table:
    """The calls that the database does not have as they are; see statements.COMPARE_DIGESTS."""
    _make_digests(connection)
    digests = connection.sql("SELECT call_id, started_at, content_digest FROM export_digests")
    database.execute(statements.CREATE_DIGESTS)
    with database.transaction():
        database.copy("stage_digests", digests.to_arrow_reader(ARROW_ROWS))
        return database.arrow(statements.COMPARE_DIGESTS)


def _make_sending(connection: duckdb.DuckDBPyConnection, differences: pa.Table | None, batch_rows: int) -> None:
    """Make ``sending`` (call_id, is_known, batch) of what differs, and ``kept``; None is a database that has nothing."""
    if differences is None:
        differing = f"(SELECT call_id, false AS is_known, false AS is_kept FROM export_{CALL_METRICS.name})"
    else:
        connection.register("differences", differences)
        differing = "differences"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE kept AS SELECT call_id FROM {differing} WHERE is_kept;"
        "CREATE OR REPLACE TEMP TABLE sending AS SELECT call_id, is_known,"
        f" CAST((sum(1 + turn_count * {1 + OPERATIONS_PER_TURN}) OVER (ORDER BY started_at, call_id) - 1) // {batch_rows}"
        f" AS INTEGER) AS batch FROM {differing} JOIN export_{CALL_METRICS.name} USING (call_id) WHERE NOT is_kept"
    )


def _fill(connection: duckdb.DuckDBPyConnection, place: str, *, has_digests: bool) -> None:
    """Put what is to be sent beside the store, and make the digests of it if they have not been made."""
    for table in (CALL_LOGS, OPERATIONS):
        fill(connection, place, table.name, f"FROM export_{table.name}")
    if not has_digests:
        turns, operations = (
            f"(SELECT * EXCLUDE (batch) FROM {place}.{table.name})" for table in (CALL_LOGS, OPERATIONS)
        )
        _make_digests(connection, turns, operations)
    digests = "(SELECT call_id, content_digest FROM export_digests) AS digests"
    fill(connection, place, CALL_METRICS.name, f"FROM export_{CALL_METRICS.name} JOIN {digests} USING (call_id)")


def _unchanged(connection: duckdb.DuckDBPyConnection) -> ExportSummary:
    """A summary in which all rows but those of calls that are kept are unchanged as yet."""
    kept, *totals = connection.sql(
        "SELECT count(*) FILTER (is_kept), count(*) FILTER (NOT is_kept),"
        " CAST(coalesce(sum(turns) FILTER (NOT is_kept), 0) AS BIGINT),"
        " CAST(coalesce(sum(operations) FILTER (NOT is_kept), 0) AS BIGINT)"
        " FROM (SELECT *, call_id IN (FROM kept) AS is_kept FROM export_digests)"
    ).fetchall()[0]
    names = [table.name for table in TABLES]
    return ExportSummary({name: TableSummary(total) for name, total in zip(names, totals, strict=True)}, kept)


def _write(database: Database, name: str, has_known: bool) -> Counts:
    table = next(table for table in TABLES if table.name == name)
    deleted = database.value(statements.delete_vanished(table)) if has_known and table is not CALL_METRICS else 0
    ((inserted, updated),) = database.rows(statements.upsert(table))
    ((may_differ,),) = database.rows(statements.may_leave_out_rows(table))
    not_taken = database.value(statements.count_not_taken(table)) if may_differ else 0
    return Counts(inserted, updated, deleted, not_taken)
