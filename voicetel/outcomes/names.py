"""Names that programs give to states and reasons, read word by word: snake_case, camelCase, kebab-case, spaces."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from voicetel.outcomes.phrases.normal_form import split

if TYPE_CHECKING:
    from collections.abc import Iterable

_HUMP = re.compile(r"(?<=[^\W\d_A-ZА-ЯЁ])(?=[A-ZА-ЯЁ])|(?<=[A-ZА-ЯЁ])(?=[A-ZА-ЯЁ][^\W\d_A-ZА-ЯЁ])")


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case: ``callNotBooked`` and ``call_not_booked`` are the same three."""
    return tuple(split(_HUMP.sub(" ", name)))


def words_at(pattern: str, words: tuple[str, ...], start: int) -> int:
    """How many words of the pattern's stand in ``words`` from ``start`` on; 0 unless all of them do.

    Each word of a pattern may end with a ``*``, for whatever follows.
    """
    wanted = _words_of(pattern)
    found = words[start : start + len(wanted)]
    if len(found) < len(wanted) or not all(map(_fits, wanted, found)):
        return 0
    return len(wanted)


@functools.lru_cache(maxsize=10_000)
def _words_of(pattern: str) -> list[str]:
    """Patterns come from rules: they are few, and names are held against all of them."""
    return pattern.split()


def _fits(wanted: str, word: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def is_one_of(patterns: Iterable[str], words: tuple[str, ...]) -> bool:
    """Whether the whole name is one of the patterns; a pattern that is open at its end takes any words after it."""
    return any(
        (length := words_at(pattern, words, 0)) and (length == len(words) or pattern.endswith("*"))
        for pattern in patterns
    )
