"""One of a few words: found, or the likely right one named."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from voicetel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LISTED = 20


def chosen(word: str, known: Iterable[str], what: str) -> str:
    """``word``, if it is one of ``known``. Raises UsageError with the likely right word; ``what`` names the kind."""
    names = tuple(known)
    if word in names:
        return word
    near = get_close_matches(word.lower(), names, n=1) or get_close_matches(word, names, n=1, cutoff=0.5)
    if near:
        hint: str | None = f"did you mean {near[0]}?"
    else:
        hint = f"one of {', '.join(names)}" if len(names) <= _LISTED else None
    raise UsageError(f"no {what} is called {word!r}", hint=hint)


def parts(values: Sequence[str] | None) -> tuple[str, ...]:
    """The words of an option that may be repeated, or hold several with commas between them; each once."""
    words = (word.strip() for value in values or () for word in value.split(","))
    return tuple(dict.fromkeys(word for word in words if word))
