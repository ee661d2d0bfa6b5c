"""Every word that a vendor's model allows has a meaning here, or is listed as one that has none.

The words are those of the vendors' packages; ``make vendors`` holds the list to them.
"""

from __future__ import annotations

import json

import pytest

from support.imports.vendor_words import WORDS_FILE
from voicetel.events.fields import CALL_ENDED
from voicetel.importers import bolna, twilio
from voicetel.importers.calls.notes import Notes
from voicetel.importers.elevenlabs import endings as elevenlabs
from voicetel.importers.retell import calls as retell
from voicetel.importers.retell import endings as retell_endings
from voicetel.importers.vapi import calls as vapi
from voicetel.importers.vapi import endings as vapi_endings

WORDS: dict[str, list[str]] = json.loads(WORDS_FILE.read_text("utf-8"))
ALLOWED = {field.name: field.values for field in CALL_ENDED}


def test_as_many_as_there_are() -> None:
    """604 of Vapi, 39 of Retell, 5 of ElevenLabs."""
    counts = {name: len(words) for name, words in WORDS.items()}
    assert counts["vapi.endedReason"] == 604
    assert counts["retell.disconnection_reason"] == 39
    assert counts["elevenlabs.call_result"] == 5


@pytest.mark.parametrize(
    ("reason", "meaning"),
    [
        ("customer-ended-call", {"end_reason": "caller_hangup"}),
        ("call.in-progress.sip-completed-call", {"end_reason": "caller_hangup"}),
        ("assistant-said-end-call-phrase", {"end_reason": "agent_hangup"}),
        ("assistant-ended-call-after-message-spoken", {"end_reason": "agent_hangup"}),
        ("assistant-forwarded-call", {"end_reason": "transfer"}),
        ("silence-timed-out", {"end_reason": "timeout"}),
        ("call.in-progress.error-providerfault-outbound-sip-480-temporarily-unavailable", {"end_reason": "not_connected", "sip_status": 480}),
        ("twilio-failed-to-connect-call", {"end_reason": "not_connected"}),
        ("assistant-not-found", {"end_reason": "not_connected"}),
        ("pipeline-error-openai-llm-failed", {"end_reason": "error"}),
        ("call.in-progress.error-vapifault-anthropic-401-unauthorized", {"end_reason": "error"}),
    ],
)  # fmt: skip
def test_reasons_of_vapi(reason: str, meaning: dict[str, object]) -> None:
    """One of each kind."""
    assert reason in WORDS["vapi.endedReason"]
    assert vapi_endings.ending(reason, None, Notes()) == meaning


def test_every_reason_of_vapi_is_known() -> None:
    """And means something that the log has a word for; 56 never connected, 530 are errors."""
    meanings = []
    for reason in WORDS["vapi.endedReason"]:
        assert vapi_endings.is_mapped(reason), reason
        fields = vapi_endings.ending(reason, None, Notes())
        assert fields["end_reason"] in ALLOWED["end_reason"], reason
        meanings.append(fields["end_reason"])
    assert (meanings.count("error"), meanings.count("not_connected")) == (530, 56)
    assert not vapi_endings.is_mapped("a-word-of-tomorrow")


def test_a_word_that_is_not_known_is_said_to_be() -> None:
    """It is taken for an error, as nearly all are."""
    for ending in (lambda notes: vapi_endings.ending("of-tomorrow", None, notes), retell_of_tomorrow):
        notes = Notes()
        assert ending(notes) == {"end_reason": "error"}
        assert notes.counts.total() == 1


def retell_of_tomorrow(notes: Notes) -> dict[str, object]:
    """The same for Retell."""
    return retell_endings.ending("of_tomorrow", notes)


def test_every_reason_of_retell_is_known() -> None:
    """Nine in ten are not errors."""
    for reason in WORDS["retell.disconnection_reason"]:
        assert retell_endings.is_mapped(reason), reason
        fields = retell_endings.ending(reason, Notes())
        assert fields["end_reason"] in ALLOWED["end_reason"]
        assert (fields["end_reason"] == "error") == (reason.startswith("error_") and reason != "error_user_not_joined")


def test_other_words() -> None:
    """Kinds of calls, states, sentiments, results."""
    assert set(WORDS["vapi.type"]) == set(vapi.DIRECTIONS)
    assert set(WORDS["retell.user_sentiment"]) - set(retell.SENTIMENT) == {"Unknown"}
    assert set(WORDS["retell.call_status"]) - set(retell.UNFINISHED) == {"ended", "error", "not_connected"}
    assert set(WORDS["elevenlabs.call_result"]) == elevenlabs.RESULT_WORDS
    assert set(WORDS["elevenlabs.call_successful"]) - set(elevenlabs.VERDICTS) == {"unknown"}
    assert set(WORDS["twilio.status"]) <= twilio.UNFINISHED | set(twilio.ENDINGS)
    assert not bolna.UNFINISHED & set(bolna.ENDINGS)
