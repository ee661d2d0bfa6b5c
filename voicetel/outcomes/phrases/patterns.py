"""Regular expressions for one of many phrases, as small as can be.

RE2 works with tables that it fills as it reads, in a fixed budget of memory which the expression itself is taken
from. Past MAX_LOCATING_BYTES not enough is left to tell where a match began, past MAX_DETECTING_BYTES to tell that
there is one; RE2 then falls back to a way that is ten to a hundred times slower. Phrases come from lines with choices,
so a line is written as the product of choices that it is: ``(?:a|your)  (?:brief  )?message`` and not what it stands for.

A phrase is its words, each with the spaces behind it, as ``phrases`` has them.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

MAX_LOCATING_BYTES = 19_000
"""Of a pattern that says where a phrase stands in the normal form of a text, as RE2 gets it."""
MAX_DETECTING_BYTES = 25_000
"""Of a pattern that says whether there is a phrase: of what ``longest_of`` gives, where every gap is then written as a class of characters."""

Words = tuple[str, ...]
_Sequence = TypeVar("_Sequence", str, Words)

_WORD = re.compile("[^ ]+ *")


def longest_of(lines: Sequence[Collection[str]]) -> str:
    """A pattern for the longest phrase that the text goes on with. Empty where there are none.

    Of phrases that stand on one line it is any: they mean the same.
    """
    # Alternatives are tried in order, and what goes on where a phrase of another line ends has to be tried first.
    longer = _going_on(lines)
    first = longest_of([[phrase for phrase in phrases if phrase in longer] for phrases in lines]) if longer else ""
    rest = [{tuple(_WORD.findall(phrase)) for phrase in phrases if phrase not in longer} for phrases in lines]
    return _either([first, *dict.fromkeys(_phrases(each) for each in rest if each)])


def _going_on(lines: Sequence[Collection[str]]) -> set[str]:
    """The phrases that begin with a whole phrase of another line."""
    owners: dict[str, set[int]] = {}
    for i, phrases in enumerate(lines):
        for phrase in phrases:
            owners.setdefault(phrase, set()).add(i)
    found = set()
    begun: list[str] = []
    for phrase in sorted(owners):
        while begun and not phrase.startswith(begun[-1]):
            begun.pop()
        if any(owners[beginning] != owners[phrase] for beginning in begun):
            found.add(phrase)
        begun.append(phrase)
    return found


def letters(words: Collection[str]) -> str:
    """A pattern for one of some words."""
    if len(words) < 2:
        return "".join(words)
    factors = _factors(words) if "" not in words else None
    if factors:
        return letters(factors[0]) + letters(factors[1])
    beginnings: dict[str, list[str]] = {}
    for _, group in itertools.groupby(sorted(word for word in words if word), key=lambda word: word[0]):
        branch = list(group)
        # The branch is sorted: what its first and last share, all share.
        pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(branch[0], branch[-1], strict=False))
        shared = "".join(letter for letter, _ in pairs)
        rest = letters({word[len(shared) :] for word in branch})
        beginnings.setdefault(rest, []).append(shared)
    return _either([_either(shared) + rest for rest, shared in beginnings.items()], optional="" in words)


def _phrases(phrases: Collection[Words]) -> str:
    if () in phrases:
        return _either([_phrases({words for words in phrases if words})], optional=True)
    factors = _factors(phrases)
    if factors:
        return _phrases(factors[0]) + _phrases(factors[1])
    continuations: dict[str, set[Words]] = {}
    for words in phrases:
        continuations.setdefault(words[0], set()).add(words[1:])
    groups: dict[frozenset[Words], list[str]] = {}
    for word in sorted(continuations):
        groups.setdefault(frozenset(continuations[word]), []).append(word)
    return _either([letters(words) + (_phrases(rest) if rest != {()} else "") for rest, words in groups.items()])


def _factors(sequences: Collection[_Sequence]) -> tuple[set[_Sequence], set[_Sequence]] | None:
    """Two sets whose products these are, each of one with each of the other; None where there are none."""
    ordered = sorted(sequences, key=lambda each: (len(each), each))
    for example in (ordered[0], ordered[-1]):
        for cut in range(1, len(example)):
            head, tail = example[:cut], example[cut:]
            tails = {each[cut:] for each in sequences if each[:cut] == head}
            heads = {each[: len(each) - len(tail)] for each in sequences if each[-len(tail) :] == tail}
            if len(heads) * len(tails) >= len(ordered) and {a + b for a in heads for b in tails} == set(sequences):
                return heads, tails
    return None


def _either(patterns: Sequence[str], *, optional: bool = False) -> str:
    patterns = [pattern for pattern in patterns if pattern]
    if len(patterns) == 1 and not optional:
        return patterns[0]
    return f"(?:{'|'.join(patterns)})" + "?" * optional if patterns else ""
