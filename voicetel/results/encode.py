"""Results as JSON. Money is a string of digits, exact; other numbers are JSON numbers, times RFC 3339 in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

from voicetel.results.columns import row_columns
from voicetel.results.figure import PLAIN, Figure, figures_of

SCHEMA_VERSION = 1
"""Goes up when a field changes its meaning or goes away; new fields may come without notice."""


def to_json(result: Any) -> dict[str, Any]:
    """A whole answer: the members of ``result``, with the version of the schema."""
    return {"schema_version": SCHEMA_VERSION, **encode(result)}


def encode(value: Any, figure: Figure = PLAIN) -> Any:
    """A result, or a value of one whose figure is ``figure``, as what JSON can hold."""
    if is_dataclass(value):
        return _members(value)
    if isinstance(value, Mapping):
        return {key: encode(each, figure) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [encode(each, figure) for each in value]
    return encode_scalar(value, figure)


def encode_row(row: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """A row of a result of type ``kind``: its cells by the names of its columns, those that it has."""
    figures = _row_figures(kind)
    return {name: encode_scalar(value, figures.get(name, PLAIN)) for name, value in row.items()}


@cache
def _row_figures(kind: type) -> dict[str, Figure]:
    return {column.name: column.figure for column in row_columns(kind)}


def encode_scalar(value: Any, figure: Figure) -> Any:
    """A single value."""
    if isinstance(value, Decimal):
        return digits(value) if figure.unit == "money" else number(value)
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _members(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    cls: type = type(value)
    for name, figure in figures_of(cls):
        member = getattr(value, name)
        if figure.hidden or (figure.omit_if_empty and not member and member != 0):
            continue
        if figure.row_of is not None:
            found[figure.member or name] = encode_row(member, figure.row_of)
        elif figure.inline:
            found |= encode(member, figure)
        else:
            found[figure.member or name] = encode(member, figure)
    return found


def number(value: Decimal | None) -> float | int | None:
    """A quantity or a time as a JSON number, whole where it is whole."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def digits(value: Decimal) -> str:
    """A decimal number in full: every digit, no exponent, no zeros at the end."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def rfc3339(value: datetime) -> str:
    """A time as the log would write it: 2026-11-02T09:00:00.000Z. One without a zone is UTC."""
    utc = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    return f"{utc.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
