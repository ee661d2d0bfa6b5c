"""Quality of a call: how often the caller cut the agent short, how it ended, the caller's sentiment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.outcomes import CallOutcome
from voicetel.recorder.quality.interruption_tracker import InterruptionTracker
from voicetel.recorder.quality.outcome_classifier import OutcomeClassifier, OutcomeResult
from voicetel.recorder.sentiment_analyzer import SentimentAnalyzer

if TYPE_CHECKING:
    from voicetel.outcomes import Rules
    from voicetel.recorder.quality.transcript import Transcript

__all__ = [
    "CallOutcome",
    "InterruptionTracker",
    "OutcomeClassifier",
    "OutcomeResult",
    "QualityMetricsCollector",
    "SentimentAnalyzer",
]


class QualityMetricsCollector:
    """One call's interruptions, outcome and sentiment.

    ``interruption_tracker`` and ``outcome_classifier`` do the work and may be used directly. ``sentiment`` takes the
    place of the ``sentiment_analyzer`` that would be made when it is first asked for.
    """

    def __init__(
        self,
        *,
        direction: str | None = None,
        rules: Rules | None = None,
        sentiment: SentimentAnalyzer | None = None,
    ) -> None:
        self.direction = direction
        self._sentiment = sentiment
        self.interruption_tracker = InterruptionTracker()
        self.outcome_classifier = OutcomeClassifier(rules)

    @property
    def sentiment_analyzer(self) -> SentimentAnalyzer:
        """The analyzer of sentiment. Raises MissingPackageError without the extra ``sentiment``."""
        self._sentiment = self._sentiment or SentimentAnalyzer()
        return self._sentiment

    def on_bot_speech_start(self) -> None:
        """Report that the agent begins to speak."""
        self.interruption_tracker.on_bot_speech_start()

    def on_bot_speech_end(self) -> None:
        """Report that the agent stops."""
        self.interruption_tracker.on_bot_speech_end()

    def on_user_speech_start(self) -> bool:
        """Report that the caller begins to speak. True where that is an interruption not counted yet."""
        return self.interruption_tracker.on_user_speech_start()

    def get_interruption_metrics(self) -> dict[str, int | float | None]:
        """Give ``interruption_count``, ``bot_turn_count`` and ``interruption_rate``, None where the agent never spoke."""
        tracker = self.interruption_tracker
        return {
            "interruption_count": tracker.interruption_count,
            "bot_turn_count": tracker.bot_turn_count,
            "interruption_rate": tracker.interruption_rate,
        }

    def classify_outcome(self, final_state: str | None, turn_count: int, duration_sec: float | None) -> OutcomeResult:
        """Judge how the call ended by its last state, its turns and its length."""
        return self.outcome_classifier.classify_from_state(
            final_state, turn_count, duration_sec, direction=self.direction
        )

    async def get_sentiment_score(self, transcript: Transcript, *, language: str | None = None) -> float | None:
        """Give the caller's sentiment, −1 to 1; see ``SentimentAnalyzer.analyze``.

        Raises MissingPackageError without the extra ``sentiment``.
        """
        return await self.sentiment_analyzer.analyze(transcript, language=language)

    def reset(self) -> None:
        """Begin a new call."""
        self.interruption_tracker.reset()
