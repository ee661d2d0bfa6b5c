"""The normal form of a text, in which phrases are looked for: lower case, words, and what stands between them.

``phrases`` says what it is and why. CLAUSE_GAP and GAP are the same gaps for DuckDB.
"""

from __future__ import annotations

import re

_BETWEEN = r"(?:[^\pL\pN]|[\x{10000}-\x{10FFFF}])*"
CLAUSE_GAP = f"{_BETWEEN}[.,!?;:…—–]{_BETWEEN}"
"""RE2: a gap in which a clause ends, and with it the reach of a negation."""
_BETWEEN_CLAUSES = r"(?:[^\pL\pN,]|[\x{10000}-\x{10FFFF}])*"
GAP = rf"{_BETWEEN_CLAUSES}(?:[^\pL\pN, ]|[\x{{10000}}-\x{{10FFFF}}]){_BETWEEN_CLAUSES}|  +"
"""RE2: any other gap, unless it is a single space already. Each one replaced takes its time."""

_ANY_GAP = re.compile("[\\W_\U00010000-\U0010ffff]+")
_CLAUSE_END = re.compile("[.,!?;:…—–]")


def fold(text: str) -> str:
    """Lower case as DuckDB has it: character by character, Σ always σ and İ always i."""
    if not text.isascii():
        text = text.replace("Σ", "σ").replace("İ", "i")
    return text.lower()


def normalise(text: str) -> str:
    """The text's words in lower case, with two spaces around each, or a comma and a space where a clause ends."""
    return _ANY_GAP.sub(_written_gap, f" {fold(text).replace('ё', 'е')} ")


def split(text: str) -> list[str]:
    """The text's words in lower case."""
    return normalise(text).replace(",", " ").split()


def _written_gap(gap: re.Match[str]) -> str:
    return ", " if _CLAUSE_END.search(gap[0]) else "  "
