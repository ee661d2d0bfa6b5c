"""How somebody feels, by what they say: −1 to 1.

English is scored by VADER, Russian by lemmas and a lexicon made for telephone calls; both packages come with the
extra ``sentiment`` and are imported when the first text is scored. Any other scorer can take their place.
"""

from __future__ import annotations

from voicetel.sentiment.language import language_of
from voicetel.sentiment.lexicon import MissingPackageError
from voicetel.sentiment.scorers import Scorer, ScoreText, load_scorer

__all__ = ["NEUTRAL_WITHIN", "MissingPackageError", "ScoreText", "Scorer", "language_of", "load_scorer"]

NEUTRAL_WITHIN = 0.05
"""Scores nearer to 0 than this are neither good nor bad: the bound that VADER's authors give."""
