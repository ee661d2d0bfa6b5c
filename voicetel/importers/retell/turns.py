"""The transcript of a Retell call → turns and marks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from voicetel.events.operation import Operation
from voicetel.importers.calls.turns import ToolCall, Utterance, overlapped, turns_of

if TYPE_CHECKING:
    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.record import Record
    from voicetel.importers.calls.turns import ImportedTurn

_TRANSCRIPTS: Final = ("transcript_with_tool_calls", "transcript_object", "scrubbed_transcript_with_tool_calls")
_MAX_OFFSET_S: Final = 86_400.0
"""Words further from the beginning of a call than a day are none of it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened between words; ``index`` is its place in the transcript."""

    at_s: float
    kind: str
    index: int
    value: str | None = None


def read_turns(facts: Record, started_s: float, notes: Notes) -> tuple[list[ImportedTurn], list[Mark]]:
    """The turns and the marks; who was cut is told by words that overlap."""
    reader = _Transcript(started_s)
    for index, row in enumerate(_rows(facts, notes)):
        reader.read(row, index)
    turns = turns_of(reader.utterances, reader.tools.values(), started_s)
    if any(each.end_s is not None for each in reader.utterances):
        cut = overlapped(turns)
        for turn in turns:
            if turn.agent:
                turn.interrupted = turn in cut
    return turns, reader.marks


def _rows(facts: Record, notes: Notes) -> list[Record]:
    rows: list[Record] = next((found for name in _TRANSCRIPTS if (found := facts.records(name))), [])
    if not rows and facts.text("transcript"):
        notes.add("Retell's transcript has no times in it: fetch each call with GET /v2/get-call/{id}")
    elif not rows and facts.text("call_status") == "ended":
        notes.add("Retell's list of calls has no transcripts: fetch each call with GET /v2/get-call/{id}")
    return rows


class _Transcript:
    """What was read so far; ``_at_s`` is the last moment anybody spoke, which is when a tool was called."""

    def __init__(self, started_s: float) -> None:
        self._started_s = self._at_s = started_s
        self._state_id: str | None = None
        self.utterances: list[Utterance] = []
        self.tools: dict[str, ToolCall] = {}
        self.marks: list[Mark] = []

    def read(self, row: Record, index: int) -> None:
        match row.text("role"):
            case "user":
                self._speech(row, index, "user")
            case "agent":
                self._speech(row, index, "agent")
            case "tool_call_invocation":
                self._tool(row, index)
            case "tool_call_result":
                self._result(row)
            case "node_transition":
                self._state_id = row.text("new_node_name")
            case "dtmf":
                self.marks.append(Mark(self._at_s, "dtmf", index, "1"))

    def _speech(self, row: Record, index: int, speaker: Literal["user", "agent"]) -> None:
        if row.record("metadata").flag("is_backchannel"):
            return
        start_s, end_s = self._times(row)
        text = (row.text("content") or "").strip()
        if not text and start_s is None:
            return
        self.utterances.append(Utterance(speaker, text, index, start_s, end_s, state_id=self._state_id))
        self._at_s = end_s or start_s or self._at_s

    def _times(self, row: Record) -> tuple[float | None, float | None]:
        words = [word for word in row.records("words") if word.has("start")]
        if not words:
            return None, None
        start_s, last = self._offset(words[0], "start"), words[-1]
        end_s = self._offset(last, "end" if last.has("end") else "start")
        if start_s is not None and end_s is not None and end_s < start_s:
            last.passed_over("end")
            end_s = None
        return start_s, end_s

    def _offset(self, word: Record, name: str) -> float | None:
        offset_s = word.number(name)
        if offset_s is None or not 0 <= offset_s <= _MAX_OFFSET_S:
            return None
        return self._started_s + offset_s

    def _tool(self, row: Record, index: int) -> None:
        call_id, name = row.text("tool_call_id"), row.text("name")
        operation = Operation("tool", name=name, request_id=call_id)
        self.tools[call_id or f"#{index}"] = ToolCall(operation, self._at_s)
        if "transfer_call" in (row.text("type"), name):
            self.marks.append(Mark(self._at_s, "transfer", index))

    def _result(self, row: Record) -> None:
        call_id = row.text("tool_call_id") or ""
        if call_id in self.tools and row.flag("successful") is False:
            called = self.tools[call_id]
            self.tools[call_id] = replace(called, operation=replace(called.operation, status="error"))
