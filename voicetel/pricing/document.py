"""A TOML text whose values are read with a type and, if they are wrong, refused with file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NoReturn

from voicetel.pricing.errors import PricingError
from voicetel.pricing.lines import Path, line_of
from voicetel.pricing.match import path_text

Table = Mapping[str, object]

_TINIEST, _HUGEST = Decimal("1e-30"), Decimal("1e15")


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """The text of a TOML file, of a rate card or of settings; ``source`` names it in messages."""

    source: str
    text: str

    def read(self) -> Table:
        """The whole as tables, numbers with a point as Decimal."""
        try:
            return tomllib.loads(f"{self.text}\n", parse_float=Decimal)
        except RecursionError:
            self.fail((), "not valid TOML: nested too deeply")
        except ArithmeticError:
            self.fail((), "not valid TOML: a number that cannot be read")
        except ValueError as error:
            place = re.search(r"at line (\d+)", str(error))
            where = f"{self.source}:{place[1]}" if place else self.source
            line = f": {_excerpt(self.text.splitlines()[int(place[1]) - 1 :])}" if place else ""
            raise PricingError(f"{where}: not valid TOML: {error}{line}") from None

    def fail(self, path: Path, problem: str, hint: str | None = None) -> NoReturn:
        """Refuse what stands at ``path``."""
        line = line_of(self.text, path) if path else None
        where = f"{self.source}:{line}" if line else self.source
        key = f"{path_text(path)}: " if path else ""
        raise PricingError(f"{where}: {key}{problem}", hint=hint)

    def number(self, path: Path, value: object) -> Decimal:
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

    def positive(self, path: Path, table: Table, key: str) -> Decimal | None:
        """A number above 0; None if the table does not have the key."""
        if key not in table:
            return None
        number = self.number((*path, key), table[key])
        if not number:
            self.fail((*path, key), "is 0", "it must be more than 0")
        return number

    def boolean(self, path: Path, table: Table, key: str, *, default: bool) -> bool:
        """True or false."""
        value = table.get(key, default)
        if not isinstance(value, bool):
            self.fail((*path, key), "is neither true nor false")
        return value

    def day(self, path: Path, table: Table, key: str) -> date | None:
        """A day without a time; None if the table does not have the key."""
        value = table.get(key)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self.fail((*path, key), "is not a day", f"write a UTC day without quotes: {key} = 2026-01-31")
        return value

    def string(self, path: Path, table: Table, key: str) -> str | None:
        """A text; None if the table does not have the key."""
        value = table.get(key)
        if value is not None and not isinstance(value, str):
            self.fail((*path, key), "is not text")
        return value


def entries(value: object) -> list[tuple[Path, Table]] | None:
    """A table, or each of an array of tables, with what its path has beyond the key's; None for anything else."""
    if isinstance(value, dict):
        return [((), value)]
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return [((place,), item) for place, item in enumerate(value)]
    return None


def _excerpt(lines: list[str]) -> str:
    """The first of ``lines`` as a message may show it: short, and nothing in it that a terminal would obey."""
    line = lines[0].strip()[:60] if lines else ""
    return "".join(char if char.isprintable() else "?" for char in line)
