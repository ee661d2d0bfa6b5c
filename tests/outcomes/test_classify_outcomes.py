"""The chain: each rule, its place, and what it says of itself."""

from __future__ import annotations

import pytest

from voicetel.outcomes import (
    CallOutcome,
    Evidence,
    TurnText,
    classify,
    evidence_from_turns,
    explain,
    is_answered,
    load_rules,
)

RULES = load_rules()

CHAIN = [
    "logged", "sip_status", "final_state", "amd", "end_reason", "marks", "phrases", "late_end_reason", "brief", "none",
]  # fmt: skip


def said(*turns: tuple[str | None, str | None], **fields: object) -> Evidence:
    """The evidence of a call with these (user, agent) turns."""
    return evidence_from_turns([TurnText(*turn) for turn in turns], RULES, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("evidence", "outcome", "source"),
    [
        (Evidence(outcome="busy", sip_status=404, final_state="success"), "busy", "logged"),
        (Evidence(outcome="unknown", sip_status=486), "busy", "sip_status"),
        (Evidence(outcome="WON", sip_status=486), "busy", "sip_status"),
        (Evidence(sip_status=600), "busy", "sip_status"),
        (Evidence(sip_status=603, final_state="success"), "busy", "sip_status"),
        (Evidence(sip_status=408), "no_answer", "sip_status"),
        (Evidence(sip_status=480), "no_answer", "sip_status"),
        (Evidence(sip_status=487, direction="outbound"), "no_answer", "sip_status"),
        (Evidence(sip_status=487, direction="inbound"), "fail", "sip_status"),
        (Evidence(sip_status=503), "fail", "sip_status"),
        (Evidence(sip_status=200), "unknown", "none"),
        (Evidence(sip_status=486, user_turns=1, turns=1), "unknown", "none"),
        (Evidence(final_state="booked", amd="machine-vm"), "success", "final_state"),
        (Evidence(amd="machine-vm", end_reason="error"), "voicemail", "amd"),
        (Evidence(amd="machine-unavailable"), "no_answer", "amd"),
        (Evidence(amd="machine-vm", user_turns=2, turns=2), "voicemail", "amd"),
        (Evidence(amd="machine-vm", user_turns=3, turns=3), "unknown", "none"),
        (Evidence(amd="human"), "unknown", "none"),
        (Evidence(amd="machine-ivr"), "unknown", "none"),
        (Evidence(end_reason="error", marks=("transfer",), user_turns=1), "fail", "end_reason"),
        (Evidence(end_reason="caller_hangup", marks=("transfer",), user_turns=1), "success", "marks"),
        (Evidence(marks=("answered", "hold"), user_turns=1), "unknown", "none"),
        (Evidence(end_reason="timeout", user_turns=2, turns=2), "fail", "late_end_reason"),
        (Evidence(end_reason="not_connected"), "fail", "end_reason"),
        (Evidence(direction="outbound", brief=True, ended=True, turns=1), "no_answer", "brief"),
        (Evidence(direction="outbound", brief=True, ended=False, turns=1), "unknown", "none"),
        (Evidence(direction="inbound", brief=True, ended=True), "unknown", "none"),
        (Evidence(), "unknown", "none"),
    ],
)
def test_the_first_rule_that_speaks_wins(evidence: Evidence, outcome: str, source: str) -> None:
    """Each rule speaks of its own evidence, and those before it in the chain come first."""
    classified = classify(evidence)
    assert (classified.outcome, classified.source) == (outcome, source)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("appointment_booked", "success"),
        ("AppointmentBooked", "success"),
        ("appointment-booked", "success"),
        ("call complete", "success"),
        ("book", "success"),
        ("success", "success"),
        ("запись_подтверждена", "success"),
        ("not_booked", "fail"),
        ("notYetBooked", "fail"),
        ("no_success", "fail"),
        ("call_completed_without_booking", "fail"),
        ("unsuccessful", "fail"),
        ("incomplete", "fail"),
        ("booking_failed", "fail"),
        ("payment-error", "fail"),
        ("не_записан", "fail"),
        ("voicemail_left", "voicemail"),
        ("leftVoiceMail", "voicemail"),
        ("voicemail_success", "voicemail"),
        ("no_answer", "no_answer"),
        ("line_busy", "busy"),
        ("no_error", "unknown"),
        ("not_voicemail", "unknown"),
        ("ask_booking_date", "unknown"),
        ("goodbye", "unknown"),
        ("business_hours", "unknown"),
        ("facebook_lead", "unknown"),
        ("  ", "unknown"),
    ],
)
def test_a_final_state_is_read_word_by_word(state: str, outcome: str) -> None:
    """Words count, not substrings; a negated success is a fail, and a state in progress is none."""
    assert classify(Evidence(final_state=state)).outcome == outcome


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("customer-busy", "busy"),
        ("dial_busy", "busy"),
        ("USER_REJECTED", "busy"),
        ("no-answer", "no_answer"),
        ("dial_no_answer", "no_answer"),
        ("customer-did-not-answer", "no_answer"),
        ("USER_UNAVAILABLE", "no_answer"),
        ("voicemail_reached", "voicemail"),
        ("pipeline-error-openai-llm-failed", "fail"),
        ("call.in-progress.error-vapifault-openai-llm-failed", "fail"),
        ("error_llm_websocket_open", "fail"),
        ("SIP_TRUNK_FAILURE", "fail"),
        ("user_hangup", "unknown"),
        ("something-new", "unknown"),
    ],
)
def test_vendors_words_for_the_end_are_known(word: str, outcome: str) -> None:
    """LiveKit's, Twilio's, Vapi's and Retell's own words mean what the format's word for them means."""
    assert classify(Evidence(end_reason=word)).outcome == outcome


def test_an_end_reason_stands_for_the_same_again() -> None:
    """What a word was found to stand for is kept, and a word as long as a log may have it is not."""
    rules = load_rules()
    for _ in range(2):
        assert classify(Evidence(end_reason="error"), rules).outcome == "fail"
        assert classify(Evidence(end_reason="timeout", user_turns=2, turns=2), rules).source == "late_end_reason"
        assert classify(Evidence(end_reason="something-new"), rules).outcome == "unknown"
        assert classify(Evidence(end_reason="error_" + "x" * 1_000_000), rules).outcome == "fail"
    assert max(map(len, rules._known_end_reasons)) < 1000


def test_of_several_marks_the_first_that_tells_decides() -> None:
    """Marks that say nothing stand beside it, in any number."""
    evidence = Evidence(end_reason="caller_hangup", marks=("answered", "dtmf", "hold", "transfer"), user_turns=1)
    assert classify(evidence).reason == "mark transfer"


def test_confidence_is_that_of_the_log_where_it_can_be_one() -> None:
    """A logged outcome is certain unless the log says how certain, in a number from 0 to 1."""
    assert classify(Evidence(outcome="fail")).confidence == 1.0
    assert classify(Evidence(outcome="fail", outcome_confidence=0.4)).confidence == 0.4
    assert classify(Evidence(outcome="fail", outcome_confidence=7.0)).confidence == 1.0
    assert classify(Evidence(outcome="fail", outcome_reason="reviewer")).reason == "reviewer"


def test_a_greeting_is_said_by_the_callee() -> None:
    """The agent may speak of leaving a message; only the other side's machine makes it voicemail."""
    greeting = "Please leave a message after the tone."
    assert classify(said((greeting, None))).outcome is CallOutcome.VOICEMAIL
    assert classify(said(("Hello?", greeting))).outcome is CallOutcome.UNKNOWN


def test_an_inbound_caller_plays_no_greeting() -> None:
    """Who calls in and speaks of leaving a message is a person."""
    text = "Can I leave a message for the doctor?"
    assert classify(said((text, "Sure."), direction="inbound")).outcome is CallOutcome.UNKNOWN


@pytest.mark.parametrize(
    "text",
    ["This is not our voicemail.", "No, you haven't reached my voicemail.", "Нет, это не голосовая почта."],
)
def test_a_negation_turns_a_phrase_round(text: str) -> None:
    """A greeting's words under a negation are no greeting."""
    assert classify(said((text, None))).outcome is CallOutcome.UNKNOWN


def test_a_negation_ends_with_its_clause() -> None:
    """What follows the comma is meant."""
    assert classify(said(("I'm not in, leave a message.", None))).outcome is CallOutcome.VOICEMAIL


def test_thanks_are_no_success() -> None:
    """Politeness alone says nothing."""
    assert (
        classify(said(("Thank you so much, have a great day!", "Thank you too, bye."))).outcome is CallOutcome.UNKNOWN
    )


def test_the_end_of_the_call_weighs_more() -> None:
    """The same words in another order: what was said last counts."""
    refusal, booking = ("I'm not interested.", "I see."), ("Fine.", "You're booked for Monday.")
    between = [("Well.", "Yes?"), ("And when?", "On Monday.")]
    assert classify(said(refusal, *between, booking)).outcome is CallOutcome.SUCCESS
    assert classify(said(booking, *between, refusal)).outcome is CallOutcome.FAIL


def test_a_change_of_mind_undoes_a_success() -> None:
    """A late cancellation takes back the booking before it."""
    classified = classify(said(("At eight.", "You're booked for eight."), ("I changed my mind, cancel that.", "Okay.")))
    assert classified.outcome is CallOutcome.FAIL


def test_phrases_come_before_a_timeout() -> None:
    """A call that was left open after its end is judged by its words."""
    classified = classify(said(("Yes.", "You're booked for eight."), end_reason="timeout"))
    assert (classified.outcome, classified.source) == ("success", "phrases")


def test_the_reason_names_rule_and_words() -> None:
    """A verdict from phrases quotes the rules' line and its group, and never what was said."""
    classified = classify(said(("Hi, it's Bob's secret line, leave a message after the beep", None)))
    assert "en.voicemail_greeting" in classified.reason
    assert "after the (tone|beep|signal)" in classified.reason
    assert "secret" not in classified.reason


@pytest.mark.parametrize(
    "evidence",
    [Evidence(), Evidence(outcome="fail", final_state="success"), said(("Wrong number.", "Sorry."), sip_status=200)],
)
def test_the_explanation_is_the_whole_chain(evidence: Evidence) -> None:
    """Every rule has its say, one decides, and its verdict is the one that stands."""
    steps = explain(evidence)
    assert [step.rule for step in steps] == CHAIN
    assert [step.classification for step in steps if step.decided] == [classify(evidence)]
    assert all(step.said for step in steps)


@pytest.mark.parametrize(
    ("evidence", "answered"),
    [
        (Evidence(outcome="success"), True),
        (Evidence(final_state="failed", user_turns=0), True),
        (Evidence(end_reason="error", user_turns=2, turns=2), True),
        (Evidence(user_turns=1, turns=1), True),
        (Evidence(), False),
        (Evidence(sip_status=404), False),
        (Evidence(end_reason="not_connected"), False),
        (Evidence(outcome="fail"), True),
        (Evidence(outcome="fail", sip_status=404), False),
        (Evidence(outcome="fail", end_reason="not_connected"), False),
        (Evidence(outcome="fail", end_reason="not_connected", user_turns=1, turns=1), True),
        (Evidence(sip_status=486), False),
        (Evidence(amd="machine-vm", user_turns=1, turns=1), False),
    ],
)
def test_answered_calls_are_those_that_somebody_took(evidence: Evidence, answered: bool) -> None:
    """The denominator of the success rate leaves out machines, busy lines and calls that never connected."""
    assert is_answered(evidence, classify(evidence)) is answered


def test_evidence_counts_and_places_what_was_said() -> None:
    """Turns with a caller, late and early phrases, and a call known to be brief."""
    evidence = said(
        ("I'm not interested.", "I see."), ("", None), (None, "You're all set."), marks=("hold", "dtmf", "hold"),
        duration_s=9.9,
    )  # fmt: skip
    assert (evidence.turns, evidence.user_turns, evidence.marks) == (3, 2, ("dtmf", "hold"))
    assert not evidence.brief
    assert [(hit.who, hit.late) for hit in sorted(evidence.phrases, key=lambda hit: hit.late)] == [
        ("user", False),
        ("agent", True),
    ]
    assert said((None, "Hello?"), duration_s=9.9).brief
    assert not said((None, "Hello?"), duration_s=10).brief
    assert not said((None, "Hello?")).brief
