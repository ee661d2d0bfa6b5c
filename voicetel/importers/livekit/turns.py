"""The chat history of a LiveKit session report → turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from voicetel.events.operation import Operation
from voicetel.events.providers import model_name, provider_name
from voicetel.importers.calls.turns import ToolCall, Utterance, overlapped, turns_of
from voicetel.importers.livekit.delays import operations_after_speech

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.record import Record
    from voicetel.importers.calls.turns import ImportedTurn


def read_turns(items: Sequence[Record], started_s: float, close_reason: str | None, notes: Notes) -> list[ImportedTurn]:
    """The turns; a reply that was cut while the caller was silent was cut by whoever ended the call."""
    utterances = [each for index, item in enumerate(items) if (each := _utterance(item, index, notes))]
    turns = turns_of(utterances, _tools(items), started_s)
    cut_by_caller = overlapped(turns)
    for turn in turns:
        if turn.interrupted and turn not in cut_by_caller and turn is turns[-1]:
            turn.interrupted_by = "hangup" if close_reason == "participant_disconnected" else "agent"
    return turns


def _utterance(item: Record, index: int, notes: Notes) -> Utterance | None:
    if item.text("type") != "message" or item.text("role") not in ("user", "assistant"):
        return None
    metrics = item.record("metrics")
    text = " ".join(part for part in item.items("content") if isinstance(part, str)).strip()
    start_s, end_s = metrics.time("started_speaking_at"), metrics.time("stopped_speaking_at")
    if start_s is not None and end_s is not None and end_s < start_s:
        notes.passed_over("chat_history.items[].metrics.stopped_speaking_at")
        end_s = None
    if not text and start_s is None:
        return None
    if item.text("role") == "user":
        delays_s = metrics.positive("transcription_delay"), metrics.positive("end_of_turn_delay")
        operations = operations_after_speech(end_s, _who(metrics, "stt"), *delays_s)
        confidence = item.positive("transcript_confidence")
        return Utterance("user", text, index, start_s, end_s, operations, confidence=confidence)
    interrupted = item.flag("interrupted")
    operations = list(_answered(metrics))
    eou_latency_s = metrics.positive("e2e_latency")
    return Utterance("agent", text, index, start_s, end_s, operations, interrupted, eou_latency_s)


def _answered(metrics: Record) -> Iterator[Operation]:
    if (ttfb_s := metrics.positive("llm_node_ttft")) is not None:
        yield Operation("llm", *_who(metrics, "llm"), ttfb_s=ttfb_s)
    if (ttfb_s := metrics.positive("tts_node_ttfb")) is not None:
        yield Operation("tts", *_who(metrics, "tts"), ttfb_s=ttfb_s)


def _who(metrics: Record, stage: Literal["stt", "llm", "tts"]) -> tuple[str | None, str | None]:
    about = metrics.record(f"{stage}_metadata")
    return provider_name(about.text("model_provider")), model_name(about.text("model_name"))


def _tools(items: Sequence[Record]) -> list[ToolCall]:
    outputs = {item.text("call_id"): item for item in items if item.text("type") == "function_call_output"}
    return [_tool(item, outputs.get(item.text("call_id"))) for item in items if item.text("type") == "function_call"]


def _tool(call: Record, output: Record | None) -> ToolCall:
    called_s, returned_s = call.time("created_at"), None if output is None else output.time("created_at")
    took_s = None if called_s is None or returned_s is None or returned_s < called_s else returned_s - called_s
    status = "error" if output is not None and output.flag("is_error") else None
    operation = Operation(
        "tool",
        name=call.text("name"),
        request_id=call.text("call_id"),
        start_s=called_s,
        duration_s=took_s,
        status=status,
    )
    return ToolCall(operation, called_s)
