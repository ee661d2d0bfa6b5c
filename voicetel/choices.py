"""One of a few words: found, or the likely right one named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.errors import UsageError
from voicetel.suggestion import did_you_mean_or_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def check_choice(word: str, known: Iterable[str], what: str) -> str:
    """``word``, if it is one of ``known``. Raises UsageError with the likely right word; ``what`` names the kind."""
    names = tuple(known)
    if word in names:
        return word
    raise UsageError(f"no {what} is called {word!r}", hint=did_you_mean_or_list(word, names, cutoff=0.5))


def split_values(values: Sequence[str] | None, *, option: str = "") -> tuple[str, ...]:
    """The words of an option that may be repeated, or hold several with commas between them; each once.

    Raises UsageError, which names the ``option``, where it was given without a word: an empty variable of a script is no
    wish for everything.
    """
    words = (word.strip() for value in values or () for word in value.split(","))
    found = tuple(dict.fromkeys(word for word in words if word))
    if values and not found:
        raise UsageError(f"{option or 'an option'} is empty", hint="name one, or leave the option out")
    return found
