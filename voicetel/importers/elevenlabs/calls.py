"""One conversation of ElevenLabs Agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicetel.importers.calls.imported_call import ImportedCall
from voicetel.importers.elevenlabs.charges import billed
from voicetel.importers.elevenlabs.endings import ending, failure
from voicetel.importers.elevenlabs.turns import read_turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.record import Record

_NEVER_BEGAN: Final = "call_initiation_failure"
_UNFINISHED: Final = ("initiated", "in-progress", "processing")
_DIRECTIONS: Final = ("inbound", "outbound")


def recognise(document: Mapping[str, object]) -> bool:
    """A webhook, or a conversation; also a summary out of a page, which has no transcript."""
    data = document.get("data")
    facts = data if isinstance(data, dict) else document
    return "conversation_id" in facts and "agent_id" in facts


def read_call(document: Record, notes: Notes) -> ImportedCall | None:
    """Read the conversation; None where it is not over, or the document has no transcript."""
    facts = document.record("data") if document.has("data") else document
    call_id = facts.text("conversation_id")
    if call_id is None:
        notes.add("a call without an id cannot be told from others")
        return None
    if document.text("type") == _NEVER_BEGAN:
        return _never_began(call_id, document, facts, notes)
    if facts.text("status") in _UNFINISHED:
        notes.add("conversations of ElevenLabs that are not over were left out")
        return None
    metadata = facts.record("metadata")
    started_s = metadata.time("start_time_unix_secs")
    if not facts.has("transcript") or started_s is None:
        notes.add(
            "summaries of conversations and webhooks with audio have no transcript: "
            "fetch each with GET /v1/convai/conversations/{id}"
        )
        return None
    return _conversation(call_id, started_s, document.time("event_timestamp"), facts, notes)


def _conversation(
    call_id: str, started_s: float, delivered_s: float | None, facts: Record, notes: Notes
) -> ImportedCall:
    metadata, phone = facts.record("metadata"), facts.record("metadata").record("phone_call")
    duration_s = metadata.positive("call_duration_secs")
    carrier_call_id = phone.text("call_sid")
    call = ImportedCall(
        "elevenlabs",
        call_id,
        started_s,
        notes,
        is_analysed=bool(facts.record("analysis").values),
        delivered_s=delivered_s,
        carrier_call_id=carrier_call_id,
    )
    direction = phone.text("direction")
    fields: dict[str, object] = {
        "agent_name": facts.text("agent_name"),
        "agent_version": facts.text("version_id"),
        "campaign": metadata.record("batch_call").text("batch_call_id"),
        "direction": direction if direction in _DIRECTIONS else None if phone.values else "web",
        "language": metadata.text("main_language"),
        "source": "elevenlabs",
    }
    tags = {
        "agent_id": facts.text("agent_id"),
        "branch_id": facts.text("branch_id"),
        "environment": facts.text("environment"),
        "carrier": phone.text("type"),
        "carrier_call_id": carrier_call_id,
    }
    call.add_started(fields, tags)
    turns, marks = read_turns(facts.records("transcript"), started_s)
    call.add_turns(turns)
    for index, at_s, kind in marks:
        call.add_mark(at_s, kind, index)
    ended_s = started_s + (duration_s or 0.0)
    call.add_usage(ended_s, billed(metadata, turns, duration_s, notes))
    _add_ended(call, ended_s, duration_s, facts)
    return call


def _add_ended(call: ImportedCall, ended_s: float, duration_s: float | None, facts: Record) -> None:
    metadata, analysis = facts.record("metadata"), facts.record("analysis")
    has_failed = facts.text("status") == "failed" or metadata.has("error")
    fields = ending(metadata, analysis, has_failed=has_failed)
    tags = {
        "elevenlabs.termination_reason": metadata.text("termination_reason"),
        "elevenlabs.cost_credits": metadata.word("cost"),
        "elevenlabs.call_success_score": analysis.word("call_success_score"),
    }
    call.add_ended(ended_s, {"duration_s": duration_s, **fields}, tags)


def _never_began(call_id: str, document: Record, facts: Record, notes: Notes) -> ImportedCall | None:
    at_s = document.time("event_timestamp")
    if at_s is None:
        notes.add("a call without any timestamp cannot be placed in time")
        return None
    body = facts.record("metadata").record("body")
    carrier_call_id = body.text("CallSid") or body.text("call_sid")
    call = ImportedCall("elevenlabs", call_id, at_s, notes, delivered_s=at_s, carrier_call_id=carrier_call_id)
    tags = {"agent_id": facts.text("agent_id"), "carrier_call_id": carrier_call_id}
    call.add_started({"direction": "outbound", "source": "elevenlabs"}, tags)
    reason = facts.text("failure_reason") or "unknown"
    sip_status = body.word("sip_status_code") or body.word("SipResponseCode")
    call.add_ended(at_s, failure(reason, sip_status), {"elevenlabs.failure_reason": reason})
    return call
