"""The known word that was likely meant by one that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LISTED = 20
"""More words than this are not all listed."""

_NAMED = 12
"""Of more words than are listed, so many are named."""

_SHORT, _SHORT_CUTOFF = 3, 0.65
"""So short a word has half of its letters in many others: `fr` is not meant for `ru`."""


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The known word that is most like ``word``; None where none is like it. ``cutoff``: how alike, 0 to 1."""
    from difflib import get_close_matches  # noqa: PLC0415  wanted only where something is wrong

    words = sorted(known)
    found = get_close_matches(word, words, n=1, cutoff=cutoff) or get_close_matches(
        word.lower(), words, n=1, cutoff=cutoff
    )
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """A hint with the known word that was likely meant; None where none comes near."""
    found = nearest(word, known, cutoff=cutoff)
    return f"did you mean {found}?" if found else None


def did_you_mean_or_list(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The same, else the known words in their order, those that have ``word`` in them where there are some.

    Of many the first ones are named and the others counted. None where nothing is known.
    """
    words = tuple(known)
    near = did_you_mean(word, words, cutoff=cutoff if len(word) > _SHORT else max(cutoff, _SHORT_CUTOFF))
    if near or not words:
        return near
    holding = [each for each in words if word and word.casefold() in each.casefold()]
    named = holding or words
    if len(named) <= _LISTED:
        return f"one of {', '.join(named)}"
    return f"one of {', '.join(named[:_NAMED])} and {len(named) - _NAMED} more"
