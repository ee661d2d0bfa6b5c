"""The spans of a LiveKit Agents session → a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicetel.importers.calls.imported_call import ImportedCall
from voicetel.importers.livekit.closing import closing
from voicetel.importers.livekit.rooms import room_name
from voicetel.importers.otel.livekit_operations import requests_below
from voicetel.importers.otel.livekit_turns import read_turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.otel.spans import Span

_ROOT: Final = "agent_session"
_SIP_RULE: Final = "lk.sip.ruleID"
"""The dispatch rule that let a caller in; who was dialled has none."""

_REQUESTS: Final = ("llm_request", "tts_request", "realtime_inference")


def livekit_call(spans: Sequence[Span], notes: Notes) -> ImportedCall:
    """Read the call out of all its spans, in order of time. Its id is the job's, as the live recorder has it."""
    roots = [span for span in spans if span.name == _ROOT]
    first = roots[0] if roots else spans[0]
    job_id = next((job for span in spans if (job := span.text("lk.job_id", "job_id"))), None)
    call = ImportedCall(
        "otel", job_id or first.trace_id, first.start_s, notes, is_complete=bool(roots), parts=len(spans)
    )
    _add_started(call, first)
    turns, dropped = read_turns(spans)
    call.add_turns(turns)
    for span, operations in dropped:
        call.add("usage", span.start_s, {"operations": [each.fields(None) for each in operations]}, span.seq)
    _add_unplaced(call, spans)
    for index, span in enumerate(span for span in spans if span.name == "update_agent"):
        call.add_mark(span.start_s, "handoff", index, span.text("lk.agent_label"))
    _add_ended(call, roots, spans)
    notes.add("LiveKit's spans do not have the seconds of speech-to-text: it is unpriced")
    return call


def _add_started(call: ImportedCall, first: Span) -> None:
    is_telephone = any(name.startswith("lk.sip.") for name in first.attributes)
    fields: dict[str, object] = {
        "agent_name": first.text("lk.agent_name", "lk.agent_label"),
        "direction": ("inbound" if first.text(_SIP_RULE) else "outbound") if is_telephone else None,
        "source": "livekit-agents (otel)",
    }
    tags = {
        "room": room_name(first.text("lk.pii.room_name")),
        "room_id": first.text("lk.room_sid", "room_id"),
        "trace_id": first.trace_id,
        "service": first.service,
        "sip_call_id": first.text("lk.sip.callID"),
    }
    call.add_started(fields, tags)


def _add_unplaced(call: ImportedCall, spans: Sequence[Span]) -> None:
    """Requests whose turn was never exported: they were paid for."""
    placed = {id(span) for turn in spans if turn.name == "agent_turn" for span in turn.descendants()}
    for span in spans:
        if span.name in _REQUESTS and id(span) not in placed:
            operations = requests_below(span, is_discarded=False, with_itself=True)
            call.add("usage", span.start_s, {"operations": [each.fields(None) for each in operations]}, span.seq)


def _add_ended(call: ImportedCall, roots: Sequence[Span], spans: Sequence[Span]) -> None:
    close = next((span for span in reversed(spans) if span.name == "session_close"), None)
    if not roots and close is None:
        return
    ended_s = max(span.end_s for span in (roots or spans))
    amd = next((span.text("lk.amd.category") for span in spans if span.name == "amd"), None)
    reason = None if close is None else close.text("lk.close_reason")
    fields: dict[str, object] = {
        "duration_s": call.lasted_s(ended_s),
        "end_reason": closing(reason),
        "amd": amd,
    }
    call.add_ended(ended_s, fields, {"close_reason": reason})
