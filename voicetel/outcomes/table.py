"""A table of a rules file that knows its own place, so that whatever is wrong in it can be named."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from voicetel.errors import UsageError
from voicetel.suggestion import nearest


class RulesError(UsageError):
    """The outcome rules cannot mean anything: one line with file, key and, where there is one, the likely word."""


class Table:
    """One TOML table. Every getter raises RulesError where the value is missing or of the wrong kind."""

    def __init__(self, data: Mapping[str, Any], source: str, path: str) -> None:
        self.data = data
        self._source = source
        self._path = path

    @property
    def name(self) -> str:
        """The last part of the table's name."""
        return self._path.rpartition(".")[2]

    def error(self, key: str, what: str) -> RulesError:
        """The error that something is wrong with a key of this table."""
        place = f"{self._path}.{key}" if self._path else key
        return RulesError(f"{self._source}: {place} {what}")

    def allow(self, *keys: str) -> None:
        """Refuse every key but these."""
        for key in self.data:
            if key not in keys:
                raise self.error(key, f"is no key of the outcome rules{_meant(key, keys)}")

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self.data

    def table(self, key: str) -> Table:
        """The table under the key; an empty one where it is missing."""
        value = self.data.get(key, {})
        if not isinstance(value, Mapping):
            raise self.error(key, "must be a table")
        return Table(value, self._source, f"{self._path}.{key}" if self._path else key)

    def tables(self) -> list[Table]:
        """The tables under all keys, in their order."""
        return [self.table(key) for key in self.data]

    def word(self, key: str, words: Sequence[str]) -> str:
        """One of the words."""
        value = self._value(key)
        if value not in words:
            raise self.error(key, f"is {value!r}: it must be one of {', '.join(words)}{_meant(value, words)}")
        return str(value)

    def words_of(self, key: str, words: Sequence[str]) -> tuple[str, ...]:
        """A list of these words; empty where the key is missing."""
        found = self.words(key) if self.has(key) else ()
        for value in found:
            if value not in words:
                raise self.error(key, f"has {value!r}: it may hold {', '.join(words)}{_meant(value, words)}")
        return found

    def words(self, key: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self._value(key)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.error(key, "must be a list of strings")
        return tuple(value)

    def changed_words(self) -> tuple[str, ...]:
        """``words`` with those under ``add`` and without those under ``drop``."""
        words = self.words("words")
        dropped = self.words("drop") if self.has("drop") else ()
        for word in dropped:
            if word not in words:
                raise self.error("drop", f"has {word!r}, which is not among its words{_meant(word, words)}")
        added = self.words("add") if self.has("add") else ()
        return tuple(dict.fromkeys(word for word in (*words, *added) if word not in dropped))

    def number(self, key: str) -> float:
        """A number from 0 on."""
        value = self._value(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise self.error(key, f"is {value!r}: it must be a number from 0 on")
        return value

    def share(self, key: str) -> float:
        """A number from 0 to 1."""
        value = self.number(key)
        if value > 1:
            raise self.error(key, f"is {value!r}: it must be from 0 to 1")
        return value

    def count(self, key: str) -> int:
        """A whole number from 0 on."""
        value = self._value(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.error(key, f"is {value!r}: it must be a whole number from 0 on")
        return value

    def counts(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        value = self._value(key)
        if not isinstance(value, list) or not all(isinstance(each, int) and each >= 0 for each in value):
            raise self.error(key, "must be a list of whole numbers")
        return tuple(value)

    def flag(self, key: str) -> bool:
        """True or false; false where it is missing."""
        value = self.data.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"is {value!r}: it must be true or false")
        return value

    def _value(self, key: str) -> Any:
        if key not in self.data:
            raise self.error(key, f"is missing{_meant(key, self.data)}")
        return self.data[key]


def _meant(word: object, words: Iterable[str]) -> str:
    found = nearest(str(word), words)
    return f"; did you mean {found!r}?" if found else ""
