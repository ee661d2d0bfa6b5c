"""The known word that was likely meant by one that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LISTED = 20
"""More words than this are not listed."""


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
    """The same, else all known words in their order; None where these are too many to list."""
    words = tuple(known)
    listed = f"one of {', '.join(words)}" if 0 < len(words) <= _LISTED else None
    return did_you_mean(word, words, cutoff=cutoff) or listed
