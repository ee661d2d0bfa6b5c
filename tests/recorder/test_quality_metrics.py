"""Interruptions and outcomes, as an agent asks for them."""

from __future__ import annotations

import pytest

from voicetel.outcomes import Evidence, TurnText, classify, evidence_from_turns, load_rules
from voicetel.recorder import (
    CallOutcome,
    InterruptionTracker,
    OutcomeClassifier,
    OutcomeResult,
    QualityMetricsCollector,
    TurnMetrics,
)

Tracker = InterruptionTracker | QualityMetricsCollector


@pytest.fixture(params=[InterruptionTracker, QualityMetricsCollector])
def tracker(request: pytest.FixtureRequest) -> Tracker:
    """Either of the two that count interruptions."""
    made: Tracker = request.param()
    return made


def counts(tracker: Tracker) -> tuple[object, object, object]:
    """Interruptions, stretches of the agent's speech, rate."""
    if isinstance(tracker, InterruptionTracker):
        return tracker.interruption_count, tracker.bot_turn_count, tracker.interruption_rate
    metrics = tracker.get_interruption_metrics()
    return metrics["interruption_count"], metrics["bot_turn_count"], metrics["interruption_rate"]


def test_speaking_into_the_agents_speech_is_an_interruption(tracker: Tracker) -> None:
    """The caller who begins while the agent speaks interrupts it; the rate counts the agent's turns."""
    tracker.on_bot_speech_start()
    assert tracker.on_user_speech_start() is True
    tracker.on_bot_speech_end()
    tracker.on_bot_speech_start()
    tracker.on_bot_speech_end()

    assert counts(tracker) == (1, 2, 0.5)


def test_speaking_in_the_agents_silence_is_none(tracker: Tracker) -> None:
    """Before the agent speaks and after it stopped, the caller interrupts nobody."""
    assert tracker.on_user_speech_start() is False
    tracker.on_bot_speech_start()
    tracker.on_bot_speech_end()
    assert tracker.on_user_speech_start() is False

    assert counts(tracker) == (0, 1, 0.0)


def test_one_stretch_is_interrupted_once(tracker: Tracker) -> None:
    """However often the caller begins within one stretch of the agent's speech, and however often hooks are doubled."""
    tracker.on_bot_speech_start()
    tracker.on_bot_speech_start()
    assert [tracker.on_user_speech_start() for _ in range(3)] == [True, False, False]
    tracker.on_bot_speech_end()
    tracker.on_bot_speech_end()

    assert counts(tracker) == (1, 1, 1.0)


def test_without_agent_speech_there_is_no_rate(tracker: Tracker) -> None:
    """A rate of nothing is unknown, not zero."""
    assert counts(tracker) == (0, 0, None)


def test_reset_begins_a_new_call(tracker: Tracker) -> None:
    """Nothing of the last call is left, also not that the agent was speaking."""
    tracker.on_bot_speech_start()
    tracker.on_user_speech_start()
    tracker.reset()

    assert tracker.on_user_speech_start() is False
    assert counts(tracker) == (0, 0, None)


@pytest.mark.parametrize("final_state", ["appointment_booked", "payment_failed", "voicemail", "somewhere", "", None])
def test_a_state_is_judged_as_the_analyzers_judge_it(final_state: str | None) -> None:
    """The classifier, the collector and the chain of rules say the same of a last state."""
    classified = classify(Evidence(final_state=final_state, turns=6, user_turns=6, ended=True))

    result = OutcomeClassifier().classify_from_state(final_state, 6, 60.0)

    assert result == OutcomeResult(classified.outcome, classified.confidence, classified.reason, classified.source)
    assert QualityMetricsCollector().classify_outcome(final_state, 6, 60.0) == result


def test_a_booked_appointment_is_a_success() -> None:
    """The words of a state tell, with a confidence and a reason."""
    result = OutcomeClassifier().classify_from_state("appointment_booked", 8, 90)

    assert result.outcome is CallOutcome.SUCCESS
    assert 0 < result.confidence <= 1
    assert "appointment_booked" in result.reason


def test_what_else_is_known_of_a_call_counts() -> None:
    """The SIP status of a call in which nobody spoke, and a brief outbound call."""
    classifier = OutcomeClassifier()

    assert classifier.classify_from_state(None, sip_status=486).outcome is CallOutcome.BUSY
    assert classifier.classify_from_state(None, amd="machine-vm", user_turn_count=1).outcome is CallOutcome.VOICEMAIL
    brief = classifier.classify_from_state(None, 1, 5.0, direction="outbound")
    assert (brief.outcome, brief.confidence) == (CallOutcome.NO_ANSWER, 0.7)
    assert QualityMetricsCollector(direction="outbound").classify_outcome(None, 1, 5.0) == brief


def test_nothing_known_is_unknown() -> None:
    """Without evidence there is no outcome."""
    assert OutcomeClassifier().classify_from_state(None).outcome is CallOutcome.UNKNOWN
    assert OutcomeClassifier().classify_from_keywords("").outcome is CallOutcome.UNKNOWN


def test_a_transcript_is_judged_as_the_analyzers_judge_it() -> None:
    """Whichever way the words are handed over, the verdict is that of the chain over the same turns."""
    words = "Please leave a message after the tone."
    rules = load_rules()
    classified = classify(evidence_from_turns([TurnText(user=words), TurnText(agent="Hello?")], rules), rules)
    classifier = OutcomeClassifier(rules)
    transcripts = [
        f"User: {words}\n\nassistant: Hello?",
        [("user", words), ("bot", "Hello?")],
        [{"role": "user", "content": words}, {"role": "agent", "content": "Hello?"}],
        [TurnMetrics(1, "user", words), TurnMetrics(2, "assistant", "Hello?"), TurnMetrics(3, "system", "beep")],
    ]

    assert classified.outcome is CallOutcome.VOICEMAIL
    for transcript in transcripts:
        result = classifier.classify_from_keywords(transcript)  # type: ignore[arg-type]
        assert (result.outcome, result.confidence, result.reason) == (
            classified.outcome,
            classified.confidence,
            classified.reason,
        )


def test_words_of_nobody_in_particular_count_for_either() -> None:
    """A line that does not say who speaks is searched for what either side may say."""
    assert OutcomeClassifier().classify_from_keywords("Please leave a message after the tone.").outcome == "voicemail"
