"""Single values as an agent or an importer hands them over → values of the format's types.

A value that cannot be brought to its field's type is MISSING: a line never says what nobody meant.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from numbers import Integral, Real
from pathlib import PurePath
from typing import TYPE_CHECKING, Final
from uuid import UUID

from voicetel.events.timestamps import rfc3339

if TYPE_CHECKING:
    from voicetel.events.fields import Field

MAX_WORD_CHARS: Final = 8_192
"""Strings other than the two texts of a turn are cut here: names, reasons, tags."""

MISSING: Final = object()
"""Stands for a value that does not fit."""

_SURROGATES = re.compile("[\ud800-\udfff]")


def plain_text(value: object) -> str | None:
    """Spell a value that has one plain spelling, at any length; None for any other. Never raises."""
    try:
        text = string(value, limit=None)
    except Exception:  # noqa: BLE001 - the value is somebody else's object and may raise anything
        return None
    return text if isinstance(text, str) else None


def plain_number(value: object) -> float | None:
    """Give a number of any type as an int or a float; None for what is none, not finite or past 64 bits. Never raises."""
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, Real)):
            return None
        plain = int(value) if isinstance(value, (int, Integral)) else float(value)
        return plain if _readable(plain) else None
    except Exception:  # noqa: BLE001 - the value is somebody else's object and may raise anything
        return None


def string(value: object, *, limit: int | None) -> object:
    if not isinstance(value, str):
        return MISSING if (word := _word(value)) is None else string(word, limit=limit)
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


def number(value: object, field: Field) -> object:
    if isinstance(value, bool):
        return MISSING
    if not isinstance(value, (int, float, Decimal)):
        if not isinstance(value, Real):
            return MISSING
        value = int(value) if isinstance(value, Integral) else float(value)
    return _bounded(value, field) if _readable(value) else MISSING


def bare_number(value: float) -> object:
    """Give a number as JSON has it: of a subclass (an IntEnum, a float of numpy) the value alone."""
    if not _readable(value):
        return MISSING
    return int(value) if isinstance(value, int) else float(value)


def _bounded(value: float | Decimal, field: Field) -> object:
    if field.minimum is not None and value < field.minimum:
        return MISSING
    if field.maximum is not None and value > field.maximum:
        return MISSING
    rounded = round(float(value), 3 if field.unit == "ms" else 6)
    if isinstance(value, int) or rounded.is_integer():
        return int(value if isinstance(value, int) else rounded)
    return rounded if field.kind == "number" else MISSING


def _readable(value: float | Decimal) -> bool:
    """Whether readers get the number back: finite, and within 64 bits."""
    if isinstance(value, Decimal) and not value.is_finite():
        return False
    return -(2**63) < value < 2**63


def decimal(value: object, field: Field) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str, float)):
        return MISSING
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        return MISSING
    if not amount.is_finite() or abs(amount.adjusted()) >= 64 or (field.minimum is not None and amount < field.minimum):
        return MISSING
    return f"{amount:f}"


def timestamp(value: object) -> object:
    try:
        return rfc3339(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
    except (ValueError, OverflowError):
        return MISSING
