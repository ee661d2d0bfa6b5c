"""English by VADER (Hutto and Gilbert, 2014), with what its lexicon lacks on the telephone laid over it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from voicetel.sentiment.lexicon import package, read_lexicon, valences

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def english() -> Callable[[str], float]:
    """A function from text to −1 to 1. Raises MissingPackageError."""
    judge: Any = package("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    lexicon = read_lexicon("english.toml")
    for word, valence in valences(lexicon["words"]):
        _give(judge.lexicon, word, valence)
    phrases = dict(valences(lexicon["phrases"], "|"))
    # VADER looks words up one by one, so a phrase goes in as a word of its own.
    stand_ins = {phrase: f"phrase{number}" for number, phrase in enumerate(phrases)}
    for phrase, valence in phrases.items():
        _give(judge.lexicon, stand_ins[phrase], valence)
    longest_first = sorted(phrases, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w'])(?:{'|'.join(map(re.escape, longest_first))})(?![\w'])")

    def score(text: str) -> float:
        plain = pattern.sub(lambda found: stand_ins[found[0]], text.replace("’", "'").lower())
        return float(judge.polarity_scores(plain)["compound"])

    return score


def _give(lexicon: dict[str, float], word: str, valence: float) -> None:
    """Set a valence; a word without one has to be missing, as VADER treats all words it knows as feelings."""
    if valence:
        lexicon[word] = valence
    else:
        lexicon.pop(word, None)
