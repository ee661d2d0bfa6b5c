"""How well a call went: who interrupted whom, how it ended, how the caller felt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicetel.outcomes import CallOutcome, classify, evidence_from_turns, is_brief, load_rules
from voicetel.outcomes import Evidence as _Evidence
from voicetel.recorder.quality.transcript import spoken_turns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicetel.llm import LlmClassifier
    from voicetel.outcomes import Classification, Rules
    from voicetel.recorder.quality.transcript import Transcript
    from voicetel.recorder.sentiment_analyzer import SentimentAnalyzer

__all__ = ["CallOutcome", "InterruptionTracker", "OutcomeClassifier", "OutcomeResult", "QualityMetricsCollector"]


class InterruptionTracker:
    """Counts how often the caller cut the agent short.

    An interruption is a stretch of the agent's speech during which the caller began to speak; however often that
    happens within one stretch, it is one. Hooks may be missing or doubled.
    """

    def __init__(self) -> None:
        self.interruption_count = 0
        self.bot_turn_count = 0
        self._speaking = False
        self._interrupted = False

    @property
    def interruption_rate(self) -> float | None:
        """Interrupted stretches of the agent's speech ÷ all of them; None where it never spoke."""
        return self.interruption_count / self.bot_turn_count if self.bot_turn_count else None

    def on_bot_speech_start(self) -> None:
        """Say that the agent begins to speak."""
        if not self._speaking:
            self.bot_turn_count += 1
            self._speaking, self._interrupted = True, False

    def on_bot_speech_end(self) -> None:
        """Say that the agent stops."""
        self._speaking = False

    def on_user_speech_start(self) -> bool:
        """Say that the caller begins to speak. True where that is an interruption not counted yet."""
        if not self._speaking or self._interrupted:
            return False
        self._interrupted = True
        self.interruption_count += 1
        return True

    def reset(self) -> None:
        """Begin a new call."""
        self.interruption_count = self.bot_turn_count = 0
        self._speaking = self._interrupted = False


@dataclass(frozen=True, slots=True)
class OutcomeResult:
    """How a call ended, how sure that is (0 to 1), why, and by which rule of ``voicetel.outcomes``."""

    outcome: CallOutcome
    confidence: float
    reason: str
    source: str = ""


class OutcomeClassifier:
    """Judges how a call ended, by the rules the analyzers judge with. ``rules`` are the packaged ones if None.

    ``llm`` is asked in ``classify_from_transcript`` alone, about calls that the rules leave unknown or are less sure
    of than ``below``.
    """

    def __init__(self, rules: Rules | None = None, *, llm: LlmClassifier | None = None, below: float = 0.0) -> None:
        self._rules = rules or load_rules()
        self._llm = llm
        self._below = below

    def classify_from_state(
        self,
        final_state: str | None,
        turn_count: int = 0,
        duration_sec: float | None = None,
        *,
        direction: str | None = None,
        sip_status: int | None = None,
        amd: str | None = None,
        end_reason: str | None = None,
        marks: Iterable[str] = (),
        user_turn_count: int | None = None,
    ) -> OutcomeResult:
        """Judge by the dialogue's last state and what else is known of the call, not by its words.

        ``user_turn_count`` is in how many turns the caller spoke, all of them if None.
        """
        evidence = _Evidence(
            final_state=final_state,
            sip_status=sip_status,
            amd=amd,
            end_reason=end_reason,
            direction=direction,
            marks=tuple(sorted(set(marks))),
            turns=turn_count,
            user_turns=turn_count if user_turn_count is None else user_turn_count,
            brief=is_brief(turn_count, duration_sec, self._rules),
            ended=True,
        )
        return _result(classify(evidence, self._rules))

    def classify_from_keywords(self, transcript: Transcript, *, direction: str | None = None) -> OutcomeResult:
        """Judge by what was said, in the order of the call; see ``transcript.Transcript``."""
        turns = spoken_turns(transcript)
        return _result(classify(evidence_from_turns(turns, self._rules, direction=direction), self._rules))

    async def classify_from_transcript(
        self, transcript: Transcript, final_state: str | None = None, *, direction: str | None = None
    ) -> OutcomeResult:
        """Judge by the dialogue's last state and what was said; where that does not tell, ask the model, if there is one.

        What the model could not tell keeps the rules' verdict, and its reason says why.
        """
        turns = spoken_turns(transcript)
        evidence = evidence_from_turns(turns, self._rules, final_state=final_state, direction=direction)
        classified = classify(evidence, self._rules)
        if self._llm is None or (
            classified.outcome is not CallOutcome.UNKNOWN and classified.confidence >= self._below
        ):
            return _result(classified)
        judged = await self._llm.classify(turns, final_state)
        return _result(judged.classification or replace(classified, reason=f"{classified.reason}; {judged.failure}"))


class QualityMetricsCollector:
    """Watches one call's interruptions, judges its outcome and how its caller felt.

    ``sentiment`` takes the place of the analyzer that would be made when a sentiment is first asked for.
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
        self._interruptions = InterruptionTracker()
        self._classifier = OutcomeClassifier(rules)

    def on_bot_speech_start(self) -> None:
        """Say that the agent begins to speak."""
        self._interruptions.on_bot_speech_start()

    def on_bot_speech_end(self) -> None:
        """Say that the agent stops."""
        self._interruptions.on_bot_speech_end()

    def on_user_speech_start(self) -> bool:
        """Say that the caller begins to speak. True where that is an interruption not counted yet."""
        return self._interruptions.on_user_speech_start()

    def get_interruption_metrics(self) -> dict[str, int | float | None]:
        """Give ``interruption_count``, ``bot_turn_count`` and ``interruption_rate``, None where the agent never spoke."""
        tracker = self._interruptions
        return {
            "interruption_count": tracker.interruption_count,
            "bot_turn_count": tracker.bot_turn_count,
            "interruption_rate": tracker.interruption_rate,
        }

    def classify_outcome(self, final_state: str | None, turn_count: int, duration_sec: float | None) -> OutcomeResult:
        """Judge how the call ended by its last state, its turns and its length."""
        return self._classifier.classify_from_state(final_state, turn_count, duration_sec, direction=self.direction)

    async def get_sentiment_score(self, transcript: Transcript, *, language: str | None = None) -> float | None:
        """Give how the caller felt, −1 to 1; see ``SentimentAnalyzer.analyze``.

        Raises MissingPackageError without the extra ``sentiment``.
        """
        from voicetel.recorder.sentiment_analyzer import SentimentAnalyzer  # noqa: PLC0415  only those who ask load it

        self._sentiment = self._sentiment or SentimentAnalyzer()
        return await self._sentiment.analyze(transcript, language=language)

    def reset(self) -> None:
        """Begin a new call."""
        self._interruptions.reset()


def _result(judged: Classification) -> OutcomeResult:
    return OutcomeResult(judged.outcome, judged.confidence, judged.reason, judged.source)
