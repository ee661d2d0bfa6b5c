"""The schema in the database: made, brought up to date, and held to what this version expects, before a row is written."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from voicetel.errors import UsageError, VoicetelError
from voicetel.exporters.columns import POSTGRES_TYPES
from voicetel.exporters.postgres.database import DatabaseError, literal, quoted
from voicetel.exporters.tables import CALL_METRICS, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.exporters.columns import Table
    from voicetel.exporters.postgres.database import Database

NAME_BYTES = 63
"""PostgreSQL cuts off longer names."""

VERSIONS_TABLE = "schema_versions"

OWN_COLUMNS = {
    "created_at": ("timestamp with time zone", "When the row came into this table."),
    "updated_at": ("timestamp with time zone", "When the call's rows were last changed by an export."),
    "content_digest": (
        "bigint",
        "Of the call's rows here and in the other tables: an export passes over what it equals.",
    ),
}
"""Columns of call_metrics that the export keeps for itself: name → type and meaning."""


@cache
def migrations() -> dict[int, str]:
    """Version → SQL that leads to it from the one before."""
    folder = files("voicetel.exporters.postgres").joinpath("migrations")
    found = {}
    for file in folder.iterdir():
        if match := re.fullmatch(r"(\d{4})_\w+\.sql", file.name):
            found[int(match[1])] = file.read_text(encoding="utf-8")
    return dict(sorted(found.items()))


def is_there(database: Database, schema: str) -> bool:
    """Whether the schema has our tables, of whatever version."""
    return bool(database.value(f"SELECT to_regclass({literal(f'{quoted(schema)}.{VERSIONS_TABLE}')}) IS NOT NULL"))


def prepare(database: Database, schema: str) -> None:
    """Make the schema, or bring it to this version. What is up to date is not touched and needs no right to change it.

    Raises VoicetelError for a newer version, and for tables of these names that are not ours.
    """
    check_server(database)
    version = check_version(database, schema) if is_there(database, schema) else 0
    if version == 0:
        refuse_strangers(database, schema)
    for number, script in migrations().items():
        if number > version:
            with database.transaction():
                _migrate(database, schema, number, script)
    use(database, schema)


def check_version(database: Database, schema: str) -> int:
    """The version of our tables. Raises VoicetelError where it is newer than this voicetel."""
    version: int | None = database.value(f"SELECT max(version) FROM {quoted(schema)}.{VERSIONS_TABLE}")
    newest = max(migrations())
    if version is None:
        raise VoicetelError(
            f"{schema}.{VERSIONS_TABLE} is empty, so nothing says which version the tables have",
            hint=f"INSERT INTO {schema}.{VERSIONS_TABLE} (version) VALUES ({newest}) if they are those of this voicetel",
        )
    if version > newest:
        raise VoicetelError(
            f"the schema {schema} was made by a newer voicetel (version {version}, this one knows {newest})",
            hint="upgrade voicetel, or name another --schema",
        )
    return version


def check_name(schema: str) -> None:
    """Raise UsageError for a name that PostgreSQL would cut off: two such names could be one schema."""
    length = len(schema.encode())
    if not 0 < length <= NAME_BYTES or "\0" in schema:
        raise UsageError(
            f"a schema cannot be called {schema!r}", hint=f"a name has 1 to {NAME_BYTES} bytes; this one has {length}"
        )


def use(database: Database, schema: str) -> None:
    """Let names without a schema mean this one."""
    database.execute(f"SET search_path TO {quoted(schema)}, pg_catalog")


def check_server(database: Database) -> None:
    """Raise VoicetelError for a database that cannot hold every text."""
    encoding = database.value("SELECT current_setting('server_encoding')")
    if encoding != "UTF8":
        raise VoicetelError(f"the database's encoding is {encoding}, not UTF8", hint="create one with ENCODING 'UTF8'")


def check_tables(database: Database, schema: str) -> None:
    """Raise VoicetelError where a table is of another shape, or the role may not do what an export does."""
    for table in TABLES:
        found = column_types(database, schema, table.name)
        for name, expected in expected_columns(table).items():
            if name not in found:
                raise VoicetelError(f"{schema}.{table.name} has no column {name}", hint=_DRIFT)
            if found[name] != expected:
                raise VoicetelError(f"{schema}.{table.name}.{name} is {found[name]}, not {expected}", hint=_DRIFT)
    check_rights(database, {f"{schema}.{table.name}": f"{quoted(schema)}.{table.name}" for table in TABLES})


def check_rights(database: Database, tables: Mapping[str, str]) -> None:
    """Raise VoicetelError naming the first right that the role lacks. ``tables``: what a message calls it → its name in SQL."""
    if not database.value("SELECT has_database_privilege(current_database(), 'TEMPORARY')"):
        raise _lacking(database, "TEMPORARY on the database")
    for label, table in tables.items():
        name = literal(table)
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            if not database.value(f"SELECT has_table_privilege({name}, '{right}')"):
                raise _lacking(database, f"{right} on {label}")


def column_types(database: Database, schema: str, table: str) -> dict[str, str]:
    """Column → type as PostgreSQL writes it. Empty where there is no such table."""
    return dict(
        database.rows(
            "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute"
            f" WHERE attrelid = to_regclass({literal(f'{quoted(schema)}.{table}')}) AND attnum > 0 AND NOT attisdropped"
            " ORDER BY attnum"
        )
    )


def expected_columns(table: Table) -> dict[str, str]:
    """Column → type that a table of ours has."""
    columns = {column.name: POSTGRES_TYPES[column.kind] for column in table.columns}
    if table is CALL_METRICS:
        columns |= {name: kind for name, (kind, _) in OWN_COLUMNS.items()}
    return columns


_DRIFT = "the schema was changed; undo that, or export into another --schema"


def refuse_strangers(database: Database, schema: str) -> None:
    """Raise VoicetelError for tables that have our names and are not ours."""
    for table in TABLES:
        if column_types(database, schema, table.name):
            raise VoicetelError(
                f"{schema}.{table.name} is there already and was not made by voicetel",
                hint="fill it with --existing, or name another --schema",
            )


def _migrate(database: Database, schema: str, number: int, script: str) -> None:
    if number == 1:
        # Asked for first: IF NOT EXISTS wants the right to create even where there is nothing to do.
        if not database.value(f"SELECT to_regnamespace({literal(quoted(schema))}) IS NOT NULL"):
            database.execute(f"CREATE SCHEMA {quoted(schema)}")
        database.execute(
            f"CREATE TABLE {quoted(schema)}.{VERSIONS_TABLE}"
            " (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
    database.execute(f"SET LOCAL search_path TO {quoted(schema)}, pg_catalog")
    database.run_script(script)
    if number == max(migrations()):  # before, some of the columns are not there
        database.run_script(comments())
    database.execute(f"INSERT INTO {VERSIONS_TABLE} (version) VALUES ({number})")


def comments() -> str:
    """SQL that sets the comment of every table and column."""
    lines = [f"COMMENT ON TABLE {table.name} IS {literal(f'One row per {table.grain}.')};" for table in TABLES]
    docs = [(table.name, column.name, column.doc) for table in TABLES for column in table.columns]
    docs += [(CALL_METRICS.name, name, doc) for name, (_, doc) in OWN_COLUMNS.items()]
    lines += [f"COMMENT ON COLUMN {table}.{name} IS {literal(doc)};" for table, name, doc in docs]
    return "\n".join(lines)


def _lacking(database: Database, right: str) -> DatabaseError:
    role = database.value("SELECT current_user::text")
    return DatabaseError(f"the role {role} lacks {right}", hint="docs/postgres.md lists what the role needs")
