"""A line of the rules' phrases, with its choices, as the phrases that it stands for."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from voicetel.outcomes.phrases.normal_form import split

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHOICE = re.compile(r"\(([^()]*)\)")
MAX_EXPANSION = 500
"""Phrases that one line with choices may stand for."""


def expand(line: str) -> tuple[str, ...]:
    """The keys of the phrases that one line of the rules stands for: what the pattern captures where one is said.

    ``(a|b)`` is a choice, inside a word or of whole words, empty ones and choices within choices included; a ``*``
    at the very end of a phrase leaves its last word open. Raises ValueError with what is wrong with the line.
    """
    lines = list(itertools.islice(_choices(line), MAX_EXPANSION + 1))
    if len(lines) > MAX_EXPANSION:
        raise ValueError(f"stands for more than {MAX_EXPANSION} phrases")
    return tuple(dict.fromkeys(key_of(each) for each in lines))


def _choices(line: str) -> Iterator[str]:
    innermost = _CHOICE.search(line)
    if innermost is None:
        yield line
        return
    for option in innermost[1].split("|"):
        yield from _choices(line[: innermost.start()] + option + line[innermost.end() :])


def key_of(phrase: str) -> str:
    """Words as a text has them that no clause ends in. A space at the end closes the last word; without it it is open."""
    if any(mark in phrase for mark in "()|"):
        raise ValueError("has a bracket or bar that belongs to no (a|b) choice")
    bare = phrase.rstrip().removesuffix("*")
    open_end = bare != phrase.rstrip()
    words = "  ".join(split(bare))
    if "*" in bare or (open_end and not split(bare[-1:])):
        raise ValueError("has a * that does not follow its last letter")
    if not words:
        raise ValueError("stands for a phrase without words")
    return words if open_end else words + " "
