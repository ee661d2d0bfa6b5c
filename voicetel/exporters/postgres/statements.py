"""The SQL of an export: staging tables, and how their rows get into the tables."""

from __future__ import annotations

from voicetel.exporters.columns import POSTGRES_TYPES, Table
from voicetel.exporters.tables import CALL_METRICS

THIS_TRANSACTION = "pg_current_xact_id()::xid"
"""What ``xmin`` of a row is that this transaction has written."""

DIGEST = "content_digest"


def staged_columns(table: Table) -> tuple[str, ...]:
    """The columns that are sent, in their order."""
    return (*table.names, DIGEST) if table is CALL_METRICS else table.names


def create_stage(table: Table, *, with_digest: bool = True) -> str:
    """A temporary table with the columns of a table, emptied by every commit."""
    # JSON is checked where it is stored; COPY carries it as text.
    columns = [f"{c.name} {'text' if c.kind == 'json' else POSTGRES_TYPES[c.kind]}" for c in table.columns]
    if table is CALL_METRICS and with_digest:
        columns.append(f"{DIGEST} bigint")
    return f"CREATE TEMPORARY TABLE stage_{table.name} ({', '.join(columns)}) ON COMMIT DELETE ROWS"


CREATE_DIGESTS = "CREATE TEMPORARY TABLE stage_digests (call_id text, started_at timestamptz, content_digest bigint) ON COMMIT DELETE ROWS"

COMPARE_DIGESTS = """
SELECT s.call_id, m.call_id IS NOT NULL AS is_known, coalesce(m.started_at < s.started_at, false) AS is_kept
FROM stage_digests AS s LEFT JOIN call_metrics AS m USING (call_id)
WHERE m.call_id IS NULL OR m.content_digest IS DISTINCT FROM s.content_digest"""
"""One row per call that is not as it should be. ``is_kept``: its beginning is in the database and no more in the logs."""


def upsert(table: Table) -> str:
    """Insert what is staged and update what differs; gives (inserted, updated)."""
    names = staged_columns(table)
    values = ", ".join(f"{c.name}::jsonb" if c.kind == "json" else c.name for c in table.columns)
    if table is CALL_METRICS:
        values += f", {DIGEST}"
    rest = [name for name in names if name not in table.key]
    changes = ", ".join(f"{name} = excluded.{name}" for name in rest)
    if table is CALL_METRICS:
        changes += ", updated_at = now()"
    return f"""
WITH written AS (
    INSERT INTO {table.name} AS t ({", ".join(names)})
    SELECT {values} FROM stage_{table.name}
    ON CONFLICT ({", ".join(table.key)}) DO UPDATE SET {changes}
    WHERE ({", ".join(f"t.{name}" for name in rest)}) IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in rest)})
    RETURNING xmax = 0 AS inserted
)
SELECT count(*) FILTER (WHERE inserted), count(*) FILTER (WHERE NOT inserted) FROM written"""


def delete_vanished(table: Table) -> str:
    """Delete what staged calls no longer have; gives how many rows."""
    same = " AND ".join(f"s.{name} = t.{name}" for name in table.key)
    return f"""
WITH gone AS (
    DELETE FROM {table.name} AS t USING stage_{CALL_METRICS.name} AS m
    WHERE m.call_id = t.call_id AND NOT EXISTS (SELECT FROM stage_{table.name} AS s WHERE {same})
    RETURNING 1
)
SELECT count(*) FROM gone"""


def may_leave_out_rows(table: Table) -> str:
    """Whether somebody has given a table of ours a trigger or a rule."""
    return (
        f"SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = '{table.name}'::regclass AND NOT tgisinternal AND tgenabled <> 'D')"
        f" OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = '{table.name}'::regclass)"
    )


def count_not_taken(table: Table) -> str:
    """How many staged rows the table does not have as they were sent, though this transaction has not written them otherwise."""
    key = " AND ".join(f"t.{name} = s.{name}" for name in table.key)
    rest = [column for column in table.columns if column.name not in table.key]
    theirs = ", ".join(f"t.{column.name}" for column in rest)
    ours = ", ".join(f"s.{column.name}{'::jsonb' if column.kind == 'json' else ''}" for column in rest)
    return (
        f"SELECT count(*) FROM stage_{table.name} AS s LEFT JOIN {table.name} AS t ON {key}"
        f" WHERE t.{table.key[0]} IS NULL OR (t.xmin <> {THIS_TRANSACTION} AND ROW({theirs}) IS DISTINCT FROM ROW({ours}))"
    )
