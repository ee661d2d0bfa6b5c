r"""From a text to the phrases in it, the same in Python and in DuckDB.

Words are what matters, so a text is first normalised: lower case, ё as е, everything that is neither a letter
nor a digit is a gap, and words are separated by two spaces, with two more at either end. Every word has then a
space of its own on both sides, and neighbouring phrases can match without sharing one.

Where Python and RE2 disagree about a character, the definition takes what both have in common: Σ becomes σ
wherever it stands, İ becomes i, combining marks are gaps, and so are letters and digits beyond U+FFFF (of which
the two know different editions of Unicode).

In DuckDB, with ``PhraseBook.parameters`` bound, the phrases of one text are::

    passes  := regexp_matches(lower(text), $prefilter)
    folded  := replace(lower(text), 'ё', 'е')
    norm    := '  ' || trim(regexp_replace(folded, GAP, '  ', 'g')) || '  '
    found   := regexp_extract_all(norm, $pattern, 1)
    clauses := '  ' || trim(regexp_replace(regexp_replace(folded, CLAUSE_END, ' , ', 'g'), CLAUSE_GAP, '  ', 'g')) || '  '
    negated := regexp_extract_all(clauses, $negated_pattern, 1)
    hits    := those of found that are not in negated, each looked up in $keys, sorted and distinct

``hits_sql`` is that as one expression. The pattern's group captures a key, one of thousands; ``$keys`` has them in
buckets by their length in bytes, and ``$indices`` in the same places the lines that each stands in.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

GAP = r"(?:[^\pL\pN]|[\x{10000}-\x{10FFFF}])+"
"""RE2: what separates words."""
CLAUSE_END = r"[.,!?;:…—–]+"
"""RE2 and Python: what ends a clause, and with it the reach of a negation."""
CLAUSE_GAP = r"(?:[^\pL\pN,]|[\x{10000}-\x{10FFFF}])+"
"""RE2: what separates words and ends of clauses."""

_GAP = re.compile("[\\W_\U00010000-\U0010ffff]+")
_CLAUSE_END = re.compile(CLAUSE_END)
_CLAUSE_GAP = re.compile("(?:[^\\w,]|[_\U00010000-\U0010ffff])+")
_CHOICE = re.compile(r"\(([^()]*)\)")
_NEVER = r"[^\s\S]"

LARGEST_EXPANSION = 500
"""Phrases that one line with choices may stand for."""


def hits_sql(text: str) -> str:
    """DuckDB: the sorted distinct indices of the phrases in ``text``, a column or expression: ``PhraseBook.hits``.

    NULL where the text is NULL or does not pass the prefilter. Bind ``PhraseBook.parameters``.
    """
    return f"""
CASE WHEN regexp_matches(lower({text}), $prefilter) THEN
    list_transform(
        [{{
            'found': regexp_extract_all(
                '  ' || trim(regexp_replace(replace(lower({text}), 'ё', 'е'), '{GAP}', '  ', 'g')) || '  ',
                $pattern, 1),
            'negated': regexp_extract_all(
                '  ' || trim(regexp_replace(regexp_replace(replace(lower({text}), 'ё', 'е'),
                    '{CLAUSE_END}', ' , ', 'g'), '{CLAUSE_GAP}', '  ', 'g')) || '  ',
                $negated_pattern, 1)
        }}],
        lambda row: list_sort(list_distinct(flatten(list_transform(
            list_filter(row.found, lambda key: NOT list_contains(row.negated, key)),
            lambda key: $indices[strlen(key)][list_position($keys[strlen(key)], key)]))))
    )[1]
END
"""


@dataclass(frozen=True, slots=True)
class Negation:
    """Words that turn a phrase round when at most ``within`` other words of the clause stand between the two."""

    words: tuple[str, ...]
    within: int


def fold(text: str) -> str:
    """Lower case as DuckDB has it: character by character, Σ always σ and İ always i."""
    if not text.isascii():
        text = text.replace("Σ", "σ").replace("İ", "i")
    return text.lower()


def normalise(text: str) -> str:
    """The text's words in lower case, each with a space of its own on both sides."""
    return "  " + _GAP.sub("  ", fold(text).replace("ё", "е")).strip(" ") + "  "


def clauses(text: str) -> str:
    """As ``normalise``, with a comma as a word of its own wherever a clause ends."""
    ended = _CLAUSE_END.sub(" , ", fold(text).replace("ё", "е"))
    return "  " + _CLAUSE_GAP.sub("  ", ended).strip(" ") + "  "


def expand(line: str) -> tuple[str, ...]:
    """The keys of the phrases that one line of the rules stands for: what the pattern captures where one is said.

    ``(a|b)`` is a choice, inside a word or of whole words, empty ones and choices within choices included; a ``*``
    at the very end of a phrase leaves its last word open. Raises ValueError with what is wrong with the line.
    """
    lines = list(itertools.islice(_choices(line), LARGEST_EXPANSION + 1))
    if len(lines) > LARGEST_EXPANSION:
        raise ValueError(f"stands for more than {LARGEST_EXPANSION} phrases")
    return tuple(dict.fromkeys(_key(each) for each in lines))


def _choices(line: str) -> Iterator[str]:
    innermost = _CHOICE.search(line)
    if innermost is None:
        yield line
        return
    for option in innermost[1].split("|"):
        yield from _choices(line[: innermost.start()] + option + line[innermost.end() :])


def _key(phrase: str) -> str:
    """Words as the normalised text has them. A space at the end closes the last word; without it it is open."""
    if any(mark in phrase for mark in "()|"):
        raise ValueError("has a bracket or bar that belongs to no (a|b) choice")
    bare = phrase.rstrip().removesuffix("*")
    open_end = bare != phrase.rstrip()
    words = normalise(bare).strip()
    if "*" in bare or (open_end and not normalise(bare[-1:]).strip()):
        raise ValueError("has a * that does not follow its last letter")
    if not words:
        raise ValueError("stands for a phrase without words")
    return words if open_end else words + " "


class PhraseBook:
    """Lines of phrases made ready for looking up: patterns that mean the same to Python's ``re`` and to RE2."""

    def __init__(self, lines: Sequence[Sequence[str]], negations: Sequence[Negation]) -> None:
        """``lines`` has the keys of each line. A key may stand in several: who says it can make the difference."""
        self._index: dict[str, list[int]] = {}
        for i, keys in enumerate(lines):
            for key in keys:
                self._index.setdefault(key, []).append(i)
        self.prefilter = _prefilter(self._index)
        alternatives = _alternatives(sorted(self._index)) or _NEVER
        self.pattern = f" ({alternatives})[^ ]*"
        self.negated_pattern = f" (?:{_reaches(negations) or _NEVER})({alternatives})"

    @property
    def parameters(self) -> dict[str, object]:
        """The values to bind to ``hits_sql``."""
        longest = max((len(key.encode()) for key in self._index), default=0)
        buckets = [[key for key in self._index if len(key.encode()) == size] for size in range(1, longest + 1)]
        return {
            "prefilter": self.prefilter,
            "pattern": self.pattern,
            "negated_pattern": self.negated_pattern,
            "keys": buckets,
            "indices": [[self._index[key] for key in bucket] for bucket in buckets],
        }

    @cached_property
    def _compiled(self) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
        return re.compile(self.prefilter), re.compile(self.pattern), re.compile(self.negated_pattern)

    def hits(self, text: str) -> tuple[int, ...]:
        """Indices of the lines that the text has a phrase of, sorted and distinct, negated ones left out."""
        return tuple(sorted({i for key in self._keys(text) for i in self._index[key]}))

    def quotes(self, text: str) -> tuple[tuple[int, str], ...]:
        """The same with the words that were found, in the order in which they were said."""
        return tuple((i, " ".join(key.split())) for key in self._keys(text) for i in self._index[key])

    def _keys(self, text: str) -> list[str]:
        prefilter, pattern, negated_pattern = self._compiled
        if not prefilter.search(fold(text)):
            return []
        found = pattern.findall(normalise(text))
        negated = set(negated_pattern.findall(clauses(text))) if found else ()
        return [key for key in found if key not in negated]


def _alternatives(keys: Sequence[str]) -> str:
    """A pattern for the longest of the sorted keys that the text goes on with.

    Written as a tree by common beginnings: Python tries alternatives one by one, and there are thousands.
    """
    branches = []
    for _, group in itertools.groupby((key for key in keys if key), key=lambda key: key[0]):
        branch = list(group)
        # The branch is sorted: what its first and last share, all share.
        pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(branch[0], branch[-1], strict=False))
        shared = "".join(letter for letter, _ in pairs)
        branches.append(shared + _alternatives([key[len(shared) :] for key in branch]))
    if len(branches) == 1 and "" not in keys:
        return branches[0]
    if not branches:
        return ""
    return f"(?:{'|'.join(branches)})" + "?" * ("" in keys)


def _reaches(negations: Sequence[Negation]) -> str:
    """Negations with the words that may stand between them and what they turn round."""
    return "|".join(
        f"(?:{_alternatives(sorted(_key(word) for word in negation.words))}) (?:[^ ,]+  ){{0,{negation.within}}}?"
        for negation in negations
        if negation.words
    )


def _prefilter(keys: Iterable[str]) -> str:
    """Letters, one run of which is in every text that holds a phrase: each phrase's longest word."""
    wanted = {max(key.split(), key=lambda word: (len(word), word)) for key in keys}
    kept = sorted(word for word in wanted if not any(other != word and other in word for other in wanted))
    return _alternatives(kept).replace("е", "[её]") or _NEVER
