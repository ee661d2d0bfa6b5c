"""The one judgement on the values of a line: what the reader takes for unknown is what ``validate`` lists.

``line_findings`` says it of a line in Python; ``fits`` says of many numbers of one field that there is nothing to say.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from voicetel.events.fields import ENVELOPE, EVENTS, QUANTITIES
from voicetel.pricing.money import CURRENCY_CODE
from voicetel.pricing.operation import MAX_CHARGED
from voicetel.pricing.price import MAX_QUANTITY
from voicetel.store.ingest.lines.line_text import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from voicetel.events.fields import Field

MAX_TIME = 1_000_000_000
"""Times and lengths are less, in ms and in s: a larger one counts from 1970, not from the turn's ts."""
MAX_WHOLE = 2**53
MAX_INTERRUPTIONS = 2**31

UNREADABLE_FIELD = "voicetel.unreadable"
"""Set in an operation of which an amount was taken out."""
UNKNOWN_STAGE = "unknown"
"""The stage of an operation that does not say which. What it used was billed all the same."""

_CURRENCY = re.compile(CURRENCY_CODE)
DECIMAL_PATTERN = r"[+-]?[0-9]{1,60}(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?"
_DECIMAL = re.compile(DECIMAL_PATTERN)
_AMOUNTS = frozenset({*(field.name for field in QUANTITIES), "cost", "currency"})
EXCLUDED_WHEN_IMPOSSIBLE = frozenset({"ttfb_ms", "duration_ms", "eou_latency_ms"})
"""Of these every finite number is read: one that cannot be is excluded and counted as impossible."""

_TYPE_NAMES = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
}
_KIND_NAMES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "timestamp": "a time",
    "decimal": "a number written as a text",
    "object": "an object",
    "list": "a list",
    "map": "an object of texts",
    "spans": "a list of [start, end]",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A value that is read as unknown: ``field`` is its path, operations[2].ttfb_ms; it stands in ``container`` under ``key``."""

    field: str
    reason: str
    container: dict[str, Any]
    key: str


def line_findings(line: bytes) -> list[tuple[str, str]]:
    """(field, what is wrong with it) of one line that counts."""
    try:
        event = parse(line)
    except (ValueError, RecursionError):
        return [("", "is JSON to this reader alone, or nested deep")]
    return [(found.field, found.reason) for found in event_findings(event)]


def event_findings(event: dict[str, Any]) -> Iterator[Finding]:
    """The values of an event that are read as unknown."""
    return _object_findings(event, (*ENVELOPE, *EVENTS[event["event"]]), "")


def take_out_unknown_values(line: bytes) -> tuple[bytes, bool]:
    """The line without its texts and the values that are read as unknown, and whether it had none of these.

    An operation that loses an amount says so (``UNREADABLE_FIELD``), and so does what stands for operations and is none.
    """
    try:
        event = parse(line)
        if not isinstance(event, dict) or event.get("event") not in EVENTS:
            return line, False
        for operation in _operations(event):
            operation.pop(UNREADABLE_FIELD, None)
        findings = list(event_findings(event))
        logged_operations = event.get("operations")
        for found in findings:
            if found.key in REQUIRED_ENVELOPE_FIELDS:
                continue
            found.container.pop(found.key, None)
            if found.key == "currency":
                found.container.pop("cost", None)
            if found.key in _AMOUNTS:
                found.container[UNREADABLE_FIELD] = True
        if logged_operations and event["event"] in _EVENTS_WITH_OPERATIONS:
            items = filter(None, logged_operations) if isinstance(logged_operations, list) else [None]
            event["operations"] = [_countable(item) for item in items]
        for name in ("user", "agent"):
            if isinstance(event.get(name), dict):
                event[name].pop("text", None)
        return json.dumps(event, ensure_ascii=False).encode(), not findings
    except (ValueError, RecursionError, TypeError):
        return line, False


REQUIRED_ENVELOPE_FIELDS = frozenset({"v", "event", "ts", "call_id"})
"""Fields that a line is rejected without."""


_EVENTS_WITH_OPERATIONS = frozenset(
    name for name, fields in EVENTS.items() if any(field.name == "operations" for field in fields)
)


def _countable(item: Any) -> dict[str, Any]:
    """An operation that counts. One without a stage has none that is known; of what is no object, no amount is."""
    operation = {UNREADABLE_FIELD: True} if not isinstance(item, dict) else item
    return operation if isinstance(operation.get("stage"), str) else operation | {"stage": UNKNOWN_STAGE}


def _operations(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    operations = event.get("operations")
    return (each for each in operations if isinstance(each, dict)) if isinstance(operations, list) else iter(())


def _object_findings(value: dict[str, Any], fields: Iterable[Field], where: str) -> Iterator[Finding]:
    for field in fields:
        name = field.name
        if value.get(name) is not None:
            for path, reason in _value_findings(value[name], field, f"{where}{name}"):
                yield Finding(path, reason, value, name)
            yield from _inner_findings(value[name], field, f"{where}{name}")
        elif field.required and where:
            yield Finding(f"{where}{name}", "is missing", value, name)
        elif name == "currency" and value.get("cost") is not None:
            yield Finding(f"{where}{name}", "is missing, so that the cost counts for nothing", value, "cost")


def _inner_findings(value: Any, field: Field, where: str) -> Iterator[Finding]:
    if field.kind == "object" and isinstance(value, dict):
        yield from _object_findings(value, field.fields, f"{where}.")
    elif field.kind == "list" and isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict):
                yield from _object_findings(item, field.fields, f"{where}[{index}].")
            else:
                yield Finding(f"{where}[{index}]", "is not an object", {}, "")


def _value_findings(value: Any, field: Field, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, float) and not math.isfinite(value):
        yield where, "is not a finite number"
    elif not _has_kind(value, field):
        yield where, f"is {_TYPE_NAMES[type(value)]}, not {_KIND_NAMES[field.kind]}"
    elif reason := _out_of_bounds(value, field):
        yield where, reason
    elif field.name == "currency" and not _CURRENCY.fullmatch(value):
        yield where, "is no code of three letters, so that the cost counts for nothing"
    elif field.values and not field.open_values and value not in field.values:
        yield where, f"is none of {', '.join(field.values)}"


def _out_of_bounds(value: Any, field: Field) -> str:
    if field.kind not in {"integer", "number", "decimal"} or field.name in EXCLUDED_WHEN_IMPOSSIBLE:
        return ""
    number = Decimal(value)
    if field.minimum is not None and number < Decimal(field.minimum):
        return f"is below {field.minimum:g}"
    if field.maximum is not None and number > Decimal(field.maximum):
        return f"is above {field.maximum:g}"
    most = upper_bound(field)
    return f"is {most:,} or more" if abs(number) >= most else ""


def upper_bound(field: Field) -> int:
    """What a number is less than, or unknown."""
    if field.kind == "decimal":
        return MAX_CHARGED
    if field in QUANTITIES:
        return MAX_QUANTITY
    if field.name == "interruption_count":
        return MAX_INTERRUPTIONS
    return MAX_WHOLE if field.kind == "integer" else MAX_TIME


def _has_kind(value: Any, field: Field) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match field.kind:
        case "string" | "timestamp":
            return isinstance(value, str)
        case "integer":
            return is_number and value == int(value)
        case "number":
            return is_number
        case "boolean":
            return isinstance(value, bool)
        case "decimal":
            return isinstance(value, str) and _DECIMAL.fullmatch(value) is not None
        case "object":
            return isinstance(value, dict)
        case "list":
            return isinstance(value, list)
        case "map":
            return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
        case "spans":
            return isinstance(value, list) and all(_is_span(span) for span in value)


def _is_span(span: Any) -> bool:
    are_numbers = isinstance(span, list) and all(isinstance(x, int | float) and not isinstance(x, bool) for x in span)
    return are_numbers and len(span) == 2 and 0 <= span[0] <= span[1] < MAX_TIME


def is_amount(cost: str | None, currency: str | None) -> bool:
    """Whether there is nothing to say of what an operation cost: an amount in a currency, or a currency alone."""
    if currency is not None and not _CURRENCY.fullmatch(currency):
        return False
    if cost is None:
        return True
    return currency is not None and _DECIMAL.fullmatch(cost) is not None and 0 <= Decimal(cost) < MAX_CHARGED


def fits(numbers: npt.NDArray[np.float64], is_there: npt.NDArray[np.bool_], field: Field) -> npt.NDArray[np.bool_]:
    """Where a number of a field is missing, or within its bounds. Types are no matter here (``value_types``)."""
    if field.name in EXCLUDED_WHEN_IMPOSSIBLE:
        return ~is_there | np.isfinite(numbers)
    below_maximum = numbers <= field.maximum if field.maximum is not None else numbers < upper_bound(field)
    above_minimum = numbers >= field.minimum if field.minimum is not None else numbers > -upper_bound(field)
    within = below_maximum & above_minimum
    if field.kind == "integer":
        with np.errstate(invalid="ignore"):  # what stands where nothing is there may be any bytes
            within &= numbers == np.floor(numbers)
    return ~is_there | within
