"""A table that is there already: what of it can be filled, and the SQL that does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.errors import VoicetelError
from voicetel.exporters.postgres.database import literal, quoted
from voicetel.exporters.tables import CALL_METRICS

if TYPE_CHECKING:
    from voicetel.exporters.postgres.database import Database
    from voicetel.exporters.tables import Kind, Table

_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision")
_HOLD: dict[Kind, tuple[str, ...]] = {
    "text": ("text", "character varying", "character", "uuid", "enum"),
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "float": _NUMBERS,
    "boolean": ("boolean",),
    "time": ("timestamp with time zone", "timestamp without time zone"),
    "date": ("date",),
    "json": ("jsonb", "json", "text"),
}


@dataclass(frozen=True, slots=True)
class ExistingColumn:
    """A column of an existing table. ``base`` is its type without length or precision, ``labels`` those of an enum."""

    name: str
    type: str
    base: str
    not_null: bool
    fills_itself: bool
    is_writable: bool
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExistingTable:
    """One of our tables as somebody else has made it. ``columns`` are those that we fill."""

    table: Table
    schema: str
    columns: tuple[ExistingColumn, ...]
    has_updated_at: bool
    parents: tuple[tuple[str, str], ...]
    """(table, column) that call_id refers to."""

    @property
    def name(self) -> str:
        """Its name, without the schema."""
        return self.table.name

    @property
    def is_one_row_per_call(self) -> bool:
        """Whether rows are told apart by call_id, so that they can be updated."""
        return self.table is CALL_METRICS

    @property
    def id_type(self) -> str:
        """Type of call_id."""
        return next(column.type for column in self.columns if column.name == "call_id")

    def update(self) -> str:
        """Update rows that differ; gives how many."""
        others = [column.name for column in self.columns if column.name != "call_id"]
        changes = [f"{quoted(name)} = v.{quoted(name)}" for name in others]
        if self.has_updated_at:
            changes.append("updated_at = now()")
        return (
            f"WITH v AS ({self._staged()}), changed AS (UPDATE {self._target} AS t SET {', '.join(changes)} FROM v"
            f" WHERE t.call_id = v.call_id AND ({self._compared('t')}) IS DISTINCT FROM ({self._compared('v')})"
            " RETURNING 1) SELECT count(*) FROM changed"
        )

    def insert_missing(self) -> str:
        """Insert the rows of calls that have none; gives how many."""
        return (
            f"WITH v AS ({self._staged()}), added AS (INSERT INTO {self._target} ({self._names()})"
            f" SELECT {self._names('v.')} FROM v WHERE NOT EXISTS (SELECT FROM {self._target} AS t WHERE t.call_id = v.call_id)"
            " RETURNING 1) SELECT count(*) FROM added"
        )

    def delete_changed(self) -> str:
        """Delete the rows of calls that have others than they should; gives how many."""
        ids = f"SELECT call_id::{self.id_type} FROM stage_{CALL_METRICS.name}"
        there = f"SELECT {self._compared('t')} FROM {self._target} AS t WHERE t.call_id IN ({ids})"
        wanted = f"SELECT {self._compared('v')} FROM v"
        return (
            f"WITH v AS ({self._staged()}), changed AS (SELECT call_id FROM"
            f" ((({wanted}) EXCEPT ALL ({there})) UNION ALL (({there}) EXCEPT ALL ({wanted}))) AS rows),"
            f" gone AS (DELETE FROM {self._target} AS t WHERE t.call_id IN (SELECT call_id FROM changed) RETURNING 1)"
            " SELECT count(*) FROM gone"
        )

    @property
    def _target(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    def _names(self, prefix: str = "") -> str:
        return ", ".join(f"{prefix}{quoted(column.name)}" for column in self.columns)

    def _staged(self) -> str:
        """Select what is staged, in the table's own types. The session's zone is UTC."""
        values = (f"{quoted(column.name)}::{column.type} AS {quoted(column.name)}" for column in self.columns)
        return f"SELECT {', '.join(values)} FROM stage_{self.name}"

    def _compared(self, alias: str) -> str:
        """The columns in types that can be compared, which json cannot."""
        return ", ".join(
            f"{alias}.{quoted(column.name)}{'::jsonb' if column.base == 'json' else ''}" for column in self.columns
        )


def describe(database: Database, schema: str, table: Table) -> ExistingTable:
    """Look at a table. Raises VoicetelError where it cannot be filled."""
    found = {column.name: column for column in _columns(database, schema, table.name)}
    if not found:
        raise VoicetelError(f"there is no table {schema}.{table.name}", hint="name its schema with --schema")
    if "call_id" not in found:
        raise VoicetelError(f"{schema}.{table.name} has no column call_id")
    filled = []
    for ours in table.columns:
        column = found.get(ours.name)
        if column is None or not column.is_writable:
            continue
        if column.base not in _HOLD[ours.kind]:
            raise VoicetelError(f"{schema}.{table.name}.{ours.name} is {column.type}, which cannot hold {ours.kind}")
        filled.append(column)
    names = {column.name for column in filled} | {"updated_at"}
    for column in found.values():
        if column.not_null and not column.fills_itself and column.name not in names:
            raise VoicetelError(
                f"{schema}.{table.name}.{column.name} must not be NULL and has no default; nothing in the logs fills it"
            )
    has_updated_at = "updated_at" in found and found["updated_at"].is_writable
    return ExistingTable(table, schema, tuple(filled), has_updated_at, _parents(database, schema, table.name))


def _columns(database: Database, schema: str, table: str) -> list[ExistingColumn]:
    rows = database.rows(
        "SELECT attname::text, format_type(atttypid, atttypmod),"
        " CASE WHEN typtype = 'e' THEN 'enum' ELSE format_type(atttypid, NULL) END,"
        " attnotnull, atthasdef OR attidentity <> '', attgenerated = '' AND attidentity <> 'a',"
        " (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = atttypid)"
        " FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid"
        f" WHERE attrelid = to_regclass({literal(f'{quoted(schema)}.{quoted(table)}')}) AND attnum > 0 AND NOT attisdropped"
        " ORDER BY attnum"
    )
    return [
        ExistingColumn(name, type_, base, not_null, fills_itself, is_writable, tuple((labels or "").split(",")))
        for name, type_, base, not_null, fills_itself, is_writable, labels in rows
    ]


def _parents(database: Database, schema: str, table: str) -> tuple[tuple[str, str], ...]:
    rows = database.rows(
        "SELECT confrelid::regclass::text, quote_ident(parent.attname::text)"
        " FROM pg_constraint"
        " JOIN pg_attribute AS own ON own.attrelid = conrelid AND own.attnum = conkey[1]"
        " JOIN pg_attribute AS parent ON parent.attrelid = confrelid AND parent.attnum = confkey[1]"
        f" WHERE contype = 'f' AND conrelid = to_regclass({literal(f'{quoted(schema)}.{quoted(table)}')})"
        " AND cardinality(conkey) = 1 AND own.attname = 'call_id'"
    )
    return tuple((table_, column) for table_, column in rows)
