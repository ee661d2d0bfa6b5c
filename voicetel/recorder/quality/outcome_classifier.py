"""How a call ended, by the rules that the analyzers go by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicetel.outcomes import CallOutcome, classify, evidence_from_turns, is_brief, load_rules
from voicetel.outcomes import Evidence as _Evidence
from voicetel.recorder.quality.transcript import turn_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicetel.llm import LlmClassifier
    from voicetel.outcomes import Classification, Rules
    from voicetel.recorder.quality.transcript import Transcript


@dataclass(frozen=True, slots=True)
class OutcomeResult:
    """How a call ended, how sure that is (0 to 1), why, and by which rule of ``voicetel.outcomes``."""

    outcome: CallOutcome
    confidence: float
    reason: str = ""
    source: str = ""


class OutcomeClassifier:
    """Classifies how a call ended, by the rules that the analyzers go by. ``rules`` are the packaged ones if None.

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
        """Classify by the dialogue's last state and what else is known of the call, not by its transcript.

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

    def classify_from_keywords(
        self, transcript: Transcript = "", *, transcript_text: str | None = None, direction: str | None = None
    ) -> OutcomeResult:
        """Classify by the texts, in the order of the call; see ``transcript.Transcript``.

        ``transcript_text`` is another name of ``transcript``.
        """
        turns = turn_texts(transcript if transcript_text is None else transcript_text)
        return _result(classify(evidence_from_turns(turns, self._rules, direction=direction), self._rules))

    async def classify_from_transcript(
        self, transcript: Transcript, final_state: str | None = None, *, direction: str | None = None
    ) -> OutcomeResult:
        """Classify by the last state and the transcript; where that does not tell, ask the model, if there is one.

        What the model could not tell keeps the outcome of the rules, and its reason says why.
        """
        turns = turn_texts(transcript)
        evidence = evidence_from_turns(turns, self._rules, final_state=final_state, direction=direction)
        classified = classify(evidence, self._rules)
        if self._llm is None or (
            classified.outcome is not CallOutcome.UNKNOWN and classified.confidence >= self._below
        ):
            return _result(classified)
        answer = await self._llm.classify(turns, final_state)
        return _result(answer.classification or replace(classified, reason=f"{classified.reason}; {answer.failure}"))


def _result(found: Classification) -> OutcomeResult:
    return OutcomeResult(found.outcome, found.confidence, found.reason, found.source)
