"""Russian by lemmas (pymorphy3) and a lexicon of our own, on VADER's scale and with its kinds of rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from voicetel.sentiment.lexicon import package, read_lexicon, score_of_sum, valences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Lemmatise = Callable[[str], str]

REACH: Final = 3
"""So many words before a word, in its clause, can negate or strengthen it."""

EXCLAMATION: Final = 0.292
"""Added for each exclamation mark, four at most: VADER's."""

_WORD_OR_STOP = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|[,.;:!?…()—–]|\s-\s")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A word or phrase of a clause. ``factor`` is what it does to the words behind it; 0: it negates them."""

    valence: float = 0.0
    factor: float = 1.0
    contrast: bool = False


@dataclass(frozen=True, slots=True)
class _Lexicon:
    forms: dict[str, float]
    lemmas: dict[str, float]
    phrases: dict[str, list[tuple[tuple[str, ...], float]]]
    """By their first lemma, the longest first."""
    negations: frozenset[str]
    negated: float
    strength: dict[str, float]
    contrast: frozenset[str]
    before: float
    after: float


@cache
def russian() -> Callable[[str], float]:
    """A function from text to −1 to 1. Raises MissingPackageError."""
    package("pymorphy3_dicts_ru")
    morphology: Any = package("pymorphy3").MorphAnalyzer(lang="ru")

    @lru_cache(maxsize=1 << 17)
    def lemma(word: str) -> str:
        return str(morphology.parse(word)[0].normal_form).replace("ё", "е")

    lexicon = _read(lemma)

    def score(text: str) -> float:
        units = [[*_units(clause, lexicon, lemma)] for clause in _clauses(text)]
        total = _total(units, lexicon)
        emphasis = EXCLAMATION * min(text.count("!"), 4)
        return score_of_sum(total + (emphasis if total > 0 else -emphasis if total < 0 else 0.0))

    return score


def _read(lemma: Lemmatise) -> _Lexicon:
    data = read_lexicon("russian.toml")
    phrases: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for text, valence in valences(data["phrases"], "|"):
        words = tuple(lemma(word) for word in text.split())
        phrases.setdefault(words[0], []).append((words, valence))
    for same_start in phrases.values():
        same_start.sort(key=lambda phrase: -len(phrase[0]))
    return _Lexicon(
        forms=dict(valences(data["forms"])),
        lemmas={lemma(word): valence for word, valence in valences(data["lemmas"])},
        phrases=phrases,
        negations=frozenset(map(lemma, data["negation"]["words"].split())),
        negated=data["negation"]["factor"],
        strength={lemma(word): factor for word, factor in valences(data["intensifiers"])},
        contrast=frozenset(data["contrast"]["words"].split()),
        before=data["contrast"]["before"],
        after=data["contrast"]["after"],
    )


def _clauses(text: str) -> Iterator[list[str]]:
    """The words of a text in lower case, clause by clause."""
    clause: list[str] = []
    for found in _WORD_OR_STOP.finditer(text.lower().replace("ё", "е")):
        if found[0][0].isalpha():
            clause.append(found[0])
        else:
            yield clause
            clause = []
    yield clause


def _units(clause: list[str], lexicon: _Lexicon, lemma: Lemmatise) -> Iterator[_Unit]:
    lemmas = [lemma(word) for word in clause]
    at = 0
    while at < len(lemmas):
        length, valence = _phrase(lemmas, at, lexicon)
        if length:
            yield _Unit(valence, 0.0 if valence and lemmas[at + length - 1] in lexicon.negations else 1.0)
        else:
            length = 1
            yield _word(clause[at], lemmas[at], lexicon, alone=len(clause) == 1)
        at += length


def _phrase(lemmas: list[str], at: int, lexicon: _Lexicon) -> tuple[int, float]:
    for words, valence in lexicon.phrases.get(lemmas[at], ()):
        if tuple(lemmas[at : at + len(words)]) == words:
            return len(words), valence
    return 0, 0.0


def _word(word: str, lemma: str, lexicon: _Lexicon, *, alone: bool) -> _Unit:
    if lemma in lexicon.negations:
        return _Unit(lexicon.lemmas.get(lemma, 0.0) if alone else 0.0, 0.0)
    valence = lexicon.forms[word] if word in lexicon.forms else lexicon.lemmas.get(lemma, 0.0)
    return _Unit(valence, lexicon.strength.get(lemma, 1.0), word in lexicon.contrast)


def _total(clauses: list[list[_Unit]], lexicon: _Lexicon) -> float:
    """The sum of valences, each with what stands before it; what follows a "but" weighs more."""
    felt: list[float] = []
    turned: int | None = None
    for clause in clauses:
        for at, unit in enumerate(clause):
            if unit.contrast and turned is None:
                turned = len(felt)
            if unit.valence:
                felt.append(_in_context(unit.valence, clause[max(0, at - REACH) : at], lexicon))
    if turned is None:
        return sum(felt)
    return lexicon.before * sum(felt[:turned]) + lexicon.after * sum(felt[turned:])


def _in_context(valence: float, before: Iterable[_Unit], lexicon: _Lexicon) -> float:
    negated = False
    for unit in before:
        negated = negated or unit.factor == 0
        valence *= unit.factor or 1.0
    return valence * lexicon.negated if negated else valence
