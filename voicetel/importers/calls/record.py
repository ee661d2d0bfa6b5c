"""An object of a foreign document, read by type: a value of another type counts as passed over, and is unknown."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.importers.calls.notes import Notes

_MILLISECONDS_FROM: Final = 1e11
_NANOSECONDS_FROM: Final = 1e14
_MIN_TIME_S: Final = 946_684_800.0
_MAX_TIME_S: Final = 4_102_444_800.0
"""Timestamps before the year 2000 or after 2100 are none."""

_MAX_NUMBER: Final = 1e15
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


class Record:
    """One object and where it stands in its document. What is missing or null is None, or empty."""

    __slots__ = ("_notes", "_path", "values")

    def __init__(self, values: Mapping[str, object], notes: Notes, path: str = "") -> None:
        self.values = values
        self._notes = notes
        self._path = path

    def has(self, name: str) -> bool:
        """Whether there is anything under ``name``."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str | None:
        """A string that is not empty."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return clean(value) if value else None
        self.passed_over(name)
        return None

    def word(self, name: str) -> str | None:
        """A string, or a whole number, a truth or an amount as one."""
        value = self.values.get(name)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, Decimal)) and as_number(value) is not None:
            return str(value)
        return self.text(name)

    def number(self, name: str) -> float | None:
        """A finite number."""
        value = self.values.get(name)
        number = as_number(value)
        if number is None and value is not None:
            self.passed_over(name)
        return number

    def positive(self, name: str, scale: float = 1.0) -> float | None:
        """A measure, times ``scale``; None for the 0 and −1 that stand for "don't know"."""
        value = self.number(name)
        return value * scale if value is not None and value > 0 else None

    def amount(self, name: str) -> Decimal | None:
        """An exact number that is not negative: money, or a quantity to calculate with."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or not 0 <= value < _MAX_NUMBER:
            self.passed_over(name)
            return None
        return Decimal(value)

    def flag(self, name: str) -> bool | None:
        """True or false."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        self.passed_over(name)
        return None

    def record(self, name: str) -> Record:
        """An object; an empty one where there is none."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, Mapping):
            self.passed_over(name)
        return Record(value if isinstance(value, Mapping) else {}, self._notes, f"{self._path}{name}.")

    def records(self, name: str) -> list[Record]:
        """The objects of a list."""
        path = f"{self._path}{name}[]."
        items = self.items(name)
        kept = [Record(item, self._notes, path) for item in items if isinstance(item, Mapping)]
        for _ in range(len(items) - len(kept)):
            self.passed_over(f"{name}[]")
        return kept

    def items(self, name: str) -> list[object]:
        """The items of a list, of any type."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.passed_over(name)
            return []
        return value

    def numbers(self, name: str) -> list[float]:
        """The finite numbers of a list."""
        items = self.items(name)
        kept = [number for item in items if (number := as_number(item)) is not None]
        for _ in range(len(items) - len(kept)):
            self.passed_over(f"{name}[]")
        return kept

    def entries(self) -> Iterator[tuple[str, Record]]:
        """The members that are objects, by name."""
        for name in self.values:
            if isinstance(self.values[name], Mapping):
                yield name, self.record(name)

    def time(self, name: str) -> float | None:
        """A timestamp, in seconds since the epoch: ISO 8601, or a number of seconds, milliseconds or nanoseconds."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        time_s = epoch_s(value)
        if time_s is None:
            self.passed_over(name)
        return time_s

    def passed_over(self, name: str) -> None:
        """Count the value under ``name`` as one that cannot be."""
        self._notes.passed_over(f"{self._path}{name}")


def clean(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair, which JSON can hold and nothing else."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def as_number(value: object) -> float | None:
    """A finite number of a size that something measured can have; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if abs(number) < _MAX_NUMBER else None


def epoch_s(value: object) -> float | None:
    """Seconds since the epoch out of ISO 8601 text or a number; None where it is neither, or out of this century."""
    if isinstance(value, str) and not value.isdigit():
        time_s = _iso_epoch_s(value)
    elif isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        return None
    else:
        number = _as_float(value)
        scale = 1e-9 if number >= _NANOSECONDS_FROM else 1e-3 if number >= _MILLISECONDS_FROM else 1.0
        time_s = number * scale
    return time_s if time_s is not None and _MIN_TIME_S <= time_s < _MAX_TIME_S else None


def _as_float(value: float | Decimal | str) -> float:
    try:
        return float(value)
    except (OverflowError, ValueError):
        return math.nan


def _iso_epoch_s(text: str) -> float | None:
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
