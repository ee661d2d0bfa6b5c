"""Outcomes in the agent, with a model as the last judge."""

from __future__ import annotations

from support.servers.model_server import model_answer, model_server
from voicetel.llm import LlmClassifier
from voicetel.recorder import CallOutcome, OutcomeClassifier

UNDECIDED = "assistant: Which model do you drive?\nuser: A small one, blue."
REFUSED = "assistant: I am calling about solar panels.\nuser: I am not interested, do not call again."


async def test_without_a_model_the_rules_decide() -> None:
    """The dialogue's last state wins over words, and what nothing tells is unknown."""
    classifier = OutcomeClassifier()
    assert (await classifier.classify_from_transcript(UNDECIDED, "booking_confirmed")).outcome is CallOutcome.SUCCESS
    assert (await classifier.classify_from_transcript(REFUSED)).outcome is CallOutcome.FAIL
    assert (await classifier.classify_from_transcript(UNDECIDED)).outcome is CallOutcome.UNKNOWN


async def test_the_model_is_asked_where_the_rules_do_not_know() -> None:
    """And only there, unless more certainty is wanted than the rules have."""
    with model_server(lambda text: model_answer("success", 0.7)) as server:
        llm = LlmClassifier(server.base_url, "tiny")
        classifier = OutcomeClassifier(llm=llm)
        assert (await classifier.classify_from_transcript(REFUSED)).source == "phrases"
        assert server.questions == []
        judged = await classifier.classify_from_transcript(UNDECIDED, "ask_model")
        assert (judged.outcome, judged.confidence, judged.source) == (CallOutcome.SUCCESS, 0.7, "llm")
        unsure = OutcomeClassifier(llm=llm, below=1.0)
        assert (await unsure.classify_from_transcript(REFUSED)).source == "llm"


async def test_a_model_that_fails_leaves_the_rules_verdict() -> None:
    """The reason says what went wrong."""
    with model_server(lambda text: "no idea") as server:
        classifier = OutcomeClassifier(llm=LlmClassifier(server.base_url, "tiny"))
        judged = await classifier.classify_from_transcript(UNDECIDED)
    assert judged.outcome is CallOutcome.UNKNOWN
    assert judged.reason.endswith("tiny: the answer is no JSON")
