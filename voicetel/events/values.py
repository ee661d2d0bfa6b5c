"""Objects as an agent or an importer hands them over → what a line says of them, by the table of fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from voicetel.events.fields import MAX_LINE_BYTES, Field
from voicetel.events.scalars import MAX_WORD_CHARS, MISSING, bare_number, decimal, number, string, timestamp

_MAX_DEPTH: Final = 16
_MAX_NODES: Final = 10_000
"""Items of lists and mappings that are read of one event, those of its known lists included."""


def coerce(value: Mapping[str, object], fields: tuple[Field, ...]) -> dict[str, object]:
    """Bring an object to the types of its fields, in the order of the table; unknown fields come last.

    A value that raises when it is looked at is left out like any other that fits no field; an object without end
    (a list, a mapping that makes its items up) is read to a limit.
    """
    return _coerce_object(value, fields, [_MAX_NODES])


def _coerce_object(value: Mapping[str, object], fields: tuple[Field, ...], budget: list[int]) -> dict[str, object]:
    known: dict[str, object] = {}
    for field in fields:
        given = value.get(field.name)
        if given is None:
            continue
        try:
            plain = _coerce_value(given, field, budget)
        except Exception:  # noqa: BLE001, S112 - the value is somebody else's object and may raise anything
            continue
        if plain is not MISSING:
            known[field.name] = plain
            if field.name == "text" and isinstance(given, str) and len(given) > MAX_LINE_BYTES:
                known["text_cut"] = True
    if len(known) < len(value):
        known.update(_unknown_fields(value, {field.name for field in fields}, budget))
    return known


def _coerce_value(value: object, field: Field, budget: list[int]) -> object:
    match field.kind:
        case "string":
            return string(value, limit=MAX_LINE_BYTES if field.name == "text" else MAX_WORD_CHARS)
        case "number" | "integer":
            return number(value, field)
        case "boolean":
            return value if isinstance(value, bool) else MISSING
        case "timestamp":
            return timestamp(value)
        case "decimal":
            return decimal(value, field)
        case "object":
            return _coerce_object(value, field.fields, budget) if isinstance(value, Mapping) else MISSING
        case "list":
            items = _items(value, budget)
            return [_coerce_object(item, field.fields, budget) for item in items if isinstance(item, Mapping)]
        case "map":
            return _map(value, budget)
        case "spans":
            return _spans(value, budget)


def _items(value: object, budget: list[int]) -> Iterable[object]:
    """Give the items of a list, as many of them as the budget of the event allows."""
    if isinstance(value, (Sequence, AbstractSet)) and not isinstance(value, (str, bytes, bytearray)):
        for item in value:
            if not _spend(budget):
                return
            yield item


def _pairs(value: Mapping[Any, object], budget: list[int]) -> Iterable[tuple[Any, object]]:
    for pair in value.items():
        if not _spend(budget):
            return
        yield pair


def _spend(budget: list[int]) -> bool:
    budget[0] -= 1
    return budget[0] >= 0


def _map(value: object, budget: list[int]) -> object:
    if not isinstance(value, Mapping):
        return MISSING
    pairs = (
        (_guarded(string, k, limit=MAX_WORD_CHARS), _guarded(string, v, limit=MAX_WORD_CHARS))
        for k, v in _pairs(value, budget)
    )
    return {k: v for k, v in pairs if k is not MISSING and v is not MISSING}


def _guarded(read: Callable[..., object], value: object, **options: object) -> object:
    try:
        return read(value, **options)
    except Exception:  # noqa: BLE001 - the value is somebody else's object and may raise anything
        return MISSING


def _spans(value: object, budget: list[int]) -> object:
    edge = Field("edge", "number", "", unit="ms", minimum=0)
    spans = ([_guarded(number, time, field=edge) for time in _items(span, budget)] for span in _items(value, budget))
    return [span for span in spans if len(span) == 2 and MISSING not in span]


def _unknown_fields(value: Mapping[str, object], known: set[str], budget: list[int]) -> dict[str, object]:
    """Keep what the table does not know, as far as JSON can say it: the reader ignores it, its owner may not."""
    kept: dict[str, object] = {}
    for name, item in _pairs(value, budget):
        if item is None or name in known:
            continue
        plain, spelt = _plain(item, (), budget), _guarded(string, name, limit=MAX_WORD_CHARS)
        if plain is not MISSING and spelt is not MISSING:
            kept[str(spelt)] = plain
    return kept


def _plain(value: object, above: tuple[int, ...], budget: list[int]) -> object:
    try:
        return _plain_value(value, above, budget)
    except Exception:  # noqa: BLE001 - the value is somebody else's object and may raise anything
        return MISSING


def _plain_value(value: object, above: tuple[int, ...], budget: list[int]) -> object:
    if value is None or value is True or value is False:
        return value
    if isinstance(value, (int, float)):
        return bare_number(value)
    if budget[0] < 0 or len(above) > _MAX_DEPTH or id(value) in above:
        return MISSING
    if isinstance(value, Mapping):
        names = ((_guarded(string, name, limit=MAX_WORD_CHARS), item) for name, item in _pairs(value, budget))
        pairs = ((name, _plain(item, (*above, id(value)), budget)) for name, item in names)
        return {name: item for name, item in pairs if name is not MISSING and item is not MISSING}
    if isinstance(value, (Sequence, AbstractSet)) and not isinstance(value, (str, bytes, bytearray)):
        items = (_plain(item, (*above, id(value)), budget) for item in _items(value, budget))
        return [item for item in items if item is not MISSING]
    return string(value, limit=MAX_WORD_CHARS)
