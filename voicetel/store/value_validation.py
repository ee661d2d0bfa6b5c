"""What ``validate`` reports beside rejected lines: values of good lines that are not what the table of fields asks for."""

from __future__ import annotations

import json
import math
import os
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from voicetel.events.fields import ENVELOPE, EVENTS, MAX_LINE_BYTES, QUANTITIES
from voicetel.store.ingest.fingerprints import is_whole_object
from voicetel.store.ingest.log_stream import LogStream
from voicetel.store.ingest.operations import MOST_CHARGED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicetel.events.fields import Field
    from voicetel.store import Store

_MOST_QUANTITY = 1_000_000_000
"""What an operation used is less, or unknown; see docs/decisions/decimal-types.md."""

_NAMES = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


@dataclass(frozen=True, slots=True)
class InvalidValue:
    """A value that is read as unknown, or has no meaning. ``field`` as a path: operations[2].ttfb_ms. Never what it says."""

    path: str
    line: int
    field: str
    reason: str


def invalid_values(store: Store) -> Iterator[InvalidValue]:
    """The values of the lines that count which are not of their type, below or above their bounds, or no known word.

    Goes through the logs themselves, one file per content, holding one line at a time.
    """
    paths = store.connection.execute("SELECT min(path) FROM paths WHERE source IS NOT NULL GROUP BY source ORDER BY 1")
    rejected_lines: defaultdict[str, set[int]] = defaultdict(set)
    for each in store.rejected_lines():
        rejected_lines[each.path].add(each.line)
    for (encoded,) in paths.fetchall():
        path = os.fsdecode(encoded)
        refused = rejected_lines.pop(path, set())
        for number, line in _lines(path):
            if number not in refused and line.strip():
                yield from (InvalidValue(path, number, field, reason) for field, reason in line_invalid_values(line))


def line_invalid_values(line: bytes) -> Iterator[tuple[str, str]]:
    """(field, what is wrong with it) of one line that counts."""
    try:
        event = json.loads(line.decode(), object_pairs_hook=_first_of_each)
    except (ValueError, RecursionError):
        yield "", "is JSON to this reader alone: a comma too many, or nested deep"
        return
    yield from _object_findings(event, (*ENVELOPE, *EVENTS[event["event"]]), "")


def _lines(path: str) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers, the last one even without a line end; of one that is too long, nothing."""
    rest, number, skipping = b"", 0, False
    with LogStream.open(path) as stream:
        for block in stream.blocks():
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                number += 1
                yield number, b"" if skipping else line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                skipping = False
            if len(rest) > MAX_LINE_BYTES:
                rest, skipping = b"", True
    if not skipping and is_whole_object(rest):
        yield number + 1, rest


def _first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))


def _object_findings(value: dict[str, Any], fields: Iterable[Field], where: str) -> Iterator[tuple[str, str]]:
    for field in fields:
        if value.get(field.name) is not None:
            yield from _value_findings(value[field.name], field, f"{where}{field.name}")
        elif field.required and where:
            yield f"{where}{field.name}", "is missing"
        elif field.name == "currency" and value.get("cost") is not None:
            yield f"{where}{field.name}", "is missing, so that the cost counts for nothing"


def _value_findings(value: Any, field: Field, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, float) and not math.isfinite(value):
        yield where, "is not a finite number"
    elif not _has_kind(value, field):
        yield where, f"is {_NAMES[type(value)]}, not {_WANTED[field.kind]}"
    elif field.minimum is not None and Decimal(value) < Decimal(field.minimum):
        yield where, f"is below {field.minimum:g}"
    elif field.maximum is not None and Decimal(value) > Decimal(field.maximum):
        yield where, f"is above {field.maximum:g}"
    elif field.kind == "decimal" and Decimal(value) >= MOST_CHARGED:
        yield where, f"is {MOST_CHARGED:,} or more"
    elif field in QUANTITIES and Decimal(value) >= _MOST_QUANTITY:
        yield where, f"is {_MOST_QUANTITY:,} or more"
    elif field.words and not field.open_words and value not in field.words:
        yield where, f"is none of {', '.join(field.words)}"
    elif field.kind == "object":
        yield from _object_findings(value, field.fields, f"{where}.")
    elif field.kind == "list":
        for index, item in enumerate(value):
            if isinstance(item, dict):
                yield from _object_findings(item, field.fields, f"{where}[{index}].")
            else:
                yield f"{where}[{index}]", "is not an object"


_WANTED = {
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


def _has_kind(value: Any, field: Field) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match field.kind:
        case "string" | "timestamp":
            return isinstance(value, str)
        case "integer":
            return number and value == int(value) and abs(value) < 2**63
        case "number":
            return number
        case "boolean":
            return isinstance(value, bool)
        case "decimal":
            return isinstance(value, str) and _is_decimal(value)
        case "object":
            return isinstance(value, dict)
        case "list":
            return isinstance(value, list)
        case "map":
            return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
        case "spans":
            return isinstance(value, list) and all(_is_span(span) for span in value)


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _is_span(span: Any) -> bool:
    numbers = isinstance(span, list) and all(isinstance(x, int | float) and not isinstance(x, bool) for x in span)
    return numbers and len(span) == 2 and 0 <= span[0] <= span[1]
