"""A table that is there already: what of it can be filled, and with what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.errors import VoicetelError
from voicetel.exporters.postgres.database import literal, quoted
from voicetel.exporters.postgres.existing import catalog
from voicetel.exporters.tables import CALL_METRICS

if TYPE_CHECKING:
    from voicetel.exporters.columns import Kind, Table
    from voicetel.exporters.postgres.database import Database
    from voicetel.exporters.postgres.existing.catalog import ExistingColumn, Relation

_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision")
_TIMES = ("timestamp with time zone", "timestamp without time zone")
_HOLD: dict[Kind, tuple[str, ...]] = {
    "text": (*catalog.TEXTS, "uuid", "enum"),
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "float": _NUMBERS,
    "boolean": ("boolean",),
    "time": _TIMES,
    "date": ("date",),
    "json": ("jsonb", "json", "text"),
}
_UUID_LENGTH = 36


@dataclass(frozen=True, slots=True)
class ExistingTable:
    """One of our tables as somebody else has made it.

    ``columns`` are those that we fill; ``on_insert`` has an expression for others that a new row needs; ``parents`` are
    (table, column) that call_id refers to.
    """

    table: Table
    relation: Relation
    columns: tuple[ExistingColumn, ...]
    on_insert: dict[str, str]
    updated_at: str | None
    parents: tuple[tuple[str, str], ...]
    unique_keys: tuple[frozenset[str], ...]
    may_leave_out_rows: bool

    @property
    def name(self) -> str:
        """Our name of it."""
        return self.table.name

    @property
    def is_one_row_per_call(self) -> bool:
        """Whether rows are told apart by call_id alone."""
        return self.table is CALL_METRICS

    def column(self, ours: str) -> ExistingColumn | None:
        """The column that we know by that name, if the table has it and it can be filled."""
        return next((column for column in self.columns if column.ours == ours), None)

    def name_of(self, ours: str) -> str:
        """What the table calls it; our own name where it has none."""
        column = self.column(ours)
        return ours if column is None else column.name

    def values_of(self, ours: str) -> tuple[str, ...]:
        """The values that a column allows, where it says so."""
        column = self.column(ours)
        return () if column is None else column.values

    def must_fill(self, ours: str) -> bool:
        """Whether the table has the column and takes no NULL in it."""
        column = self.column(ours)
        return column is not None and column.not_null

    @property
    def counts_ids_up(self) -> bool:
        """Whether new rows get the number after the greatest, which nobody else may take meanwhile."""
        return any("max(" in value for value in self.on_insert.values())

    @property
    def id_type(self) -> str:
        """Type of call_id."""
        column = self.column("call_id")
        return "text" if column is None else column.type


def describe(database: Database, table: Table, relation: Relation, filled: tuple[int, ...]) -> ExistingTable:
    """Look at a table; ``filled`` are the tables that are filled together. Raises VoicetelError where it cannot be."""
    known = frozenset({*table.names, "updated_at", "created_at"})
    found = {column.ours: column for column in catalog.columns_of(database, relation, known)}
    if "call_id" not in found:
        raise VoicetelError(f"{relation.label} has no column call_id")
    columns = []
    for ours in table.columns:
        column = found.get(ours.name)
        if column is None or not column.is_writable:
            continue
        if column.base not in _HOLD[ours.kind]:
            raise VoicetelError(f"{relation.label}.{column.name} is {column.type}, which cannot hold {ours.kind}")
        columns.append(column)
    others = [column for name, column in found.items() if name not in table.names]
    on_insert = {column.name: value for column in others if (value := _value_of_new_row(database, relation, column))}
    for column in others:
        if column.not_null and not column.fills_itself and column.name not in on_insert:
            raise VoicetelError(
                f"{relation.label}.{column.name} must not be NULL and has no default; nothing in the logs fills it"
            )
    updated_at = found.get("updated_at")
    return ExistingTable(
        table,
        relation,
        tuple(columns),
        on_insert,
        updated_at.name if updated_at and updated_at.is_writable and updated_at.base in _TIMES else None,
        tuple(catalog.parents_of(database, relation, found["call_id"].name, filled)),
        tuple(catalog.unique_keys(database, relation)),
        catalog.changes_rows(database, relation),
    )


def _value_of_new_row(database: Database, relation: Relation, column: ExistingColumn) -> str | None:
    """SQL for what an application puts into a column of a new row by itself: times, and the key. None: nothing."""
    if column.fills_itself or not column.is_writable:
        return None
    if column.ours in {"created_at", "updated_at"} and column.base in _TIMES:
        return "now()"
    if column.name == catalog.primary_key(database, relation) or (column.ours == "id" and column.not_null):
        return _new_id(database, relation, column)
    return None


def _new_id(database: Database, relation: Relation, column: ExistingColumn) -> str | None:
    if column.base == "uuid":
        return "gen_random_uuid()"
    if column.base in catalog.TEXTS:
        length = re.search(r"\((\d+)\)", column.held)
        if length is None or int(length[1]) >= _UUID_LENGTH:
            return "gen_random_uuid()::text"
        return "replace(gen_random_uuid()::text, '-', '')" if int(length[1]) == _UUID_LENGTH - 4 else None
    if column.base not in _NUMBERS[:4]:
        return None
    if sequence := catalog.sequence_of(database, relation, column.name):
        return f"nextval({literal(sequence)})"
    return f"(SELECT coalesce(max({quoted(column.name)}), 0) FROM {relation.sql}) + row_number() OVER ()"
