"""One session report of LiveKit Agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicetel.events.operation import Operation
from voicetel.events.providers import model_name, provider_name
from voicetel.importers.calls.imported_call import ImportedCall
from voicetel.importers.livekit.closing import closing
from voicetel.importers.livekit.rooms import room_name
from voicetel.importers.livekit.turns import read_turns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.record import Record

_MS: Final = 1e-3
_STAGES: Final = {
    "llm_usage": "llm",
    "tts_usage": "tts",
    "stt_usage": "stt",
    "interruption_usage": "interruption",
    "eot_usage": "eot",
}
_QUANTITIES: Final = {
    "input_tokens": "input_tokens",
    "input_cached_tokens": "cached_input_tokens",
    "input_cache_creation_tokens": "cache_write_tokens",
    "input_audio_tokens": "input_audio_tokens",
    "input_cached_audio_tokens": "cached_input_audio_tokens",
    "output_tokens": "output_tokens",
    "output_audio_tokens": "output_audio_tokens",
    "session_duration": "session_s",
    "characters_count": "characters",
    "audio_duration": "audio_s",
    "total_requests": "requests",
}
_OF_SPEECH_TO_SPEECH: Final = (
    "input_text_tokens",
    "input_audio_tokens",
    "input_image_tokens",
    "output_text_tokens",
    "output_audio_tokens",
    "session_duration",
)
"""What LiveKit counts of speech-to-speech models alone, whose usage it lists among that of language models."""

_EVENT_MARKS: Final = 1_000_000


def recognise(document: Mapping[str, object]) -> bool:
    """A session report."""
    history = document.get("chat_history")
    return isinstance(history, dict) and "items" in history and "job_id" in document and "room_id" in document


def read_call(document: Record, notes: Notes) -> ImportedCall | None:
    """Read the session. Its id is the job's, which is the one that the live recorder gives the same call."""
    call_id = document.text("job_id") or document.text("room_id")
    items, events = document.record("chat_history").records("items"), document.records("events")
    reported_s, duration_s = document.time("timestamp"), document.positive("duration_ms", _MS)
    began_s = _began_s(reported_s, duration_s, [*events, *items])
    if call_id is None or began_s is None:
        notes.add("a session report without an id or without any timestamp cannot be placed")
        return None
    call = ImportedCall("livekit", call_id, began_s, notes, delivered_s=reported_s)
    version = document.text("sdk_version")
    fields: dict[str, object] = {
        "agent_name": document.text("agent_name"),
        "source": f"livekit-agents/{version}" if version else "livekit-agents",
    }
    call.add_started(fields, {"room": room_name(document.text("room")), "room_id": document.text("room_id")})
    reason = _close_reason(document)
    call.add_turns(read_turns(items, began_s, reason, notes))
    _add_marks(call, items, events)
    ended_s = reported_s or began_s + (duration_s or 0.0)
    call.add_usage(ended_s, [operation for used in document.records("usage") if (operation := _usage(used))])
    tags = [tag for tag in document.items("tags") if isinstance(tag, str)]
    outcome = "success" if "lk.success" in tags else "fail" if "lk.fail" in tags else None
    ended: dict[str, object] = {"duration_s": duration_s, "outcome": outcome}
    if outcome:
        ended["outcome_reason"] = f"LiveKit: tagged lk.{outcome}"
    call.add_ended(ended_s, ended | {"end_reason": closing(reason)}, {"close_reason": reason})
    return call


def _began_s(reported_s: float | None, duration_s: float | None, rows: Sequence[Record]) -> float | None:
    created_s = [created for row in rows if (created := row.time("created_at")) is not None]
    if created_s:
        return min(created_s)
    return None if reported_s is None else reported_s - (duration_s or 0.0)


def _close_reason(document: Record) -> str | None:
    reason = document.text("close_reason")
    return None if reason is None else reason.removeprefix("CR_").lower()


def _add_marks(call: ImportedCall, items: Sequence[Record], events: Sequence[Record]) -> None:
    for index, item in enumerate(items):
        at_s = item.time("created_at")
        if item.text("type") == "agent_handoff" and item.text("old_agent_id") and at_s is not None:
            call.add_mark(at_s, "handoff", index, item.text("new_agent_id"))
    for index, event in enumerate(events, _EVENT_MARKS):
        at_s = event.time("created_at")
        if at_s is None:
            continue
        if event.text("type") == "agent_false_interruption":
            call.add_mark(at_s, "false_interruption", index)
        elif event.text("type") == "error":
            call.add_mark(at_s, "error", index, event.record("error").text("type"))


def _usage(used: Record) -> Operation | None:
    quantities = {ours: value for theirs, ours in _QUANTITIES.items() if (value := used.positive(theirs)) is not None}
    if not quantities:
        return None
    stage = _STAGES.get(used.text("type") or "", "other")
    if stage == "llm" and any(used.positive(name) for name in _OF_SPEECH_TO_SPEECH):
        stage = "realtime"
    if stage == "tts" and "output_tokens" in quantities:  # what a synthesiser gives for tokens is audio
        quantities["output_audio_tokens"] = quantities["output_tokens"]
    provider, model = provider_name(used.text("provider")), model_name(used.text("model"))
    return Operation(stage, provider, model, quantities=quantities)
