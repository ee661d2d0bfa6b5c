"""The text of a rate card, whose values are read with a type and, if they are wrong, refused with file, line and key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from voicetel.pricing.errors import PricingError
from voicetel.toml_document import TomlDocument

if TYPE_CHECKING:
    from voicetel.toml_document import KeyPath, Table

_TINIEST, _HUGEST = Decimal("1e-30"), Decimal("1e15")


@dataclass(frozen=True, slots=True)
class CardDocument(TomlDocument):
    """The text of a rate card: whatever is wrong in it is a PricingError."""

    error_type: ClassVar[type[PricingError]] = PricingError

    def number(self, path: KeyPath, value: object) -> Decimal:
        """A finite number of at least 0."""
        if isinstance(value, str):
            self.fail(path, "is text, not a number", "write the number without quotes")
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.fail(path, "is not a number")
        number = Decimal(value)
        if not number.is_finite():
            self.fail(path, "is not a finite number")
        if number < 0:
            self.fail(path, "is negative", "a rate is at least 0; a discount is a multiplier below 1")
        if number and not _TINIEST <= number < _HUGEST:
            self.fail(path, "is out of all proportion", "look at its exponent")
        return number

    def positive(self, path: KeyPath, table: Table, key: str) -> Decimal | None:
        """A number above 0; None if the table does not have the key."""
        if key not in table:
            return None
        number = self.number((*path, key), table[key])
        if not number:
            self.fail((*path, key), "is 0", "it must be more than 0")
        return number

    def boolean(self, path: KeyPath, table: Table, key: str, *, default: bool) -> bool:
        """True or false."""
        value = table.get(key, default)
        if not isinstance(value, bool):
            self.fail((*path, key), "is neither true nor false")
        return value

    def day(self, path: KeyPath, table: Table, key: str) -> date | None:
        """A day without a time; None if the table does not have the key."""
        value = table.get(key)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self.fail((*path, key), "is not a day", f"write a UTC day without quotes: {key} = 2026-01-31")
        return value

    def string(self, path: KeyPath, table: Table, key: str) -> str | None:
        """A text; None if the table does not have the key."""
        value = table.get(key)
        if value is not None and not isinstance(value, str):
            self.fail((*path, key), "is not text")
        return value
