"""The statements by which DuckDB reads lines: in types on the fast path, by the exact rules on the slow one."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from voicetel.events.fields import EVENTS
from voicetel.store.column_types import line_structure
from voicetel.store.ingest.chunks.builder import LONG_LINE_BYTES
from voicetel.store.ingest.lines.value_checks import UNREADABLE_FIELD

_TEXTS_BY_NAME = r'null|[{]("([^"\\]|\\.)*":"([^"\\]|\\.)*",?)*[}]'
"""RE2: an object as DuckDB writes it, all of whose values are texts."""


def line_sql(name: str) -> str:
    """The text of one of this package's .sql files."""
    return files("voicetel.store.ingest.lines").joinpath(name).read_text(encoding="utf-8")


@cache
def fast_path_sql() -> str:
    """The statement that reads a chunk in types."""
    columns = json.loads(line_structure())
    columns["event"] = "ENUM({})".format(", ".join(f"'{name}'" for name in EVENTS))
    columns["ts"] = "VARCHAR"
    columns["tags"] = "JSON"
    listed = ", ".join(
        f"\"{name}\": '{_duckdb_type(shape).replace(chr(39), chr(39) * 2)}'" for name, shape in columns.items()
    )
    text = line_sql("typed_lines.sql").replace("{columns}", f"{{{listed}}}").replace("{tags}", _TEXTS_BY_NAME)
    return text.replace("{object_bytes}", str(LONG_LINE_BYTES * 2))


def slow_path_structure() -> str:
    """What a line is transformed into that lost the values which cannot be read."""
    structure = json.loads(line_structure())
    structure["operations"][0][UNREADABLE_FIELD] = "BOOLEAN"
    return json.dumps(structure)


@cache
def slow_path_sql() -> str:
    """The statement that validates the lines of the slow path."""
    return line_sql("line_values.sql").replace("{parsed_lines}", line_sql("validated_lines.sql"))


def _duckdb_type(shape: Any) -> str:
    if isinstance(shape, dict):
        return "STRUCT({})".format(", ".join(f'"{name}" {_duckdb_type(each)}' for name, each in shape.items()))
    if isinstance(shape, list):
        return f"{_duckdb_type(shape[0])}[]"
    return str(shape)
