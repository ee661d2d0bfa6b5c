"""Bolna: executions, from webhooks or ``GET /executions/{id}``. Nothing in them is final before the call is over.

Fields as in Bolna's OpenAPI description and its page on latencies; amounts are cents, latencies milliseconds.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

from voicetel.events.operation import Operation
from voicetel.importers.calls.endings import Ending
from voicetel.importers.calls.imported_call import ImportedCall
from voicetel.importers.calls.turns import Utterance, turns_of
from voicetel.importers.source import Gives, Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.record import Record
    from voicetel.importers.calls.turns import ImportedTurn

UNFINISHED: Final = frozenset(
    {"scheduled", "queued", "rescheduled", "initiated", "ringing", "in-progress", "call-disconnected"}
)
ENDINGS: Final = {
    "completed": Ending(),
    "busy": Ending("not_connected", "busy", 0.95),
    "no-answer": Ending("not_connected", "no_answer", 0.95),
    "canceled": Ending("not_connected"),
    "balance-low": Ending("not_connected", "fail", 0.9),
    "failed": Ending("not_connected", "fail", 0.8),
    "stopped": Ending("agent_hangup"),
    "error": Ending("error"),
}
"""What a final status means."""

_VOICEMAIL: Final = Ending("agent_hangup", "voicemail", 0.93, amd="machine-vm")
_COSTS: Final = {
    "transcriber": "stt",
    "llm": "llm",
    "synthesizer": "tts",
    "network": "transport",
    "platform": "platform",
}
_SPEAKER: Final = re.compile(r"^\s*(assistant|agent|bot|user|caller|human)\s*:\s*(.*)$", re.IGNORECASE)
_AGENTS: Final = ("assistant", "agent", "bot")
_CENTS: Final = 100
_MS: Final = 1e-3


def recognise(document: Mapping[str, object]) -> bool:
    """An execution: a record of one call, with the telephony or the latencies of it."""
    has_execution = {"id", "agent_id", "status"} <= document.keys()
    return has_execution and bool(document.keys() & {"telephony_data", "conversation_duration", "latency_data"})


def read_call(document: Record, notes: Notes) -> ImportedCall | None:
    """Read the call; None where it is not over."""
    status, call_id, started_s = document.text("status"), document.word("id"), document.time("created_at")
    if status in UNFINISHED:
        notes.add("executions of Bolna that are not over were left out")
        return None
    if call_id is None or started_s is None:
        notes.add("a call without an id or a timestamp cannot be placed")
        return None
    telephony = document.record("telephony_data")
    call = ImportedCall(
        "bolna",
        call_id,
        started_s,
        notes,
        delivered_s=document.time("updated_at"),
        carrier_call_id=telephony.text("provider_call_id"),
    )
    direction = telephony.text("call_type")
    known = direction if direction in ("inbound", "outbound") else None
    fields: dict[str, object] = {"campaign": document.text("batch_id"), "direction": known, "source": "bolna"}
    tags = {
        "agent_id": document.text("agent_id"),
        "carrier": telephony.text("provider"),
        "carrier_call_id": telephony.text("provider_call_id"),
    }
    call.add_started(fields, tags)
    turns = _turns(document.text("transcript") or "", started_s)
    _add_latencies(document.record("latency_data"), turns, notes)
    call.add_turns(turns)
    duration_s = document.positive("conversation_duration") or document.positive("conversation_time")
    ended_s = started_s + (duration_s or 0.0)
    call.add_usage(ended_s, _billed(document, duration_s, notes))
    call.add_ended(ended_s, {"duration_s": duration_s, **_ending(document, duration_s, known)}, _end_tags(document))
    return call


def _turns(transcript: str, started_s: float) -> list[ImportedTurn]:
    """The turns of a transcript whose lines begin with who speaks. It has no times."""
    utterances: list[Utterance] = []
    for line in transcript.splitlines():
        if found := _SPEAKER.match(line):
            speaker: Literal["user", "agent"] = "agent" if found[1].lower() in _AGENTS else "user"
            utterances.append(Utterance(speaker, found[2].strip(), len(utterances)))
        elif utterances and line.strip():
            utterances[-1].text = f"{utterances[-1].text} {line.strip()}"
    return turns_of((each for each in utterances if each.text), (), started_s)


def _add_latencies(latency: Record, turns: Sequence[ImportedTurn], notes: Notes) -> None:
    """Latencies come by number of turn; they belong to the caller's turns where there are as many."""
    caller_turns = [turn for turn in turns if turn.user]
    stages = {
        "stt": [_transcription_ms(each) for each in latency.record("transcriber").records("turns")],
        "llm": [each.positive("time_to_first_token") for each in latency.record("llm").records("turns")],
        "tts": [each.positive("time_to_first_token") for each in latency.record("synthesizer").records("turns")],
    }
    for stage, values_ms in stages.items():
        if len(values_ms) == len(caller_turns):
            for turn, value_ms in zip(caller_turns, values_ms, strict=True):
                if value_ms is not None:
                    turn.operations.append(Operation(stage, "bolna", ttfb_s=value_ms * _MS))
        elif values_ms:
            notes.add("latencies of Bolna that are not as many as the caller's turns were left out")


def _transcription_ms(turn: Record) -> float | None:
    """The last of a turn's transcripts is the one that is answered."""
    sequences = turn.records("turn_latency")
    return sequences[-1].positive("audio_to_text_latency") if sequences else None


def _billed(document: Record, duration_s: float | None, notes: Notes) -> list[Operation]:
    breakdown = document.record("cost_breakdown")
    session = {} if duration_s is None else {"session_s": duration_s}
    parts = {stage: cents for theirs, stage in _COSTS.items() if (cents := breakdown.amount(theirs))}
    total = document.amount("total_cost") or Decimal(0)
    if total and abs(sum(parts.values(), Decimal(0)) - total) > Decimal("0.01") * (len(parts) + 1):
        if parts:
            notes.add("Bolna's costs do not add up to the cost of the call: the cost of the call is written instead")
        parts = {"platform": total}
    return [
        Operation(
            stage,
            "bolna",
            quantities=session if stage == "platform" else {},
            cost=cents / _CENTS,
            currency="USD",
        )
        for stage, cents in parts.items()
    ]


def _ending(document: Record, duration_s: float | None, direction: str | None) -> dict[str, object]:
    status, telephony = document.text("status") or "", document.record("telephony_data")
    if document.flag("answered_by_voice_mail"):
        return _VOICEMAIL.fields("Bolna: answered by voicemail")
    fields = ENDINGS.get(status, Ending()).fields(f"Bolna: {status}")
    if status != "completed" or duration_s is None:
        return fields
    reason = (telephony.text("hangup_reason") or "").lower()
    if re.search(r"inactiv|silence|time ?limit|timeout|max.*duration", reason):
        return fields | {"end_reason": "timeout"}
    if "transfer" in reason:
        return fields | {"end_reason": "transfer"}
    hung_up = (telephony.text("hangup_by") or "").lower()
    person = {"inbound": "caller", "outbound": "callee"}.get(direction or "")
    if person is not None and hung_up in ("caller", "callee"):
        fields["end_reason"] = "caller_hangup" if hung_up == person else "agent_hangup"
    elif hung_up in ("agent", "bolna", "assistant"):
        fields["end_reason"] = "agent_hangup"
    return fields


def _end_tags(document: Record) -> dict[str, str | None]:
    telephony = document.record("telephony_data")
    first_audio_ms = document.record("latency_data").positive("time_to_first_audio")
    return {
        "bolna.status": document.text("status"),
        "bolna.hangup_by": telephony.text("hangup_by"),
        "bolna.hangup_reason": telephony.text("hangup_reason"),
        "bolna.time_to_first_audio_ms": None if first_audio_ms is None else f"{first_audio_ms:g}",
    }


SOURCE = Source(
    name="bolna",
    title="Bolna",
    exports="webhooks, GET /executions/{id}",
    recognise=recognise,
    read_call=read_call,
    gives=Gives(
        response="",
        stages="STT, LLM first token, TTS first byte, per turn where there are as many as the caller's turns",
        transcript="both sides; none in pages of the list",
        times="",
        interruptions="",
        cost="per component, as charged",
        outcome="status, voicemail, who hung up",
        missing="when anybody spoke, so response times and interruptions; tokens; tools",
    ),
)
