"""voiceobs: one flat span a line. Its turns are one speaker's; it measures stages and silence, and has no words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from voicetel.events.operation import Operation
from voicetel.events.providers import model_name, provider_name
from voicetel.importers.calls.imported_call import ImportedCall
from voicetel.importers.calls.record import Record, as_number, clean, epoch_s
from voicetel.importers.calls.turns import ImportedTurn, Utterance
from voicetel.importers.otel.spans import Span, linked
from voicetel.importers.source import Gives, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicetel.importers.calls.notes import Notes

_STAGES: Final = {"voice.asr": "stt", "voice.llm": "llm", "voice.tts": "tts"}
_MS: Final = 1e-3
_PREFIX: Final = "voice."


def recognise(document: Mapping[str, object]) -> bool:
    """A span as voiceobs' exporter writes it."""
    attributes = document.get("attributes")
    if "span_id" not in document or "start_time_ns" not in document or not isinstance(attributes, dict):
        return False
    return str(document.get("name")).startswith(_PREFIX) or any(str(key).startswith(_PREFIX) for key in attributes)


def read_spans(document: Mapping[str, object], notes: Notes) -> Iterator[Span]:
    """The span."""
    record = Record(document, notes)
    span_id, trace_id = record.text("span_id"), record.text("trace_id")
    start_s, end_s = epoch_s(document.get("start_time_ns")), epoch_s(document.get("end_time_ns"))
    if span_id is None or trace_id is None or start_s is None or not re.fullmatch(r"(0x)?[0-9a-fA-F]{1,32}", span_id):
        record.passed_over("span_id" if start_s is not None else "start_time_ns")
        return
    yield Span(
        span_id.removeprefix("0x"),
        (record.text("parent_span_id") or "").removeprefix("0x") or None,
        trace_id,
        record.text("name") or "",
        "voiceobs",
        start_s,
        start_s if end_s is None else end_s,
        _attributes(record.record("attributes")),
        is_error=record.record("status").text("status_code") == "ERROR",
    )


def _attributes(record: Record) -> dict[str, object]:
    """The plain values among the attributes; nobody reads lists and objects."""
    found = {name: value for name, value in record.values.items() if name.startswith(_PREFIX)}
    return {
        name: clean(value) if isinstance(value, str) else value if isinstance(value, bool) else as_number(value)
        for name, value in found.items()
        if not isinstance(value, (list, dict))
    }


def read_trace(spans: list[Span], notes: Notes) -> Iterator[ImportedCall]:
    """The conversation that the spans belong to."""
    ordered = linked(spans, notes)
    conversation = next((found for span in ordered if (found := span.text("voice.conversation.id"))), None)
    if conversation is None:
        notes.add("spans of voiceobs outside of any conversation were left out")
        return
    root = next((span for span in ordered if span.name == "voice.conversation"), None)
    started_s = (root or ordered[0]).start_s
    call = ImportedCall("voiceobs", conversation, started_s, notes, is_complete=root is not None, parts=len(ordered))
    call.add_started({"source": "voiceobs"}, {"trace_id": ordered[0].trace_id})
    call.add_turns(_turns([span for span in ordered if span.name == "voice.turn"]))
    if root is not None:
        call.add_ended(root.end_s, {"duration_s": root.rounded_duration_s}, {})
    yield call


def _turns(spans: Sequence[Span]) -> list[ImportedTurn]:
    turns: list[ImportedTurn] = []
    for span in spans:
        is_agent = span.text("voice.actor") == "agent"
        goes_on = bool(turns) and (not turns[-1].agent if is_agent else bool(turns[-1].user and not turns[-1].agent))
        if not goes_on:
            turns.append(ImportedTurn(span.seq, span.start_s))
        turn = turns[-1]
        utterance = Utterance("agent" if is_agent else "user", span.text("voice.transcript") or "", 0)
        (turn.agent if is_agent else turn.user).append(utterance)
        turn.operations += [operation for child in span.children if (operation := _operation(child))]
        if is_agent:
            turn.interrupted = span.flag("voice.interruption.detected")
            if turn.user:
                turn.eou_latency_s = span.positive("voice.silence.after_user_ms")
                turn.eou_latency_s = None if turn.eou_latency_s is None else turn.eou_latency_s * _MS
    return turns


def _operation(span: Span) -> Operation | None:
    stage = _STAGES.get(span.name)
    if stage is None:
        return None
    characters = span.positive("voice.stage.input_size") if stage == "tts" else None
    return Operation(
        stage,
        provider_name(span.text("voice.stage.provider")),
        model_name(span.text("voice.stage.model")),
        start_s=span.start_s,
        ttfb_s=span.duration_s if stage == "stt" else None,
        duration_s=span.duration_s,
        status="error" if span.is_error else None,
        quantities={} if characters is None else {"characters": characters},
    )


SOURCE = Source(
    name="voiceobs",
    title="voiceobs",
    exports="its JSONL exporter",
    recognise=recognise,
    read_spans=read_spans,
    read_trace=read_trace,
    gives=Gives(
        response="per turn, as silence after the caller",
        stages="whole lengths of STT, LLM, TTS",
        transcript="",
        times="when stages ran",
        interruptions="per turn",
        cost="characters of TTS",
        outcome="",
        missing="words, first token and first byte, tokens, STT seconds, why the call ended",
    ),
)
