"""The messages of a Vapi call → turns, and the latencies that belong to them."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, Final, Literal

from voicetel.events.operation import Operation
from voicetel.importers.calls.latencies import fitted
from voicetel.importers.calls.turns import ToolCall, Utterance, overlapped, turns_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.record import Record
    from voicetel.importers.calls.turns import ImportedTurn
    from voicetel.importers.vapi.costs import Components

_SPEAKERS: Final[dict[str, Literal["user", "agent"]]] = {"user": "user", "bot": "agent", "assistant": "agent"}
_TRANSFER: Final = "transferCall"
_MS: Final = 1e-3


def read_turns(
    rows: Sequence[Record], started_s: float, notes: Notes
) -> tuple[list[ImportedTurn], list[tuple[int, float]], float | None]:
    """The turns; place and time of each transfer; the last moment that a message has."""
    timed = sorted(
        ((index, row, _began_s(row, started_s)) for index, row in enumerate(rows)),
        key=lambda each: (started_s if each[2] is None else each[2], each[0]),
    )
    utterances = [each for index, row, began_s in timed if (each := _utterance(row, index, began_s, notes))]
    tools = list(_tools(timed, started_s))
    transfers = [
        (index, started_s if began_s is None else began_s)
        for index, row, began_s in timed
        for called in row.records("toolCalls")
        if (called.record("function").text("name") or "").startswith(_TRANSFER)
    ]
    moments_s = [each.end_s or each.start_s for each in utterances]
    last_s = max((each for each in moments_s if each is not None), default=None)
    return turns_of(utterances, tools, started_s), transfers, last_s


def _began_s(row: Record, started_s: float) -> float | None:
    time_s = row.time("time")
    if time_s is not None:
        return time_s
    offset_s = row.number("secondsFromStart")
    return None if offset_s is None or offset_s < 0 else started_s + offset_s


def _utterance(row: Record, index: int, start_s: float | None, notes: Notes) -> Utterance | None:
    speaker = _SPEAKERS.get(row.text("role") or "")
    if speaker is None:
        return None
    text = (row.text("message") or "").strip()
    if not text:
        return None
    end_s = row.time("endTime")
    if end_s is None and start_s is not None and (duration_ms := row.positive("duration")):
        end_s = start_s + duration_ms * _MS
    if start_s is not None and end_s is not None and end_s < start_s:
        notes.passed_over("messages[].endTime")
        end_s = None
    return Utterance(speaker, text, index, start_s, end_s, confidence=_confidence(row))


def _confidence(row: Record) -> float | None:
    """How sure the transcriber was, on average over the words; None where it says so of none. 0 stands for not known."""
    words = row.record("metadata").records("wordLevelConfidence")
    known = [found for word in words if (found := word.positive("confidence")) is not None and found <= 1]
    return fmean(known) if known else None


def _tools(timed: Sequence[tuple[int, Record, float | None]], started_s: float) -> Iterator[ToolCall]:
    results = {
        result_id: began_s
        for _, row, began_s in timed
        if row.text("role") == "tool_call_result" and (result_id := row.text("toolCallId"))
    }
    for _, row, called_s in timed:
        if row.text("role") != "tool_calls":
            continue
        for called in row.records("toolCalls"):
            call_id = called.text("id")
            answered_s = results.get(call_id or "")
            took_s = None if answered_s is None or called_s is None else answered_s - called_s
            operation = Operation(
                "tool",
                name=called.record("function").text("name"),
                request_id=call_id,
                start_s=called_s,
                duration_s=took_s if took_s is not None and took_s >= 0 else None,
            )
            yield ToolCall(operation, started_s if called_s is None else called_s)


def add_latencies(
    entries: Sequence[Record], turns: Sequence[ImportedTurn], components: Components, notes: Notes
) -> None:
    """Give each turn the latencies that were measured in it."""
    placed = fitted([(entry.positive("turnLatency") or 0.0) * _MS for entry in entries], turns)
    if lost := len(entries) - len(placed):
        notes.add("latencies of Vapi that fit no turn were left out", lost)
    for index, turn in placed.items():
        entry = entries[index]
        if turn.agent:
            turn.eou_latency_s = entry.positive("turnLatency", _MS)
        if (ttfb_s := entry.positive("transcriberLatency", _MS)) is not None:
            turn.operations.append(Operation("stt", *components.stt, ttfb_s=ttfb_s))
        if (duration_s := entry.positive("endpointingLatency", _MS)) is not None:
            turn.operations.append(Operation("eot", "vapi", duration_s=duration_s))
        if (ttfb_s := entry.positive("modelLatency", _MS)) is not None:
            turn.operations.append(Operation("llm", *components.llm, ttfb_s=ttfb_s))
        if (ttfb_s := entry.positive("voiceLatency", _MS)) is not None:
            turn.operations.append(Operation("tts", *components.tts, ttfb_s=ttfb_s))


def mark_interruptions(turns: Sequence[ImportedTurn], count: int | None, notes: Notes) -> None:
    """Say of each turn whether it was cut, where the times of the messages show as many cuts as Vapi counted."""
    if count is None:
        return
    cut = overlapped(turns)
    if len(cut) != count:
        notes.add("Vapi's count of interruptions is not what its messages' times show: which turns were cut is unknown")
        return
    for turn in turns:
        if turn.agent:
            turn.interrupted = turn in cut
