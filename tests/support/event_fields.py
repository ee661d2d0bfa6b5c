"""Hold an event to the table of fields: what a strict reader would say about it."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from voicetel.events.fields import ENVELOPE, EVENTS, MAX_CALL_ID_CHARS, Field

if TYPE_CHECKING:
    from collections.abc import Iterator


def field_problems(event: dict[str, Any]) -> list[str]:
    """List everything about ``event`` that the table of fields does not allow, keys out of the table's order included."""
    return list(_object_problems(event, (*ENVELOPE, *EVENTS[event["event"]]), event["event"]))


def _object_problems(value: dict[str, Any], fields: tuple[Field, ...], where: str) -> Iterator[str]:
    known = {field.name: field for field in fields}
    order = [name for name in known if name in value]
    if list(value) != order:
        yield f"{where}: keys {list(value)} instead of {order}"
    for field in fields:
        if field.name in value:
            yield from _value_problems(value[field.name], field, f"{where}.{field.name}")
        elif field.required:
            yield f"{where}.{field.name}: missing"


def _value_problems(value: Any, field: Field, where: str) -> Iterator[str]:
    if not _has_kind(value, field):
        yield f"{where}: {value!r} is no {field.kind}"
        return
    if field.minimum is not None and float(value) < field.minimum:
        yield f"{where}: {value!r} is below {field.minimum}"
    if field.maximum is not None and float(value) > field.maximum:
        yield f"{where}: {value!r} is above {field.maximum}"
    if field.values and not field.open_values and value not in field.values:
        yield f"{where}: {value!r} is none of {field.values}"
    if field.kind == "object":
        yield from _object_problems(value, field.fields, where)
    if field.kind == "list":
        for place, item in enumerate(value):
            yield from _object_problems(item, field.fields, f"{where}[{place}]")


def _has_kind(value: Any, field: Field) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    match field.kind:
        case "string":
            return isinstance(value, str) and (field.name != "call_id" or 1 <= len(value) <= MAX_CALL_ID_CHARS)
        case "integer":
            return number and isinstance(value, int)
        case "number":
            return number
        case "boolean":
            return isinstance(value, bool)
        case "timestamp":
            return isinstance(value, str) and value.endswith("Z") and _reads(datetime.fromisoformat, value)
        case "decimal":
            return isinstance(value, str) and _reads(Decimal, value)
        case "object":
            return isinstance(value, dict)
        case "list":
            return isinstance(value, list) and all(isinstance(item, dict) for item in value)
        case "map":
            return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
        case "spans":
            return isinstance(value, list) and all(_is_span(span) for span in value)


def _is_span(span: Any) -> bool:
    return isinstance(span, list) and len(span) == 2 and 0 <= span[0] <= span[1]


def _reads(read: Any, text: str) -> bool:
    try:
        read(text)
    except (ValueError, InvalidOperation):
        return False
    return True
