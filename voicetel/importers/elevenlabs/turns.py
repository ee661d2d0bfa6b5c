"""The transcript of an ElevenLabs conversation → turns. Its times are whole seconds: they say the order, no lengths."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from voicetel.events.operation import Operation
from voicetel.importers.calls.turns import ImportedTurn, Utterance
from voicetel.importers.elevenlabs.usage import llm_operations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.importers.calls.record import Record

Mark = tuple[int, float, str]
"""Place in the transcript, when, and what kind."""

_SILENT: Final = frozenset({"", "...", "…"})
_TRANSFERS: Final = {"transfer_to_number": "transfer", "transfer_to_agent": "handoff"}
_MAX_OFFSET_S: Final = 86_400.0


def read_turns(rows: Sequence[Record], started_s: float) -> tuple[list[ImportedTurn], list[Mark]]:
    """The turns, and the transfers."""
    transcript = _Transcript(started_s)
    for index, row in enumerate(rows):
        offset_s = row.number("time_in_call_secs")
        at_s = started_s + (offset_s if offset_s is not None and 0 <= offset_s <= _MAX_OFFSET_S else 0.0)
        if row.text("role") == "user":
            transcript.user(row, index, at_s)
        elif row.text("role") == "agent":
            transcript.agent(row, index, at_s, goes_on=index > 0 and _goes_on(rows[index - 1], row))
    return [turn for turn in transcript.turns if turn.user or turn.agent], transcript.marks


def _goes_on(before: Record, row: Record) -> bool:
    """Rows of the agent are one reply where a tool stands between them, or a row without words."""
    if before.text("role") != "agent":
        return False
    has_tools = any(each.items(name) for each in (before, row) for name in ("tool_calls", "tool_results"))
    return has_tools or before.text("message") is None


class _Transcript:
    """The turns so far; ``_measured_s`` is the last LLM latency, which a row after a tool repeats."""

    def __init__(self, started_s: float) -> None:
        self._started_s = started_s
        self._measured_s: float | None = None
        self.turns: list[ImportedTurn] = []
        self.marks: list[Mark] = []

    def user(self, row: Record, index: int, at_s: float) -> None:
        text = (row.text("message") or "").strip()
        if text in _SILENT or row.flag("ignored_as_backchannel"):
            return
        if not self.turns or self.turns[-1].agent or not self.turns[-1].user:
            self.turns.append(ImportedTurn(index + 1, at_s))
        turn = self.turns[-1]
        turn.user.append(Utterance("user", text, index))
        if (ttfb_s := _measured(row, "convai_asr_trailing_service_latency")) is not None:
            model = row.record("conversation_turn_metrics").text("convai_asr_provider")
            turn.operations.append(Operation("stt", "elevenlabs", model, ttfb_s=ttfb_s))

    def agent(self, row: Record, index: int, at_s: float, *, goes_on: bool) -> None:
        if not self.turns or (self.turns[-1].agent and not goes_on):
            self.turns.append(ImportedTurn(index + 1, at_s))
        turn = self.turns[-1]
        turn.state_id = turn.state_id or row.record("agent_metadata").text("workflow_node_id")
        self._speech(row, index, turn)
        self._latencies(row, turn)
        self._tools(row, index, at_s, turn)

    def _speech(self, row: Record, index: int, turn: ImportedTurn) -> None:
        text = (row.text("message") or "").strip()
        if not text:
            return
        turn.agent.append(Utterance("agent", text, index))
        interrupted = row.flag("interrupted")
        if interrupted is not None:
            turn.interrupted = bool(turn.interrupted) or interrupted

    def _latencies(self, row: Record, turn: ImportedTurn) -> None:
        if turn.user:
            if turn.eou_latency_s is None:
                turn.eou_latency_s = _measured(row, "convai_ttf_audio_since_silence")
            if (duration_s := _measured(row, "convai_turn_silence_before_initiation")) is not None:
                turn.operations.append(Operation("eot", "elevenlabs", duration_s=duration_s))
        turn.operations += self._llm(row)
        if (ttfb_s := _measured(row, "convai_tts_service_ttfb")) is not None:
            model = row.record("conversation_turn_metrics").text("convai_tts_model")
            turn.operations.append(Operation("tts", "elevenlabs", model, ttfb_s=ttfb_s))

    def _llm(self, row: Record) -> list[Operation]:
        ttfb_s = _measured(row, "convai_llm_service_ttfb")
        if ttfb_s is not None and ttfb_s == self._measured_s:
            ttfb_s = None
        else:
            self._measured_s = ttfb_s or self._measured_s
        operations = llm_operations(row.record("llm_usage").record("model_usage"))
        if ttfb_s is None:
            return operations
        if operations:
            return [replace(operations[0], ttfb_s=ttfb_s), *operations[1:]]
        return [Operation("llm", None, row.text("producing_llm"), ttfb_s=ttfb_s)]

    def _tools(self, row: Record, index: int, at_s: float, turn: ImportedTurn) -> None:
        for called in row.records("tool_calls"):
            name = called.text("tool_name")
            turn.operations.append(Operation("tool", name=name, request_id=called.text("request_id")))
            if kind := _TRANSFERS.get(name or ""):
                self.marks.append((index, at_s, kind))
        for result in row.records("tool_results"):
            self._result(result, turn)

    def _result(self, result: Record, turn: ImportedTurn) -> None:
        """Complete the operation of the tool's call, which may stand in an earlier row."""
        request_id = result.text("request_id")
        fields = {
            "duration_s": result.positive("tool_latency_secs"),
            "status": "error" if result.flag("is_error") else None,
            "error": result.text("error_type"),
        }
        for each in reversed(self.turns):
            for place, operation in enumerate(each.operations):
                if operation.stage == "tool" and operation.request_id == request_id:
                    each.operations[place] = replace(operation, **fields)  # type: ignore[arg-type]
                    return
        tool = Operation("tool", name=result.text("tool_name"), request_id=request_id)
        turn.operations.append(replace(tool, **fields))  # type: ignore[arg-type]


def _measured(row: Record, name: str) -> float | None:
    """A latency of a row; before June 2025 they stood one level up."""
    metrics = row.record("conversation_turn_metrics")
    inner = metrics.record("metrics") if metrics.has("metrics") else metrics
    return inner.record(name).positive("elapsed_time")
