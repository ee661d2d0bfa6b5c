"""What services report of their work → operations of the turns that it was done for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipecat.metrics.metrics import (
    LLMUsageMetricsData,
    STTUsageMetricsData,
    TTFBMetricsData,
    TTSUsageMetricsData,
)

from voicetel.events.operation import Operation
from voicetel.events.providers import model_name
from voicetel.recorder.error_summary import error_summary
from voicetel.recorder.pipecat.open_turn import OpenTurn, ended
from voicetel.recorder.pipecat.services import operation_of, stage_of, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipecat.metrics.metrics import LLMTokenUsage, MetricsData
    from pipecat.processors.frame_processor import FrameProcessor

    from voicetel.recorder.destination import ProviderOverrides
    from voicetel.recorder.pipecat.turn_tracker import TurnTracker


class Requests:
    """Keeps the operations of the open turns as services begin, report and end them.

    ``unplaced`` collects what belongs to no turn. Times are seconds since the epoch.
    """

    def __init__(self, tracker: TurnTracker, providers: ProviderOverrides) -> None:
        self._tracker = tracker
        self._providers = providers
        self._services: dict[str, FrameProcessor] = {}
        self._realtime: set[str] = set()
        self.unplaced: list[Operation] = []

    def note_speech_to_speech(self, name: str) -> None:
        """Take a model for one that hears and speaks itself."""
        self._realtime.add(name)

    def llm_started(self, service: FrameProcessor, at_s: float) -> None:
        """A model is asked. Some services announce one answer twice: the first counts."""
        self._services[service.name] = service
        if any(service.name in turn.running_llm for turn in self._tracker.turns):
            return
        operation = self._operation(self._llm_stage(service.name), service)
        self._tracker.reply_turn(at_s).running_llm[service.name] = replace(operation, start_s=at_s)

    def llm_ended(self, service: FrameProcessor, at_s: float) -> None:
        """A model has answered."""
        for turn in self._tracker.turns:
            if (operation := turn.running_llm.pop(service.name, None)) is not None:
                turn.operations.append(ended(operation, at_s))

    def audio(self, service: FrameProcessor, seconds: float, at_s: float) -> None:
        """A service made audio of the agent's voice."""
        if stage_of(service) == "llm":
            self._realtime.add(service.name)
            turn, operation = self._running(service.name)
            turn = turn or self._tracker.reply_turn(at_s)
            if operation is None or operation.stage != "realtime":
                known = self._operation("realtime", service)
                started = replace(known, start_s=at_s) if operation is None else operation
                turn.running_llm[service.name] = replace(
                    started, stage="realtime", provider=known.provider, model=known.model
                )
            turn.made_audio_s += seconds
            return
        turn = self._tracker.reply_turn(at_s)
        operation = turn.running_tts.get(service.name) or self._operation("tts", service)
        made = {**operation.quantities, "audio_s": operation.quantities.get("audio_s", 0) + seconds}
        length_s = None if operation.start_s is None else at_s - operation.start_s
        turn.running_tts[service.name] = replace(operation, quantities=made, duration_s=length_s)
        turn.made_audio_s += seconds

    def tool_started(self, call_id: str, name: str, at_s: float) -> None:
        """A tool is called."""
        self._tracker.reply_turn(at_s).running_tools[call_id] = Operation(
            "tool", name=name, request_id=call_id, start_s=at_s
        )

    def tool_ended(self, call_id: str, at_s: float, status: str | None) -> None:
        """A tool has answered, failed or been cancelled."""
        for turn in self._tracker.turns:
            if (operation := turn.running_tools.pop(call_id, None)) is not None:
                turn.operations.append(replace(ended(operation, at_s), status=status))

    def failed(self, service: FrameProcessor, error: BaseException | None, at_s: float) -> str | None:
        """A service reports an error, with what was raised where it says so; give its stage."""
        stage = stage_of(service)
        if stage is None:
            return None
        turn, running = self._running(service.name)
        if turn is not None and running is not None:
            del turn.running_llm[service.name]
        operation = ended(running, at_s) if running is not None else self._operation(stage, service)
        turn = turn or self._tracker.reply_turn(at_s)
        turn.operations.append(replace(operation, status="error", error=error_summary(error), ttfb_s=None))
        return stage

    def metrics(self, reports: Iterable[MetricsData], source: FrameProcessor, at_s: float) -> None:
        """Take in what a service measured of itself. The empty reports that a pipeline begins with name no service."""
        if stage_of(source) is not None:
            self._services[source.name] = source
        for report in reports:
            service = self._services.get(report.processor)
            if service is not None:
                self._report(report, service, at_s)

    def _report(self, report: MetricsData, service: FrameProcessor, at_s: float) -> None:
        stage = stage_of(service)
        match report:
            case TTFBMetricsData(value=value) if value <= 0:
                return
            case TTFBMetricsData(value=value) if stage == "llm":
                self._first_token(service.name, value, model_name(report.model), at_s)
            case TTFBMetricsData(value=value) if stage == "tts":
                self._first_audio(service, value, at_s)
            case TTFBMetricsData(value=value) if stage == "stt":
                self._add_transcription(replace(self._operation("stt", service), ttfb_s=value))
            case STTUsageMetricsData(value=usage) if usage.audio_seconds > 0:
                self._add_transcription(
                    replace(self._operation("stt", service), quantities={"audio_s": usage.audio_seconds})
                )
            case TTSUsageMetricsData(value=characters) if characters > 0:
                self._characters(service, characters, at_s)
            case LLMUsageMetricsData(value=usage) if usage.total_tokens > 0:
                self._tokens(service, usage, at_s)

    def _first_token(self, name: str, ttfb_s: float, model: str | None, at_s: float) -> None:
        # A request that was given up reports a "first byte" too, the time until it was given up: it runs no more.
        turn, operation = self._running(name)
        if turn is not None and operation is not None and operation.ttfb_s is None:
            turn.running_llm[name] = replace(
                operation, model=operation.model or model, start_s=at_s - ttfb_s, ttfb_s=ttfb_s
            )

    def _first_audio(self, service: FrameProcessor, ttfb_s: float, at_s: float) -> None:
        # Each sentence has one; the turn's is the first.
        turn = self._tracker.reply_turn(at_s)
        operation = turn.running_tts.get(service.name) or self._operation("tts", service)
        if operation.ttfb_s is None:
            turn.running_tts[service.name] = replace(operation, start_s=at_s - ttfb_s, ttfb_s=ttfb_s)

    def _characters(self, service: FrameProcessor, characters: int, at_s: float) -> None:
        turn = self._tracker.reply_turn(at_s)
        operation = turn.running_tts.get(service.name) or self._operation("tts", service)
        used = {**operation.quantities, "characters": operation.quantities.get("characters", 0) + characters}
        turn.running_tts[service.name] = replace(operation, quantities=used)

    def _tokens(self, service: FrameProcessor, usage: LLMTokenUsage, at_s: float) -> None:
        turn, running = self._running(service.name)
        known = self._operation(self._llm_stage(service.name), service)
        used = tokens_of(usage, known.provider)
        if (running is None or running.ttfb_s is None) and self._report_late(known, used):
            return
        if turn is not None and running is not None:
            turn.running_llm[service.name] = replace(ended(running, at_s), quantities=used)
        else:
            self._tracker.reply_turn(at_s).operations.append(replace(known, quantities=used))

    def _report_late(self, known: Operation, used: dict[str, float]) -> bool:
        """Give tokens to the last request of a service that ended without any: a report can come after the end."""
        for turn in self._tracker.turns:
            for index in reversed(range(len(turn.operations))):
                each = turn.operations[index]
                same = (each.stage, each.provider) == (known.stage, known.provider) and not each.quantities
                if same and each.status != "error":
                    turn.operations[index] = replace(each, quantities=used)
                    return True
        return False

    def _add_transcription(self, operation: Operation) -> None:
        if not self._tracker.add_transcription(operation) and operation.quantities:
            self.unplaced.append(operation)

    def _running(self, name: str) -> tuple[OpenTurn | None, Operation | None]:
        for turn in self._tracker.turns:
            if (operation := turn.running_llm.get(name)) is not None:
                return turn, operation
        return None, None

    def _llm_stage(self, name: str) -> str:
        return "realtime" if name in self._realtime else "llm"

    def _operation(self, stage: str, service: FrameProcessor) -> Operation:
        return operation_of(stage, service, self._providers)
