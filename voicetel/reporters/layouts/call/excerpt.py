"""What is said of a call that is not there as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voicetel.analyzers.conversation.results import Excerpt

_MOST_ASKED = 1000
"""Turns of the range that is named as an example."""


def excerpt_sentences(excerpt: Excerpt | None, other_turns: str, translate: Callable[..., str]) -> Iterator[str]:
    """Which turns are there, how others are asked for, where the slowest is, and what else is left out."""
    if excerpt is None:
        return
    first, last, turns, slowest = excerpt.first_turn, excerpt.last_turn, excerpt.turns, excerpt.slowest_turn
    if last - first + 1 < turns:
        begin = 1 if last == turns else last + 1
        end = min(begin + _MOST_ASKED - 1, first - 1 if last == turns else turns)
        numbers = [formatting.count(each) for each in (first, last, turns)]
        yield translate(
            "Turns {first} to {last} of {all}, counted from 1; {how} shows others.",
            **dict(zip(("first", "last", "all"), numbers, strict=True)), how=other_turns.format(turns=f"{begin}-{end}"),
        )  # fmt: skip
        if slowest is not None:
            yield translate("The slowest response is in turn {n}.", n=formatting.count(slowest))
    if excerpt.marks_left_out:
        yield translate("Marks that are left out: {n}.", n=formatting.count(excerpt.marks_left_out))
    if excerpt.operations_left_out:
        yield translate(
            "Operations beside the turns that are left out: {n}.", n=formatting.count(excerpt.operations_left_out)
        )
