"""The JSON Schema (2020-12) of a line of a log, made from the table of fields.

It is the writer's contract. A reader is laxer: outside the envelope a value of the wrong type is read as unknown, a
time may have any offset, and fields that nobody knows are passed over, here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.events.fields import ENVELOPE, EVENT_DOCS, EVENTS, FORMAT_VERSION, MAX_CALL_ID_CHARS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicetel.events.fields import Field

Schema = dict[str, Any]

_TYPES = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "timestamp": "string",
    "decimal": "string",
    "object": "object",
    "list": "array",
    "map": "object",
    "spans": "array",
}

_ENVELOPE_LIMITS: dict[str, Schema] = {
    "v": {"const": FORMAT_VERSION},
    "call_id": {"minLength": 1, "maxLength": MAX_CALL_ID_CHARS},
}


def event_schema() -> Schema:
    """The schema of one event, whichever it is."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"voicetel event, version {FORMAT_VERSION}",
        "description": "One line of a log: one JSON object, UTF-8.",
        "type": "object",
        "required": ["v", "event", "ts", "call_id"],
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in EVENTS],
        "$defs": {name: _event(name, fields) for name, fields in EVENTS.items()},
    }


def _event(name: str, fields: Iterable[Field]) -> Schema:
    schema = _members((*ENVELOPE, *fields))
    schema["properties"]["event"] = {"const": name}
    for field, limits in _ENVELOPE_LIMITS.items():
        schema["properties"][field] |= limits
    return {"description": EVENT_DOCS[name], **schema}


def _members(fields: Iterable[Field]) -> Schema:
    listed = list(fields)
    required = [field.name for field in listed if field.required]
    schema: Schema = {"type": "object", "properties": {field.name: _field(field) for field in listed}}
    return schema | ({"required": required} if required else {})


def _field(field: Field) -> Schema:
    about = f"{field.doc} Unit: {field.unit}." if field.unit and field.unit != "1" else field.doc
    schema: Schema = {"description": about, "type": _TYPES[field.kind]}
    if field.kind == "object":
        return {**_members(field.fields), "description": about}
    if field.kind == "list":
        schema["items"] = _members(field.fields)
    if field.kind == "timestamp":
        schema["format"] = "date-time"
    if field.kind == "decimal":
        schema["pattern"] = r"^\d+(\.\d+)?$"
    if field.kind == "map":
        schema["additionalProperties"] = {"type": "string"}
    if field.kind == "spans":
        pair = {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 2, "maxItems": 2}
        schema["items"] = pair
    return schema | _limits(field)


def _limits(field: Field) -> Schema:
    limits: Schema = {}
    if field.kind in {"integer", "number"}:
        limits |= {"minimum": field.minimum} if field.minimum is not None else {}
        limits |= {"maximum": field.maximum} if field.maximum is not None else {}
    if field.values:
        limits |= {"examples": list(field.values)} if field.open_values else {"enum": list(field.values)}
    return limits
