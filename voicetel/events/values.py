"""Values as an agent or an importer hands them over → values of the format's types.

A value that cannot be brought to its field's type is left out: a line never says what nobody meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Final
from uuid import UUID

from voicetel.events.fields import MAX_LINE_BYTES, Field
from voicetel.events.timestamps import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_WORD_CHARS: Final = 8_192
"""Strings other than the two texts of a turn are cut here: names, reasons, tags."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_MAX_DEPTH = 16
_MAX_NODES = 10_000
_MISSING: Final = object()


def coerce(value: Mapping[str, object], fields: tuple[Field, ...]) -> dict[str, object]:
    """Bring an object to the types of its fields, in the order of the table; unknown fields come last."""
    known: dict[str, object] = {}
    for field in fields:
        if (given := value.get(field.name)) is not None and (plain := _coerce_value(given, field)) is not _MISSING:
            known[field.name] = plain
            if field.name == "text" and isinstance(given, str) and len(given) > MAX_LINE_BYTES:
                known["text_cut"] = True
    if len(known) < len(value):
        known.update(_unknown_fields(value, {field.name for field in fields}))
    return known


def _coerce_value(value: object, field: Field) -> object:
    match field.kind:
        case "string":
            return _string(value, limit=MAX_LINE_BYTES if field.name == "text" else MAX_WORD_CHARS)
        case "number" | "integer":
            return _number(value, field)
        case "boolean":
            return value if isinstance(value, bool) else _MISSING
        case "timestamp":
            return _timestamp(value)
        case "decimal":
            return _decimal(value)
        case "object":
            return coerce(value, field.fields) if isinstance(value, Mapping) else _MISSING
        case "list":
            return [coerce(item, field.fields) for item in _items(value) if isinstance(item, Mapping)]
        case "map":
            return _map(value)
        case "spans":
            return _spans(value)


def _timestamp(value: object) -> object:
    try:
        return rfc3339(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
    except (ValueError, OverflowError):
        return _MISSING


def plain_text(value: object) -> str | None:
    """Spell a value that has one plain spelling, at any length; None for any other."""
    text = _string(value, limit=None)
    return text if isinstance(text, str) else None


def _string(value: object, *, limit: int | None) -> object:
    if not isinstance(value, str):
        return _MISSING if (word := _word(value)) is None else _string(word, limit=limit)
    text = str.__str__(value)[:limit]
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def _word(value: object) -> str | None:
    """Spell a value that has one plain spelling."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, (str, int, float, Decimal, UUID, PurePath)) else None


def _number(value: object, field: Field) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or not _readable(value):
        return _MISSING
    return _bounded(value, field)


def _bounded(value: float | Decimal, field: Field) -> object:
    if field.minimum is not None and value < field.minimum:
        return _MISSING
    if field.maximum is not None and value > field.maximum:
        return _MISSING
    rounded = round(float(value), 3 if field.unit == "ms" else 6)
    if isinstance(value, int) or rounded.is_integer():
        return int(value if isinstance(value, int) else rounded)
    return rounded if field.kind == "number" else _MISSING


def _readable(value: float | Decimal) -> bool:
    """Whether readers get the number back: finite, and within 64 bits."""
    if isinstance(value, Decimal) and not value.is_finite():
        return False
    return -(2**63) < value < 2**63


def _decimal(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str, float)):
        return _MISSING
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        return _MISSING
    return f"{amount:f}" if amount.is_finite() and abs(amount.adjusted()) < 64 else _MISSING


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, (Sequence, AbstractSet)) and not isinstance(value, (str, bytes)) else ()


def _map(value: object) -> object:
    if not isinstance(value, Mapping):
        return _MISSING
    pairs = ((_string(k, limit=MAX_WORD_CHARS), _string(v, limit=MAX_WORD_CHARS)) for k, v in value.items())
    return {k: v for k, v in pairs if k is not _MISSING and v is not _MISSING}


def _spans(value: object) -> object:
    edge = Field("edge", "number", "", unit="ms", minimum=0)
    spans = ([_number(moment, edge) for moment in _items(span)] for span in _items(value))
    return [span for span in spans if len(span) == 2 and _MISSING not in span]


def _unknown_fields(value: Mapping[str, object], known: set[str]) -> dict[str, object]:
    """Keep what the table does not know, as far as JSON can say it: the reader ignores it, its owner may not."""
    budget = [_MAX_NODES]
    kept: dict[str, object] = {}
    for name, item in value.items():
        if item is not None and name not in known and (plain := _plain(item, (), budget)) is not _MISSING:
            kept[str(_string(name, limit=MAX_WORD_CHARS))] = plain
    return kept


def _plain(value: object, above: tuple[int, ...], budget: list[int]) -> object:
    budget[0] -= 1
    if value is None or value is True or value is False:
        return value
    if isinstance(value, (int, float)):
        return value if _readable(value) else _MISSING
    if budget[0] < 0 or len(above) > _MAX_DEPTH or id(value) in above:
        return _MISSING
    if isinstance(value, Mapping):
        names = ((_string(name, limit=MAX_WORD_CHARS), item) for name, item in value.items())
        pairs = ((name, _plain(item, (*above, id(value)), budget)) for name, item in names)
        return {name: item for name, item in pairs if name is not _MISSING and item is not _MISSING}
    if isinstance(value, (Sequence, AbstractSet)) and not isinstance(value, (str, bytes)):
        items = (_plain(item, (*above, id(value)), budget) for item in value)
        return [item for item in items if item is not _MISSING]
    return _string(value, limit=MAX_WORD_CHARS)
