"""What a column and a table of an export are, and the SQL that several columns are made by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["text", "integer", "number", "float", "boolean", "time", "date", "json"]

POSTGRES_TYPES: dict[Kind, str] = {
    "text": "text",
    "integer": "bigint",
    "number": "numeric",
    "float": "double precision",
    "boolean": "boolean",
    "time": "timestamp with time zone",
    "date": "date",
    "json": "jsonb",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the table and what it means.

    ``ours`` is the name that the figure has in ``calls --json`` or in the log, ``sql`` the expression over the analyzers'
    rows that makes it, where that is more than ``ours``. ``of_text`` marks what holds words that were said.
    """

    name: str
    kind: Kind
    doc: str
    ours: str
    sql: str = ""
    of_text: bool = False

    @property
    def expression(self) -> str:
        """SQL that makes the column of the analyzers' rows."""
        return self.sql or self.ours


@dataclass(frozen=True, slots=True)
class Table:
    """One table: one row per ``grain``, told apart by ``key``."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns, in their order."""
        return tuple(column.name for column in self.columns)


def without_nul(name: str) -> str:
    """SQL for a text that PostgreSQL can hold: it has no place for NUL."""
    return f"replace({name}, chr(0), chr(65533))"


def figures_json(names: Sequence[str], **texts: str) -> str:
    """SQL for a JSON object of a turn's figures by their names and of other expressions, without what is NULL."""
    members = [f"{name}: {name}" for name in names] + [f"{name}: {value}" for name, value in texts.items()]
    return f"json_strip_nulls(to_json({{{', '.join(members)}}}))"


def call_id_sql() -> str:
    """SQL for a call's id. One that had a NUL is told by a hash from another that differs in that alone."""
    return f"CASE WHEN contains(call_id, chr(0)) THEN {without_nul('call_id')} || '#' || left(md5(call_id), 12) ELSE call_id END"
