"""One call of Retell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicetel.importers.calls.endings import verdict
from voicetel.importers.calls.imported_call import ImportedCall
from voicetel.importers.retell.costs import billed
from voicetel.importers.retell.endings import ending
from voicetel.importers.retell.latencies import add_latencies, latency_tags
from voicetel.importers.retell.turns import read_turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.record import Record

TYPES: Final = ("phone_call", "web_call")
_OVER_EVENTS: Final = ("call_ended", "call_analyzed")
UNFINISHED: Final = ("registered", "ongoing")
_DIRECTIONS: Final = ("inbound", "outbound")
SENTIMENT: Final = {"Positive": 0.6, "Neutral": 0.0, "Negative": -0.6}
"""Three labels of a model, no measure."""

_MS: Final = 1e-3


def recognise(document: Mapping[str, object]) -> bool:
    """A webhook, or a call object."""
    inner = document.get("call")
    call = inner if isinstance(inner, dict) else document
    return "agent_id" in call and "call_status" in call and "call_id" in call and call.get("call_type") in TYPES


def read_call(document: Record, notes: Notes) -> ImportedCall | None:
    """Read the call; None where it is not over, or cannot be placed in time."""
    facts = document.record("call") if document.has("call") else document
    reason, status = facts.text("disconnection_reason"), facts.text("call_status")
    started_s, ended_s = facts.time("start_timestamp"), facts.time("end_timestamp")
    is_over = ended_s is not None or reason is not None or document.text("event") in _OVER_EVENTS
    if status in UNFINISHED and not is_over:
        notes.add("calls of Retell that are not over were left out")
        return None
    delivered_s = document.time("event_timestamp")
    began_s = started_s or ended_s or delivered_s
    call_id = facts.text("call_id")
    if call_id is None:
        notes.add("a call without an id cannot be told from others")
        return None
    if began_s is None:
        notes.add("a call of Retell that never connected has no time of its own: only its webhook says when it was")
        return None
    analysis = facts.record("call_analysis")
    call = ImportedCall(
        "retell",
        call_id,
        began_s,
        notes,
        is_analysed=bool(analysis.values),
        delivered_s=delivered_s,
        carrier_call_id=facts.record("telephony_identifier").text("twilio_call_sid"),
    )
    _add_started(call, facts)
    _add_turns(call, facts, notes)
    last_s = ended_s or began_s
    call.add_usage(last_s, billed(facts.record("call_cost"), notes))
    _add_ended(call, facts, last_s, started_s, notes)
    return call


def _add_started(call: ImportedCall, facts: Record) -> None:
    direction = "web" if facts.text("call_type") == "web_call" else facts.text("direction")
    fields: dict[str, object] = {
        "agent_name": facts.text("agent_name"),
        "agent_version": facts.word("agent_version"),
        "direction": direction if direction in (*_DIRECTIONS, "web") else None,
        "source": "retell",
    }
    tags = {
        "agent_id": facts.text("agent_id"),
        "agent_tag": facts.text("agent_tag"),
        "carrier_call_id": facts.record("telephony_identifier").text("twilio_call_sid"),
    }
    call.add_started(fields, tags)


def _add_turns(call: ImportedCall, facts: Record, notes: Notes) -> None:
    turns, marks = read_turns(facts, call.started_s, notes)
    add_latencies(facts.record("latency"), turns, notes)
    call.add_turns(turns)
    for mark in marks:
        call.add_mark(mark.at_s, mark.kind, mark.index, mark.value)


def _add_ended(call: ImportedCall, facts: Record, at_s: float, started_s: float | None, notes: Notes) -> None:
    reason, analysis = facts.text("disconnection_reason"), facts.record("call_analysis")
    duration_s = facts.positive("duration_ms", _MS)
    if duration_s is None and started_s is not None and at_s > started_s:
        duration_s = at_s - started_s
    sentiment = analysis.text("user_sentiment")
    fields: dict[str, object] = {
        "duration_s": None if duration_s is None else round(duration_s, 3),
        "sentiment": SENTIMENT.get(sentiment or ""),
        **ending(reason, notes),
    }
    successful = analysis.flag("call_successful")
    if "outcome" not in fields and analysis.flag("in_voicemail"):
        voicemail = {
            "outcome": "voicemail",
            "outcome_confidence": 0.9,
            "outcome_reason": "Retell's analysis: in voicemail",
        }
        fields |= {"amd": "machine-vm", **voicemail}
    if "outcome" not in fields and successful is not None and facts.text("call_status") == "ended":
        fields |= verdict(successful, f"Retell's analysis: call_successful is {str(successful).lower()}")
    tags = {
        "retell.disconnection_reason": reason,
        "retell.call_status": facts.text("call_status"),
        "retell.user_sentiment": sentiment if sentiment not in SENTIMENT else None,
        "retell.transferred": "true" if facts.text("transfer_destination") else None,
        **latency_tags(facts.record("latency"), facts.record("llm_token_usage")),
    }
    call.add_ended(at_s, fields, tags)
