"""The caller's sentiment, from the transcript of a call. Scores nothing itself: see ``voicetel.sentiment``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from voicetel.recorder.quality.transcript import turn_texts
from voicetel.recorder.turns.turn_metrics import side_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.recorder.quality.transcript import Transcript
    from voicetel.sentiment import Scorer


class SentimentAnalyzer:
    """Scores texts and calls from −1 (bad) to 1 (good).

    ``scorer`` takes the place of the package's own English and Russian: a function of (text, language), the name of
    an entry point in the group ``voicetel.sentiment``, or a ``transformers`` pipeline. ``language`` is that of the
    calls (``en``, ``ru-RU``); where neither it nor a call says it, the letters of a text tell English from Russian.

    Works in a thread, so that no event loop waits. Raises MissingPackageError without the extra ``sentiment``.
    """

    def __init__(self, scorer: str | Scorer | Callable[..., Any] | None = None, *, language: str | None = None) -> None:
        from voicetel.sentiment import load_scorer  # noqa: PLC0415  only those who ask load it

        self.language = language
        self._scorer = load_scorer(scorer)

    async def analyze(self, transcript: Transcript, *, language: str | None = None) -> float | None:
        """Give the mean score of what the caller said; None where nothing of it has one.

        Text of an unknown speaker counts as the caller's.
        """
        texts = [turn.user for turn in turn_texts(transcript) if turn.user]
        scores = await asyncio.to_thread(self._scorer.scores, texts, language or self.language)
        known = [score for score in scores if score is not None]
        return round(sum(known) / len(known), 6) if known else None

    async def analyze_turn(self, text: str, role: str = "user", *, language: str | None = None) -> float | None:
        """Give the score of one side's text; None for a text of neither side and in a language that has no scorer."""
        if side_of(role) is None:
            return None
        scores = await asyncio.to_thread(self._scorer.scores, [text], language or self.language)
        return scores[0]
