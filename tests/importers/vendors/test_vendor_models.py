"""The fixtures are what the vendors' models say, and what the importers read is in those models."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

import pytest
from elevenlabs.types import GetConversationResponseModel
from pydantic import TypeAdapter
from retell.types import PhoneCallResponse, WebCallResponse
from twilio.rest.api.v2010.account.call import CallInstance
from vapi.types import Call, ServerMessageEndOfCallReport

from support.imports.imported_calls import FIXTURES
from support.imports.vendor_words import WORDS_FILE, TrackedReads, member_exists, words_at
from voicetel.importers import BY_NAME
from voicetel.importers.calls.notes import Notes
from voicetel.importers.calls.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

UNDOCUMENTED: dict[str, set[str]] = {
    # In every webhook and in no model; the second is there without a type.
    "vapi": {"durationSeconds", "artifact.messages[].toolCalls[].function.name"},
    "retell": set(),
    # Before June 2025 the metrics stood one level up.
    "elevenlabs": {
        "transcript[].conversation_turn_metrics.convai_llm_service_ttfb",
        "transcript[].conversation_turn_metrics.convai_llm_service_ttfb.elapsed_time",
        "transcript[].conversation_turn_metrics.convai_tts_service_ttfb",
        "transcript[].conversation_turn_metrics.convai_ttf_audio_since_silence",
        "transcript[].conversation_turn_metrics.convai_turn_silence_before_initiation",
    },
}
"""Source → what is read though no model has it, and why."""

ENVELOPE = {"message", "call", "data", "event", "event_timestamp", "body", "type"}
"""Members of webhooks, which have no models."""


def vapi_calls() -> Iterator[tuple[Any, type, dict[str, Any]]]:
    """Adapter, and the part of each fixture that it is to fit."""
    page = json.loads((FIXTURES / "vapi" / "list_page.json").read_text("utf-8"))
    for call in page:
        yield call, Call, call
    webhook = json.loads((FIXTURES / "vapi" / "webhook_inbound.json").read_text("utf-8"))
    yield webhook["message"], ServerMessageEndOfCallReport, webhook["message"]
    yield webhook["message"]["call"], Call, webhook["message"]["call"]


def retell_calls() -> Iterator[tuple[Any, type, dict[str, Any]]]:
    """The same for Retell."""
    documents = [json.loads((FIXTURES / "retell" / "webhook_call_analyzed.json").read_text("utf-8"))]
    documents += map(json.loads, (FIXTURES / "retell" / "get_call.jsonl").read_text("utf-8").splitlines())
    for document in documents:
        inner = document.get("body", document)
        call = inner.get("call", inner)
        model = WebCallResponse if call["call_type"] == "web_call" else PhoneCallResponse
        yield document, model, call


def elevenlabs_calls() -> Iterator[tuple[Any, type, dict[str, Any]]]:
    """The same for ElevenLabs."""
    documents = [json.loads((FIXTURES / "elevenlabs" / "conversation.json").read_text("utf-8"))]
    documents += map(json.loads, (FIXTURES / "elevenlabs" / "webhooks.jsonl").read_text("utf-8").splitlines())
    for document in documents:
        call = document.get("data", document)
        if "transcript" in call:
            yield document, GetConversationResponseModel, call


CALLS = {"vapi": vapi_calls, "retell": retell_calls, "elevenlabs": elevenlabs_calls}


@cache
def schema_of(model: type) -> dict[str, Any]:
    """A model's JSON Schema."""
    return TypeAdapter(model).json_schema()


@pytest.mark.parametrize("source", CALLS)
def test_fixtures_are_what_the_models_say(source: str) -> None:
    """Strictly enough that a member of another type is refused."""
    for _, model, call in CALLS[source]():
        TypeAdapter(model).validate_python(call)


@pytest.mark.parametrize("source", CALLS)
def test_what_is_read_is_in_the_models(source: str) -> None:
    """Each member that the importer asks for, by the way to it; a vendor who renames one is found out."""
    read: set[str] = set()
    schemas = []
    for document, model, _ in CALLS[source]():
        schemas.append(schema_of(model))
        reads = TrackedReads()
        body = document.get("body", document)
        read_call = BY_NAME[source].read_call
        assert read_call is not None
        notes = Notes()
        read_call(Record(reads.tracked(body), notes), notes)
        read |= {way.removeprefix("message.").removeprefix("call.").removeprefix("data.") for way in reads.ways}
    missing = {way for way in read - ENVELOPE if not any(member_exists(schema, way) for schema in schemas)}
    assert missing == UNDOCUMENTED[source]


def test_the_words_that_are_kept_are_the_vendors() -> None:
    """``vendor_words.json``, by which the other tests go, is what the packages say today."""
    vapi, retell, elevenlabs = map(schema_of, (Call, PhoneCallResponse, GetConversationResponseModel))
    found: dict[str, set[str] | list[str]] = {
        "vapi.endedReason": words_at(vapi, "endedReason"),
        "vapi.type": words_at(vapi, "type"),
        "vapi.status": words_at(vapi, "status"),
        "vapi.costs.type": words_at(vapi, "costs[].type"),
        "retell.disconnection_reason": words_at(retell, "disconnection_reason"),
        "retell.call_status": words_at(retell, "call_status"),
        "retell.user_sentiment": words_at(retell, "call_analysis.user_sentiment"),
        "elevenlabs.status": words_at(elevenlabs, "status"),
        "elevenlabs.call_successful": words_at(elevenlabs, "analysis.call_successful"),
        "elevenlabs.call_result": words_at(elevenlabs, "metadata.phone_call.call_result"),
        "twilio.status": sorted(get_args(CallInstance.Status) or _words_of_class(CallInstance.Status)),
    }
    assert {name: sorted(words) for name, words in found.items()} == json.loads(WORDS_FILE.read_text("utf-8"))


def _words_of_class(cls: type) -> list[str]:
    return [value for name, value in vars(cls).items() if name.isupper() and isinstance(value, str)]
