"""The SQL that carries staged rows into a table of somebody else's.

Rows are found again by what they are: a call's by its id, a turn's by when it began, else by its number, and by who
speaks in it where the table says so. What is found is updated where it differs, what is missing is inserted. Statements
are plain, without WITH and RETURNING, which tables with rules refuse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.exporters.postgres.database import literal, quoted
from voicetel.exporters.postgres.statements import THIS_TRANSACTION
from voicetel.exporters.tables import CALL_METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicetel.exporters.postgres.existing.catalog import ExistingColumn
    from voicetel.exporters.postgres.existing.table import ExistingTable

CREATE_PAIRS = (
    "CREATE TEMPORARY TABLE stage_pairs (stage_row tid, target_table oid, target_row tid) ON COMMIT DELETE ROWS"
)
"""Which staged row is which row of the table; NULL: there is none."""

_NEVER_ERASED = {"sentiment", "sentiment_score"}
"""An application may know these from elsewhere, so that what it has stays where the logs have none."""

_OWN_KEYS = (
    "turn", "llm_ttft_ms", "endpointing_ms", "realtime_ttfb_ms", "unattributed_ms", "user_start_ms", "user_end_ms",
    "agent_start_ms", "agent_end_ms", "interrupted_by", "eou_from",
)  # fmt: skip
"""Keys of extra_data that are figures of ours; the others are texts, or the application's own."""


def lock_rows(table: ExistingTable) -> str:
    """Hold the rows of the staged calls, so that none of them moves between two statements."""
    return f"SELECT count(*) FROM (SELECT 1 FROM {table.relation.sql} AS t WHERE {_of_staged_calls(table)} FOR UPDATE) AS held"


def pair_rows(table: ExistingTable) -> Iterator[str]:
    """Statements that fill ``stage_pairs``."""
    yield "DELETE FROM stage_pairs"
    if table.is_one_row_per_call:
        yield _pair(table, ["call_id"])
        return
    role = ["role"] if table.column("role") else []
    if table.column("created_at"):
        yield _pair(table, ["call_id", *role, "created_at"])
    index = ["turn_index"] if table.column("turn_index") else []
    yield _pair(table, ["call_id", *role, *index])
    yield (
        f"INSERT INTO stage_pairs SELECT s.ctid, NULL, NULL FROM stage_{table.name} AS s"
        " WHERE NOT EXISTS (SELECT FROM stage_pairs AS p WHERE p.stage_row = s.ctid)"
    )
    yield (
        f"INSERT INTO stage_pairs SELECT NULL, t.tableoid, t.ctid FROM {table.relation.sql} AS t WHERE {_of_staged_calls(table)}"
        " AND NOT EXISTS (SELECT FROM stage_pairs AS p WHERE p.target_table = t.tableoid AND p.target_row = t.ctid)"
    )


def park_renumbered(table: ExistingTable) -> str | None:
    """Give rows whose number changes one below zero, where numbers are unique: two could swap theirs. None: not needed."""
    index = table.column("turn_index")
    if index is None or not any(index.name in key for key in table.unique_keys):
        return None
    name = quoted(index.name)
    return (
        f"UPDATE {table.relation.sql} AS t SET {name} = -1 - t.{name} FROM stage_pairs AS p, stage_{table.name} AS s"
        " WHERE p.target_table = t.tableoid AND p.target_row = t.ctid AND p.stage_row = s.ctid"
        f" AND t.{name} IS DISTINCT FROM s.turn_index"
    )


def update(table: ExistingTable, *, with_text: bool) -> str | None:
    """Update rows that differ. None: the table has nothing that could differ."""
    changes = [f"{quoted(column.name)} = {_value(table, column, with_text=with_text)}" for column in _others(table)]
    if not changes:
        return None
    if table.updated_at:
        changes.append(f"{quoted(table.updated_at)} = now()")
    return (
        f"UPDATE {table.relation.sql} AS t SET {', '.join(changes)} FROM {_paired(table)} AS v"
        f" WHERE {_differs(table, with_text=with_text)}"
    )


def insert(table: ExistingTable) -> str:
    """Insert the rows that are missing."""
    names = [quoted(column.name) for column in table.columns]
    names += [quoted(name) for name in table.on_insert]
    values = [_new_value(column) for column in table.columns]
    values += list(table.on_insert.values())
    missing = (
        "EXISTS (SELECT FROM stage_pairs WHERE stage_row = s.ctid AND target_row IS NULL)"
        if not table.is_one_row_per_call
        else "NOT EXISTS (SELECT FROM stage_pairs WHERE stage_row = s.ctid)"
    )
    return (
        f"INSERT INTO {table.relation.sql} ({', '.join(names)}) SELECT {', '.join(values)}"
        f" FROM (SELECT {_staged(table)} FROM stage_{table.name} AS s WHERE {missing} ORDER BY s.ctid) AS v"
    )


def _new_value(column: ExistingColumn) -> str:
    name = f"v.{quoted(column.name)}"
    return f"coalesce({name}, {column.default_text})" if column.default_text else name


def delete_vanished(table: ExistingTable, roles: Iterable[str], *, with_text: bool) -> str:
    """Delete rows of staged calls that the logs do not have; without words, those that hold none.

    Rows of another role than ``roles``, those that logs have, such as an application's own ``system``, are not the logs' to delete.
    """
    content, role = table.column("content"), table.column("role")
    spared = f" AND t.{quoted(content.name)} IS NULL" if content and not with_text else ""
    if role:
        spared += f" AND t.{quoted(role.name)}::text IN ({', '.join(map(literal, roles))})"
    return (
        f"DELETE FROM {table.relation.sql} AS t USING stage_pairs AS p"
        f" WHERE p.target_table = t.tableoid AND p.target_row = t.ctid AND p.stage_row IS NULL{spared}"
    )


def count_not_taken(table: ExistingTable, *, with_text: bool) -> str:
    """How many staged rows the table does not have, or not as they were sent. To be asked after ``pair_rows``."""
    missing = (
        f"SELECT count(*) FROM stage_{table.name} AS s"
        " WHERE NOT EXISTS (SELECT FROM stage_pairs AS p WHERE p.stage_row = s.ctid AND p.target_row IS NOT NULL)"
    )
    differing = (
        f"SELECT count(*) FROM {table.relation.sql} AS t, {_paired(table)} AS v"
        f" WHERE {_differs(table, with_text=with_text)} AND t.xmin <> {THIS_TRANSACTION}"
    )
    return f"SELECT ({missing}) + ({differing})"


def _of_staged_calls(table: ExistingTable) -> str:
    call_id = quoted(table.name_of("call_id"))
    return f"t.{call_id} IN (SELECT call_id::{table.id_type} FROM stage_{CALL_METRICS.name})"


def _pair(table: ExistingTable, key: list[str]) -> str:
    """Pair rows that have no pair yet and are alike in ``key``; of several that are, the first with the first."""
    columns = [column for name in key if (column := table.column(name))]
    theirs = ", ".join(f"t.{quoted(column.name)} AS k{n}" for n, column in enumerate(columns))
    ours = ", ".join(f"s.{column.ours}::{column.type} AS k{n}" for n, column in enumerate(columns))
    keys = ", ".join(f"k{n}" for n in range(len(columns)))
    number = f"row_number() OVER (PARTITION BY {keys} ORDER BY place) AS number"
    staged = (
        f"SELECT s.ctid AS place, {ours} FROM stage_{table.name} AS s"
        " WHERE NOT EXISTS (SELECT FROM stage_pairs AS p WHERE p.stage_row = s.ctid)"
    )
    there = (
        f"SELECT t.tableoid AS relation, t.ctid AS place, {theirs} FROM {table.relation.sql} AS t WHERE {_of_staged_calls(table)}"
        " AND NOT EXISTS (SELECT FROM stage_pairs AS p WHERE p.target_table = t.tableoid AND p.target_row = t.ctid)"
    )
    numbered = f"JOIN (SELECT *, {number} FROM ({there}) AS t) AS t USING ({keys}, number)"
    if table.is_one_row_per_call:
        numbered = f"JOIN ({there}) AS t USING ({keys})"
    return (
        "INSERT INTO stage_pairs SELECT s.place, t.relation, t.place"
        f" FROM (SELECT *, {number} FROM ({staged}) AS s) AS s {numbered}"
    )


def _others(table: ExistingTable) -> list[ExistingColumn]:
    return [column for column in table.columns if column.ours != "call_id"]


def _paired(table: ExistingTable) -> str:
    return (
        f"(SELECT target_table, target_row, {_staged(table)} FROM stage_pairs"
        f" JOIN stage_{table.name} AS s ON s.ctid = stage_row)"
    )


def _differs(table: ExistingTable, *, with_text: bool) -> str:
    """Of a row ``t`` and its pair ``v``: whether an update would change it."""
    there = ", ".join(_comparable(column, f"t.{quoted(column.name)}") for column in _others(table))
    wanted = ", ".join(_comparable(column, _value(table, column, with_text=with_text)) for column in _others(table))
    return f"t.tableoid = v.target_table AND t.ctid = v.target_row AND ROW({there}) IS DISTINCT FROM ROW({wanted})"


def _staged(table: ExistingTable) -> str:
    """What is staged, in the table's own types. The session's zone is UTC."""
    return ", ".join(f"s.{column.ours}::{column.type} AS {quoted(column.name)}" for column in table.columns)


def _value(table: ExistingTable, column: ExistingColumn, *, with_text: bool) -> str:
    """What a row that is there gets. Texts that are there are never replaced by NULL."""
    name = quoted(column.name)
    ours = next(each for each in table.table.columns if each.name == column.ours)
    if ours.kind == "json":
        return _merged_json(column, with_text=with_text)
    if ours.kind == "text" or ours.name in _NEVER_ERASED:
        return f"coalesce(v.{name}, t.{name})"
    return f"v.{name}"


def _merged_json(column: ExistingColumn, *, with_text: bool) -> str:
    """Our figures anew, and whatever else the application keeps there."""
    name = quoted(column.name)
    if column.base == "text":
        ours = f"""t.{name} LIKE '%"turn":%'""" + ("" if with_text else f""" AND t.{name} NOT LIKE '%"agent_text":%'""")
        return f"CASE WHEN t.{name} IS NULL OR {ours} THEN coalesce(v.{name}, t.{name}) ELSE t.{name} END"
    keys = ", ".join(f"'{key}'" for key in _OWN_KEYS)
    return (
        f"(CASE WHEN jsonb_typeof(t.{name}::jsonb) = 'object'"
        f" THEN (t.{name}::jsonb - ARRAY[{keys}]) || coalesce(v.{name}::jsonb, '{{}}')"
        f" ELSE coalesce(v.{name}::jsonb, t.{name}::jsonb) END)::{column.type}"
    )


def _comparable(column: ExistingColumn, value: str) -> str:
    """A value in a type that can be compared, which json cannot."""
    return f"({value})::jsonb" if column.base == "json" else value
