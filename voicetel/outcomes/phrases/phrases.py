r"""From a text to the phrases in it, the same in Python and in DuckDB.

Words are what matters, so a text is first brought into a normal form: lower case, ё as е, and only letters and
digits are kept. What stands between two words is a gap, written as two spaces, or as a comma and a space where a
clause ends in it: ``"  no, thank  you, "``. Every word has so a place of its own on both sides, and neighbouring
phrases can match without sharing one.

Where Python and RE2 disagree about a character, the definition takes what both have in common: Σ becomes σ
wherever it stands, İ becomes i, combining marks are gaps, and so are letters and digits beyond U+FFFF (of which
the two know different editions of Unicode).

A phrase matches whatever the gaps between its words are. Where a negation stands before it, with at most so many
words of the same clause between the two, the match begins with the negation; it is then no phrase of the rules, and
counts for nothing. Matches do not overlap: of what does, negated or not, the one that begins first is found, and of
phrases that begin with the same word the longest, before any negation that begins there. Phrases in ASCII and all
others are looked for separately, and so are what machines answer with and the rest: in one pattern they would be too many.

In DuckDB ``normalised_sql`` is the normal form and ``phrases_sql`` what is found in it. Most texts have no phrase, and
``normalised_sql`` sees that in the text as it stands, since the normal form costs more than all the rest: a text of Latin
or of Cyrillic letters, digits and usual gaps goes on only if a phrase is there, any other always. That makes no
difference to what is found. A pattern for a text in lower case is begun where the text begins: RE2 would otherwise
look for the beginning of a match, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from voicetel.outcomes.phrases.normal_form import CLAUSE_GAP, GAP, normalise
from voicetel.outcomes.phrases.patterns import MAX_DETECTING_BYTES, letters, longest_of
from voicetel.outcomes.phrases.phrase_lines import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

_PATTERNS = ("ascii", "other", "ascii_opening", "other_opening")
"""Parameters of ``phrases_sql``."""
_LATIN = re.compile("[a-z]")
_NEVER = r"[^\s\S]"

_USUAL_GAPS = r"\x00-/:-`{-\x7f\x{a0}\x{ab}\x{bb}\x{2000}-\x{203f}"
_CYRILLIC = r"\x{400}-\x{481}\x{48a}-\x{52f}"


def normalised_sql(text: str) -> str:
    """DuckDB: the normal form of ``text``, a column or expression. NULL where it is missing or has no phrase.

    Bind ``PhraseBook.parameters``, here and for ``phrases_sql``.
    """
    seen = (
        f"CASE WHEN 2 * strlen({text}) < 3 * length({text}) THEN regexp_extract(lower({text}), $ascii_seen)"
        f" ELSE regexp_extract(lower({text}), $other_seen) END"
    )
    ended = f"regexp_replace(' ' || replace(lower({text}), 'ё', 'е') || ' ', '{CLAUSE_GAP}', ',', 'g')"
    spaced = f"regexp_replace({ended}, '{GAP}', ' ', 'g')"
    return f"CASE WHEN {seen} <> '' THEN replace(replace({spaced}, ' ', '  '), ',', ', ') END"


def phrases_sql(words: str) -> str:
    """DuckDB: the sorted distinct indices of the phrases in a text: ``PhraseBook.hits``. NULL or empty: none.

    ``words`` is a column with what ``normalised_sql`` gives. Needs ``PhraseBook.create_phrase_type_sql``.
    """
    found = f"""list_concat(
        CASE WHEN regexp_matches({words}, '[a-z0-9]')
            THEN list_concat(regexp_extract_all({words}, $ascii), regexp_extract_all({words}, $ascii_opening)) END,
        CASE WHEN strlen({words}) > length({words})
            THEN list_concat(regexp_extract_all({words}, $other), regexp_extract_all({words}, $other_opening)) END)"""
    matches = f"list_transform({found}, lambda match: replace(match, ',', ' '))"
    # A cast that fails is slow, so what is no key is '' before it.
    keys = f"""list_transform({matches}, lambda match: CASE
        WHEN CASE WHEN list_contains($negations, split_part(match, ' ', 2)) THEN list_contains($negative_keys, match) ELSE true END
        THEN match ELSE '' END)"""
    codes = f"list_transform(CAST({keys} AS phrase_key[]), lambda key: enum_code(key) + 1)"
    return f"""
CASE WHEN {words} IS NOT NULL THEN
    list_sort(list_distinct(flatten(list_select($line_sets, list_select($line_set_of_key, {codes})))))
END
"""


@dataclass(frozen=True, slots=True)
class Negation:
    """Words that turn a phrase round when at most ``within`` other words of the clause stand between the two."""

    words: tuple[str, ...]
    within: int


class PhraseBook:
    """Lines of phrases made ready for looking up: patterns that mean the same to Python's ``re`` and to RE2."""

    def __init__(
        self,
        lines: Sequence[Sequence[str]],
        negations: Sequence[Negation],
        opening: Collection[int] = (),
        known: Mapping[str, str] | None = None,
    ) -> None:
        """``lines`` has the keys of each line. A key may stand in several: who says it can make the difference.

        ``opening``: indices of the lines that have a pattern to themselves. ``known``: ``longest`` of the same lines, if it is known.
        """
        index: dict[str, list[int]] = {}
        for i, keys in enumerate(lines):
            for key in keys:
                index.setdefault(key, []).append(i)
        self._index = {key: tuple(lines_of_key) for key, lines_of_key in index.items()}
        self.longest = dict(known) if known else _longest_of_each(lines, opening)
        """Which phrases → a pattern for the longest of them that a text goes on with."""
        self._ascii_seen = _seen(self.longest["ascii_seen"], _USUAL_GAPS + "0-9a-z")
        self._other_seen = _seen(self.longest["other_seen"], _USUAL_GAPS + "0-9" + _CYRILLIC)
        self._negations = sorted({key_of(word).split()[0] for negation in negations for word in negation.words})
        negated = _negated(negations)
        self.patterns = {name: _said(self.longest[name], negated) for name in _PATTERNS}
        """Parameter of ``phrases_sql`` → pattern."""

    @cached_property
    def parameters(self) -> dict[str, object]:
        """The values to bind to ``normalised_sql`` and ``phrases_sql``.

        Lists in a query are copied for every few rows. Of texts there is but the list of the few keys that begin
        with a negation; every other key is looked up by its type.
        """
        line_sets = {lines: i for i, lines in enumerate(dict.fromkeys([(), *self._index.values()]), 1)}
        return {
            "ascii_seen": self._ascii_seen,
            "other_seen": self._other_seen,
            **self.patterns,
            "negations": self._negations,
            "negative_keys": [f" {key}" for key in self._index if key.split()[0] in self._negations],
            "line_set_of_key": [1, *(line_sets[lines] for lines in self._index.values())],
            "line_sets": [list(lines) for lines in line_sets],
        }

    @cached_property
    def parameters_for_few_texts(self) -> dict[str, object]:
        """``parameters`` that find the same without looking first whether a text has a phrase at all.

        That look spares time with many texts; its two patterns, of some ten thousand letters, take 30 ms to compile.
        """
        return self.parameters | {"ascii_seen": "(?s).", "other_seen": "(?s)."}

    @property
    def create_phrase_type_sql(self) -> str:
        """DuckDB: the statement that makes the type by which a key is looked up."""
        labels = ", ".join(["''", *(f"' {key}'" for key in self._index)])
        return f"CREATE OR REPLACE TEMP TYPE phrase_key AS ENUM ({labels})"

    @cached_property
    def _compiled(self) -> tuple[re.Pattern[str], ...]:
        return tuple(map(re.compile, self.patterns.values()))

    def hits(self, text: str) -> tuple[int, ...]:
        """Indices of the lines that the text has a phrase of, sorted and distinct, negated ones left out."""
        words = normalise(text)
        matches = (match for pattern in self._compiled for match in pattern.findall(words))
        return tuple(sorted({i for match in matches for i in self._index.get(match[1:].replace(",", " "), ())}))


def _is_ascii(key: str) -> bool:
    return key.isascii()


def _is_other(key: str) -> bool:
    """Whether the phrase may stand in a text without Latin letters."""
    return not (key.isascii() and _LATIN.search(key))


def _longest_of_each(lines: Sequence[Sequence[str]], opening: Collection[int]) -> dict[str, str]:
    usual = [keys for i, keys in enumerate(lines) if i not in opening]
    apart = [keys for i, keys in enumerate(lines) if i in opening]
    return {
        "ascii_seen": _longest(lines, _is_ascii),
        "other_seen": _longest(lines, _is_other),
        "ascii": _longest(usual, _is_ascii),
        "other": _longest(usual, _is_other),
        "ascii_opening": _longest(apart, _is_ascii),
        "other_opening": _longest(apart, _is_other),
    }


def _longest(lines: Iterable[Sequence[str]], wanted: Callable[[str], bool]) -> str:
    return longest_of([list(filter(wanted, keys)) for keys in lines])


def _said(phrases: str, negated: str) -> str:
    """A pattern for phrases in a normal form, each with what is before it and, if it is negated, the negation."""
    # From a space to a comma there is nothing else in a normal form, and RE2 needs less for a range than for two signs.
    return f" {negated}{_with_gaps(phrases, '[ -,] ', '[ -,]')}" if phrases else _NEVER


def _seen(phrases: str, usual: str) -> str:
    """RE2: a pattern for a text in lower case that has a phrase, or a character that is not usual.

    If there are more phrases than RE2 can see, every text has one.
    """
    if len(phrases.encode()) > MAX_DETECTING_BYTES:
        return r"[\s\S]"
    gap = f"[{_USUAL_GAPS}]"
    spoken = _with_gaps(phrases or _NEVER, f"{gap}+", f"(?:{gap}|$)").replace("е", "[её]")
    return f"^(?:(?:[{usual}]*?{gap})??{spoken}|[{usual}]*?[^{usual}])"


def _with_gaps(phrases: str, between: str, behind: str) -> str:
    return phrases.replace("  ", "\n").replace(" ", behind).replace("\n", between)


def _negated(negations: Sequence[Negation]) -> str:
    """Negations with the words that may stand between them and what they turn round. They may be missing."""
    reaches = [
        f"{letters({key_of(word) for word in negation.words})} (?:[^ ,]+  ){{0,{negation.within}}}?"
        for negation in negations
        if negation.words
    ]
    return f"(?:{'|'.join(reaches)})??" if reaches else ""
