r"""From a text to the phrases in it, the same in Python and in DuckDB.

Words are what matters, so a text is first normalised: lower case, ё as е, everything that is neither a letter
nor a digit is a gap, and words are separated by two spaces, with two more at either end. Every word has then a
space of its own on both sides, and neighbouring phrases can match without sharing one.

Where Python and RE2 disagree about a character, the definition takes what both have in common: Σ becomes σ
wherever it stands, İ becomes i, combining marks are gaps, and so are letters and digits beyond U+FFFF (of which
the two know different editions of Unicode).

In DuckDB, with ``PhraseBook.parameters`` bound, the phrases of one text are::

    passes  := regexp_matches(text, $prefilter)
    folded  := replace(lower(text), 'ё', 'е')
    norm    := '  ' || trim(regexp_replace(folded, GAP, '  ', 'g')) || '  '
    clauses := '  ' || trim(regexp_replace(regexp_replace(folded, CLAUSE_END, ' , ', 'g'), CLAUSE_GAP, '  ', 'g')) || '  '
    found   := regexp_extract_all(norm, $pattern, 1)            for both patterns
    negated := regexp_extract_all(clauses, $negated_pattern, 1) where regexp_matches(text, $negation)
    hits    := those of found that are not in negated, each looked up in $keys, sorted and distinct

``hits_sql`` is that as one expression. There are two patterns, of phrases in ASCII and of all others: RE2 is an
order of magnitude slower with one of twice the size. A pattern's group captures a key, one of thousands; ``$keys``
has them in buckets by their length in bytes, and ``$indices`` in the same places the lines that each stands in.

The prefilter is part of the definition, since most texts get no further: the first letters of a phrase have to
stand in the text with nothing between the words but spaces, ASCII or general punctuation.
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


_LONG_WORD = 6
_ANCHOR_LETTERS = (9, 8, 7, 6, 5)
_FAST_BYTES = 14_500
_LETTERS = re.compile(r"(\(\?:|[|)?])")
_ANY_GAP = "[\t-/:-@\\[-`{-\u00bf\u2000-\u206f]+"


def hits_sql(text: str) -> str:
    """DuckDB: the sorted distinct indices of the phrases in ``text``, a column or expression: ``PhraseBook.hits``.

    NULL where the text is NULL or does not pass the prefilter. Bind ``PhraseBook.parameters``.
    """
    folded = f"replace(lower({text}), 'ё', 'е')"
    norm = f"'  ' || trim(regexp_replace({folded}, '{GAP}', '  ', 'g')) || '  '"
    ended = f"regexp_replace({folded}, '{CLAUSE_END}', ' , ', 'g')"
    clause_words = f"'  ' || trim(regexp_replace({ended}, '{CLAUSE_GAP}', '  ', 'g')) || '  '"
    latin, beyond = f"regexp_matches({text}, '[A-Za-z0-9]')", f"strlen({text}) > length({text})"
    negated = f"regexp_matches({text}, $negation)"
    # Inside a lambda no pattern is a constant, and would be compiled again for every few rows.
    return f"""
CASE WHEN regexp_matches({text}, $prefilter) THEN
    list_transform(
        [{{
            'found': list_concat(
                CASE WHEN {latin} THEN regexp_extract_all({norm}, $ascii, 1) ELSE [] END,
                CASE WHEN {beyond} THEN regexp_extract_all({norm}, $other, 1) ELSE [] END),
            'negated': list_concat(
                CASE WHEN {negated} AND {latin} THEN regexp_extract_all({clause_words}, $negated_ascii, 1) ELSE [] END,
                CASE WHEN {negated} AND {beyond} THEN regexp_extract_all({clause_words}, $negated_other, 1) ELSE [] END)
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

    def __init__(
        self, lines: Sequence[Sequence[str]], negations: Sequence[Negation], common: Iterable[str] = ()
    ) -> None:
        """``lines`` has the keys of each line. A key may stand in several: who says it can make the difference.

        ``common`` are words that stand in so many texts that the prefilter had better look for others.
        """
        self._index: dict[str, list[int]] = {}
        for i, keys in enumerate(lines):
            for key in keys:
                self._index.setdefault(key, []).append(i)
        self.prefilter = _prefilter(self._index, frozenset(common))
        scripts = ([key for key in self._index if key.isascii()], [key for key in self._index if not key.isascii()])
        alternatives = [_alternatives(sorted(keys)) or _NEVER for keys in scripts]
        reaches = _reaches(negations) or _NEVER
        words = sorted({_key(word).split()[0] for negation in negations for word in negation.words})
        self._negation = _any_case(_alternatives(words)) if words else _NEVER
        self.patterns = tuple(f" ({each})[^ ]*" for each in alternatives)
        self.negated_patterns = tuple(f" (?:{reaches})({each})" for each in alternatives)

    @property
    def parameters(self) -> dict[str, object]:
        """The values to bind to ``hits_sql``."""
        longest = max((len(key.encode()) for key in self._index), default=0)
        buckets: list[list[str]] = [[] for _ in range(longest)]
        for key in self._index:
            buckets[len(key.encode()) - 1].append(key)
        return {
            "prefilter": self.prefilter,
            "negation": self._negation,
            "ascii": self.patterns[0],
            "other": self.patterns[1],
            "negated_ascii": self.negated_patterns[0],
            "negated_other": self.negated_patterns[1],
            "keys": buckets,
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
        norm = normalise(text)
        found = ascii_keys.findall(norm) + ([] if norm.isascii() else other_keys.findall(norm))
        if not found or not prefilter.search(text):
            return []
        if not negation.search(text):
            return found
        clause_words = clauses(text)
        negated = {*negated_ascii.findall(clause_words), *negated_other.findall(clause_words)}
        return [key for key in found if key not in negated]


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


def _prefilter(keys: Iterable[str], common: frozenset[str]) -> str:
    """For each phrase the letters, in any case, that tell it best: a long word, else the words with most letters."""
    pattern = ""
    for letters in _ANCHOR_LETTERS:
        anchors = {_anchor(key, common, letters) for key in keys}
        pattern = _alternatives(sorted(each for each in anchors if not _goes_on(each, anchors)))
        if len(pattern.encode()) <= _FAST_BYTES:
            break
    return _any_case(pattern) or _NEVER


def _anchor(key: str, common: frozenset[str], letters: int) -> str:
    words = key.split()
    rare = [word for word in words if len(word) >= _LONG_WORD and word not in common]
    if rare:
        return max(rare, key=lambda word: (len(word), word))[:letters]
    windows = ["  ".join(words[i:])[: letters + 2].rstrip() for i in range(len(words))]
    return max(windows, key=lambda window: (len(window.replace(" ", "")) - 2 * (window in common), window))


def _goes_on(anchor: str, anchors: set[str]) -> bool:
    return any(anchor[:i] in anchors for i in range(1, len(anchor)))


def _any_case(pattern: str) -> str:
    """The pattern of letters in any case, with anything but letters between its words."""
    parts = _LETTERS.split(pattern)
    cased = ["".join("[еЕёЁ]" if letter == "е" else _both_cases(letter) for letter in part) for part in parts[::2]]
    parts[::2] = [part.replace("  ", _ANY_GAP) for part in cased]
    return "".join(parts)


def _both_cases(letter: str) -> str:
    upper = letter.upper()
    return letter if upper == letter or len(upper) > 1 else f"[{letter}{upper}]"
