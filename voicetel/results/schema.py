"""JSON Schemas (2020-12) of results, made from their fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_origin

from voicetel.results.columns import row_columns
from voicetel.results.encode import SCHEMA_VERSION
from voicetel.results.figure import PLAIN, Figure, Member, is_result, members_of, without_none

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NOT_NEGATIVE = ("ms", "s", "min", "share")
_IN_WORDS = ("ms", "s", "min")
"""Units that a description names."""


def schema_of(kind: Any, title: str) -> Schema:
    """The schema of an answer whose result is of type ``kind``, with its ``schema_version``."""
    schema = object_schema(kind)
    schema["properties"] = {"schema_version": {"const": SCHEMA_VERSION}, **schema["properties"]}
    schema["required"] = ["schema_version", *schema["required"]]
    return {"$schema": _DIALECT, "title": title, **schema}


def list_schema(kind: Any, title: str) -> Schema:
    """The schema of an answer that is a list of rows of results of type ``kind``."""
    return {"$schema": _DIALECT, "title": title, "type": "array", "items": row_schema(kind)}


def row_schema(kind: Any) -> Schema:
    """The schema of a row of a result: its columns as members."""
    columns = row_columns(kind)
    return {
        "type": "object",
        "properties": {column.name: value_schema(column.type, column.figure) for column in columns},
        "required": [column.name for column in columns if not column.figure.omit_if_empty],
        "additionalProperties": False,
    }


def object_schema(kind: Any) -> Schema:
    """The schema of a result inside another: its members, and no others."""
    properties: Schema = {}
    required: list[str] = []
    others: Any = False
    patterns: Schema = {}
    for member in members_of(kind):
        about = member.figure
        if about.hidden:
            continue
        if about.inline:
            inner = _inlined(member)
            properties |= inner["properties"]
            required += [] if about.omit_if_empty else inner["required"]
            others = inner["additionalProperties"] or others
            patterns |= inner.get("patternProperties", {})
            continue
        properties[member.json_name] = value_schema(member.type, about)
        if not about.omit_if_empty:
            required.append(member.json_name)
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": others}
    return {**schema, "patternProperties": patterns} if patterns else schema


def _inlined(member: Member) -> Schema:
    """The members that a field puts among those of the object around it."""
    kind, _ = without_none(member.type)
    if is_result(kind):
        return object_schema(kind)
    inner = _mapping(kind, member.figure)
    return {"properties": {}, "required": [], "additionalProperties": False, **inner}


def value_schema(kind: Any, about: Figure = PLAIN) -> Schema:
    """The schema of a value of a type."""
    if about.schema is not None:
        return _described(dict(about.schema), about)
    if about.row_of is not None:
        return _described(row_schema(about.row_of), about)
    inner, nullable = without_none(kind)
    nullable = nullable and not about.omit_if_empty
    origin = get_origin(inner)
    if is_result(inner):
        schema = object_schema(inner)
        return _described({"anyOf": [schema, {"type": "null"}]} if nullable else schema, about)
    if origin is tuple:
        return _described(_array(get_args(inner), about), about)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _described(_mapping(inner, about), about)
    return _described(_scalar(inner, about, nullable=nullable), about)


def _array(items: tuple[Any, ...], about: Figure) -> Schema:
    plain = replace(about, doc="", unit=about.unit if about.unit == "money" else "")
    if items[-1] is Ellipsis:
        return {"type": "array", "items": value_schema(items[0], plain)}
    return {
        "type": "array",
        "prefixItems": [value_schema(each, plain) for each in items],
        "items": False,
        "minItems": len(items),
    }


def _mapping(kind: Any, about: Figure) -> Schema:
    _, value = get_args(kind)
    plain = replace(about, doc="", keys=())
    if about.key_pattern is not None:
        pattern = {about.key_pattern: value_schema(value, replace(plain, key_pattern=None))}
        return {"type": "object", "patternProperties": pattern, "additionalProperties": False}
    if not about.keys:
        return {"type": "object", "additionalProperties": value_schema(value, plain)}
    members = {name: value_schema(value, replace(plain, doc=doc or about.doc)) for name, doc in about.keys}
    required = {} if about.keys_optional else {"required": list(members)}
    return {"type": "object", "properties": members, **required, "additionalProperties": False}


def _scalar(kind: Any, about: Figure, *, nullable: bool) -> Schema:
    choices = about.choices
    if not choices and isinstance(kind, type) and issubclass(kind, Enum):
        choices = tuple(each.value for each in kind)
    if choices:
        return {"enum": [*choices, None] if nullable and None not in choices else list(choices)}
    name, limits = _json_type(kind, about)
    bounds = {name: value for name in ("minimum", "maximum") if (value := getattr(about, name)) is not None}
    return {"type": [name, "null"] if nullable else name, **limits, **bounds}


def _json_type(kind: Any, about: Figure) -> tuple[str, Schema]:
    """(name of the type in JSON, what its unit says of it)."""
    if kind is Decimal and about.unit == "money":
        sign = "-?" if about.signed else ""
        return "string", {"pattern": rf"^{sign}\d+(\.\d+)?$"}
    if kind is str:
        return "string", {}
    if kind is bool:
        return "boolean", {}
    if kind is int:
        return "integer", {"minimum": 0}
    if kind in {datetime, date}:
        return "string", {"format": "date-time" if kind is datetime else "date"}
    return "number", {"minimum": 0} if about.unit in _NOT_NEGATIVE and not about.signed else {}


def _described(schema: Schema, about: Figure) -> Schema:
    words = about.doc
    if about.unit in _IN_WORDS:
        words = f"{words.removesuffix('.')}, {about.unit}." if words else about.unit
    return {**schema, "description": words} if words else schema
