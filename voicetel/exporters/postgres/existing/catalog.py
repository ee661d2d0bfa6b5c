"""What PostgreSQL's catalog says of a table that is there already."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.errors import VoicetelError
from voicetel.exporters.postgres.database import literal, quoted

if TYPE_CHECKING:
    from voicetel.exporters.postgres.database import Database

_KINDS = {"v": "a view", "m": "a materialized view", "f": "a foreign table"}


TEXTS = ("text", "character varying", "character", "bpchar")


@dataclass(frozen=True, slots=True)
class ExistingColumn:
    """A column of an existing table.

    ``ours`` is the name that we know it by: lower case, words joined by underscores. ``base`` is its type without length
    or precision, of a domain that of the type beneath, which is ``held`` with them; ``values`` are those that an enum or a
    CHECK allows, if any; ``default`` is the expression of what a new row gets, if it has one.
    """

    name: str
    ours: str
    type: str
    base: str
    held: str
    not_null: bool
    fills_itself: bool
    is_writable: bool
    values: tuple[str, ...]
    default: str | None

    @property
    def default_text(self) -> str | None:
        """What stands for a text that is not known, where the table takes no NULL."""
        return self.default if self.not_null and self.base in TEXTS else None


@dataclass(frozen=True, slots=True)
class Relation:
    """A table in the database: ``sql`` is how a statement names it, ``label`` how a message does."""

    oid: int
    sql: str
    label: str


def plain_name(name: str) -> str:
    """A name without its way of writing: ``callId``, ``CALL_ID`` and ``call_id`` are one."""
    return name.replace("_", "").lower()


def find_table(database: Database, schema: str, name: str) -> Relation:
    """The table of that name, however it is written. Raises VoicetelError where there is none, several, or no table."""
    rows = database.rows(
        "SELECT relname::text, pg_class.oid::bigint, relkind::text FROM pg_class"
        f" JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = {literal(schema)}"
        f" AND relkind IN ('r', 'p', 'v', 'm', 'f') AND replace(lower(relname), '_', '') = {literal(plain_name(name))}"
    )
    found = [row for row in rows if row[0] == name] or rows
    label = f"{schema}.{name}"
    if not found:
        raise VoicetelError(f"there is no table {label}", hint="name its schema with --schema")
    if len(found) > 1:
        names = ", ".join(sorted(row[0] for row in found))
        raise VoicetelError(f"{label} can be any of {names}", hint="rename all but one")
    ((actual, oid, kind),) = found
    label = f"{schema}.{actual}"
    if kind in _KINDS:
        raise VoicetelError(f"{label} is {_KINDS[kind]}, not a table", hint="name the schema of the table itself")
    return Relation(int(oid), f"{quoted(schema)}.{quoted(actual)}", label)


def columns_of(database: Database, relation: Relation, known: frozenset[str]) -> list[ExistingColumn]:
    """Its columns; ``known`` are the names that we have columns of. Raises VoicetelError where two can be the same."""
    rows = database.rows(
        "SELECT attname::text, format_type(atttypid, atttypmod), format_type(base.oid, NULL),"
        " format_type(base.oid, CASE WHEN own.typtype = 'd' THEN own.typtypmod ELSE atttypmod END), base.typtype::text,"
        " attnotnull OR own.typnotnull, atthasdef OR attidentity <> '' OR own.typdefault IS NOT NULL,"
        " attgenerated = '' AND attidentity <> 'a',"
        " (SELECT to_json(array_agg(enumlabel ORDER BY enumsortorder))::text FROM pg_enum WHERE enumtypid = base.oid),"
        " (SELECT string_agg(pg_get_constraintdef(pg_constraint.oid), ' ') FROM pg_constraint"
        " WHERE contype = 'c' AND conrelid = attrelid AND conkey = ARRAY[attnum]),"
        " (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum AND attgenerated = '')"
        " FROM pg_attribute JOIN pg_type AS own ON own.oid = atttypid"
        " JOIN pg_type AS base ON base.oid = CASE WHEN own.typtype = 'd' THEN own.typbasetype ELSE own.oid END"
        f" WHERE attrelid = {relation.oid} AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    )
    plain = {plain_name(name): name for name in known}
    exact = {row[0] for row in rows} & known
    found: dict[str, ExistingColumn] = {}
    for name, type_, base, held, kind, not_null, fills_itself, is_writable, labels, checks, default in rows:
        ours = plain.get(plain_name(name), name)
        if ours in exact:
            ours = name
        if ours in found:
            raise VoicetelError(f"{relation.label}: {found[ours].name} and {name} can both be {ours}")
        values = _values(labels, checks)
        held_as = "enum" if kind == "e" else base
        found[ours] = ExistingColumn(
            name, ours, type_, held_as, held, not_null, fills_itself, is_writable, values, default
        )
    return list(found.values())


def parents_of(database: Database, relation: Relation, column: str, filled: tuple[int, ...]) -> list[tuple[str, str]]:
    """(table, column) that ``column`` refers to, but for the tables in ``filled``: their rows come with it."""
    rows = database.rows(
        "SELECT confrelid::regclass::text, quote_ident(parent.attname::text), confrelid::bigint FROM pg_constraint"
        " JOIN pg_attribute AS own ON own.attrelid = conrelid AND own.attnum = conkey[1]"
        " JOIN pg_attribute AS parent ON parent.attrelid = confrelid AND parent.attnum = confkey[1]"
        f" WHERE contype = 'f' AND conrelid = {relation.oid} AND cardinality(conkey) = 1 AND own.attname = {literal(column)}"
    )
    return [(table, name) for table, name, oid in rows if oid not in filled]


def unique_keys(database: Database, relation: Relation) -> list[frozenset[str]]:
    """The sets of columns that are unique together, of indexes without a condition."""
    rows = database.rows(
        "SELECT to_json(array_agg(attname::text))::text FROM pg_index"
        " JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)"
        f" WHERE indrelid = {relation.oid} AND indisunique AND indpred IS NULL AND indexprs IS NULL GROUP BY indexrelid"
    )
    return [frozenset(_json_texts(names)) for (names,) in rows]


def primary_key(database: Database, relation: Relation) -> str | None:
    """The one column of its primary key; None where it has none or several."""
    rows = database.rows(
        "SELECT attname::text FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]"
        f" WHERE indrelid = {relation.oid} AND indisprimary AND indnkeyatts = 1"
    )
    return rows[0][0] if rows else None


def sequence_of(database: Database, relation: Relation, column: str) -> str | None:
    """A sequence that is there for a column which has no default: owned by it, or called after it as ORMs do."""
    rows = database.rows(
        "SELECT sequence.oid::regclass::text FROM pg_class AS sequence JOIN pg_class AS own USING (relnamespace)"
        f" WHERE own.oid = {relation.oid} AND sequence.relkind = 'S'"
        f" AND (sequence.relname IN (own.relname || '_seq', own.relname || '_' || {literal(column)} || '_seq')"
        f" OR sequence.oid = pg_get_serial_sequence(own.oid::regclass::text, {literal(column)})::regclass) ORDER BY 1"
    )
    return rows[0][0] if rows else None


def changes_rows(database: Database, relation: Relation) -> bool:
    """Whether a trigger or a rule of the table's owner may leave out or change rows that are written."""
    return bool(
        database.value(
            f"SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = {relation.oid} AND NOT tgisinternal AND tgenabled <> 'D')"
            f" OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = {relation.oid})"
        )
    )


def _values(labels: str | None, checks: str | None) -> tuple[str, ...]:
    if labels:
        return tuple(_json_texts(labels))
    return tuple(text.replace("''", "'") for text in re.findall(r"'((?:[^']|'')*)'::", checks or ""))


def _json_texts(text: str) -> list[str]:
    texts: list[str] = json.loads(text)
    return texts
