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
    clauses := '  ' || trim(regexp_replace(regexp_replace(folded, CLAUSE_END, ' , ', 'g'), CLAUSE_GAP, '  ', 'g')) || '  '
    found   := regexp_extract_all(norm, $pattern)               for both patterns
    reached := regexp_extract_all(clauses, $negated_pattern)    where regexp_matches(lower(text), $negation)
    hits    := those of found that none of reached ends with behind its negation, each looked up in $keys, sorted and distinct

``found_sql`` and ``hits_sql`` are that as expressions. There are two patterns, of phrases in ASCII and of all others:
RE2 is an order of magnitude slower with one of twice the size, and a hundred times with a group to capture. So what a
pattern finds is a space and a key, one of thousands; ``$keys`` has them in buckets by their length in bytes, and
``$indices`` in the same places the lines that each stands in.

The prefilter is part of the definition, since most texts get no further: the first letters of a phrase have to
stand in the text, after a space or ASCII punctuation, with nothing else between the words.
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


_LARGEST_PREFILTER_BYTES = 20_000
"""RE2 forgets what it has worked out of a larger one, and is ten times slower."""
_WORD_BEGINS = "(?:^|[ -/:-?«—“„])"
_WORDS_PART = "(?:[ -/:-?]|[’—–])+"


def found_sql(text: str) -> str:
    """DuckDB: the keys found in ``text``, a column or expression, each with a space before it.

    NULL where the text is NULL or does not pass the prefilter. Bind ``PhraseBook.parameters``.
    """
    norm = f"'  ' || trim(regexp_replace({_folded_sql(text)}, '{GAP}', '  ', 'g')) || '  '"
    return f"""
CASE WHEN regexp_matches(lower({text}), $prefilter) THEN
    CASE WHEN strlen({text}) = length({text}) THEN regexp_extract_all({norm}, $ascii)
    ELSE list_concat(
        CASE WHEN regexp_matches(lower({text}), '[a-z0-9]') THEN regexp_extract_all({norm}, $ascii) ELSE [] END,
        regexp_extract_all({norm}, $other)) END
END
"""


def hits_sql(text: str, found: str) -> str:
    """DuckDB: the sorted distinct indices of the phrases in ``text``: ``PhraseBook.hits``. NULL where there are none.

    ``found`` is a column with what ``found_sql`` gives. Bind ``PhraseBook.parameters``.
    """
    ended = f"regexp_replace({_folded_sql(text)}, '{CLAUSE_END}', ' , ', 'g')"
    clause_words = f"'  ' || trim(regexp_replace({ended}, '{CLAUSE_GAP}', '  ', 'g')) || '  '"
    # Inside a lambda no pattern is a constant, and would be compiled again for every few rows.
    meant = f"""
        list_transform(
            [list_concat(
                regexp_extract_all({clause_words}, $negated_ascii), regexp_extract_all({clause_words}, $negated_other))],
            lambda negated: list_filter({found}, lambda key: NOT list_contains(
                list_transform(negated, lambda reached: ends_with(reached[2:], key)), true)))[1]"""
    return f"""
CASE
    WHEN {found} IS NULL OR len({found}) = 0 THEN NULL
    WHEN regexp_matches(lower({text}), $negation) THEN {_indices_sql(meant)}
    ELSE {_indices_sql(found)}
END
"""


def _folded_sql(text: str) -> str:
    return f"replace(lower({text}), 'ё', 'е')"


def _indices_sql(keys: str) -> str:
    return f"""
        list_sort(list_distinct(flatten(list_transform(
            {keys}, lambda key: $indices[strlen(key)][list_position($keys[strlen(key)], key)]))))"""


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
        scripts = ([key for key in self._index if key.isascii()], [key for key in self._index if not key.isascii()])
        alternatives = [_alternatives(sorted(keys)) or _NEVER for keys in scripts]
        reaches = _reaches(negations) or _NEVER
        words = sorted({_key(word).split()[0] for negation in negations for word in negation.words})
        self._negation = f"{_WORD_BEGINS}{_spoken(_alternatives(words))}" if words else _NEVER
        self.patterns = tuple(f" {each}" for each in alternatives)
        self.negated_patterns = tuple(f" (?:{reaches}){each}" for each in alternatives)

    @property
    def parameters(self) -> dict[str, object]:
        """The values to bind to ``found_sql`` and ``hits_sql``."""
        longest = max((len(key.encode()) + 1 for key in self._index), default=0)
        buckets: list[list[str]] = [[] for _ in range(longest)]
        for key in self._index:
            buckets[len(key.encode())].append(key)
        return {
            "prefilter": self.prefilter,
            "negation": self._negation,
            "ascii": self.patterns[0],
            "other": self.patterns[1],
            "negated_ascii": self.negated_patterns[0],
            "negated_other": self.negated_patterns[1],
            "keys": [[f" {key}" for key in bucket] for bucket in buckets],
            "indices": [[self._index[key] for key in bucket] for bucket in buckets],
        }

    @cached_property
    def _compiled(self) -> tuple[re.Pattern[str], ...]:
        return tuple(
            re.compile(each) for each in (*self.patterns, *self.negated_patterns, self.prefilter, self._negation)
        )

    def hits(self, text: str) -> tuple[int, ...]:
        """Indices of the lines that the text has a phrase of, sorted and distinct, negated ones left out."""
        return tuple(sorted({i for key in self._keys(text) for i in self._index[key]}))

    def quotes(self, text: str) -> tuple[tuple[int, str], ...]:
        """The same with the words that were found, in the order in which they were said."""
        return tuple((i, " ".join(key.split())) for key in self._keys(text) for i in self._index[key])

    def _keys(self, text: str) -> list[str]:
        ascii_keys, other_keys, negated_ascii, negated_other, prefilter, negation = self._compiled
        folded = fold(text)
        if not prefilter.search(folded):
            return []
        norm = normalise(text)
        found = ascii_keys.findall(norm) + ([] if text.isascii() else other_keys.findall(norm))
        if found and negation.search(folded):
            clause_words = clauses(text)
            reached = negated_ascii.findall(clause_words) + negated_other.findall(clause_words)
            found = [key for key in found if not any(each[1:].endswith(key) for each in reached)]
        return [key[1:] for key in found]


def _alternatives(keys: Sequence[str]) -> str:
    """A pattern for the longest of the sorted keys that the text goes on with.

    Written as a tree by common beginnings, with like continuations written once: there are thousands of keys, Python
    tries alternatives one by one, and RE2 leaves its fast path where a pattern is large.
    """
    beginnings: dict[str, list[str]] = {}
    for _, group in itertools.groupby((key for key in keys if key), key=lambda key: key[0]):
        branch = list(group)
        # The branch is sorted: what its first and last share, all share.
        pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(branch[0], branch[-1], strict=False))
        shared = "".join(letter for letter, _ in pairs)
        beginnings.setdefault(_alternatives([key[len(shared) :] for key in branch]), []).append(shared)
    branches = [_either(shared) + rest for rest, shared in beginnings.items()]
    return _either(branches, optional="" in keys)


def _either(patterns: Sequence[str], *, optional: bool = False) -> str:
    if len(patterns) == 1 and not optional:
        return patterns[0]
    return f"(?:{'|'.join(patterns)})" + "?" * optional if patterns else ""


def _reaches(negations: Sequence[Negation]) -> str:
    """Negations with the words that may stand between them and what they turn round."""
    return "|".join(
        f"(?:{_alternatives(sorted(_key(word) for word in negation.words))}) (?:[^ ,]+  ){{0,{negation.within}}}?"
        for negation in negations
        if negation.words
    )


def _prefilter(keys: Iterable[str]) -> str:
    """The beginnings of the phrases, as many letters of each as stay within what RE2 is fast with."""
    pattern = ""
    for letters in (10, 9, 8, 7, 6, 5, 4):
        beginnings = {key[:letters].rstrip() for key in keys}
        tree = _alternatives(sorted(each for each in beginnings if not _goes_on(each, beginnings)))
        pattern = _WORD_BEGINS + _spoken(tree)
        if len(pattern.encode()) <= _LARGEST_PREFILTER_BYTES:
            break
    return pattern if tree else _NEVER


def _goes_on(beginning: str, beginnings: set[str]) -> bool:
    return any(beginning[:i] in beginnings for i in range(1, len(beginning)))


def _spoken(tree: str) -> str:
    """A tree of normalised words as a pattern for a text in lower case."""
    return tree.replace("е", "[её]").replace("  ", _WORDS_PART)
