"""Pipecat's frames → what they say of the call. The pipeline never waits: observers run in a task of their own."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from pipecat.frames import frames
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.processors.frame_processor import FrameDirection

from voicetel.recorder.pipecat.services import stage_of
from voicetel.recorder.pipecat.transcripts import transcript_confidence
from voicetel.recorder.writer.warnings import warn

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipecat.clocks.base_clock import BaseClock
    from pipecat.frames.frames import Frame
    from pipecat.processors.frame_processor import FrameProcessor

    from voicetel.recorder.pipecat.requests import Requests
    from voicetel.recorder.pipecat.turn_tracker import TurnTracker

_STALE_S: Final = 600.0
"""A timestamp further than this from the pipeline's clock was taken from a wall clock that has been set since."""


class CallEvents(Protocol):
    """What a frame can say of the call as a whole. Times are seconds since the epoch."""

    def started(self, at_s: float, *, with_metrics: bool) -> None:
        """The pipeline starts."""

    def ending(self, at_s: float, *, asked: bool, reason: object) -> None:
        """The pipeline ends, ``asked`` to or cancelled."""

    def mark_at(self, at_s: float, kind: str, value: str | None = None) -> None:
        """Something else happened."""


class FrameObserver(BaseObserver):
    """Reads each frame once, when its maker pushes it, at the time that the pipeline's clock had then."""

    def __init__(self, call: CallEvents, turns: TurnTracker, requests: Requests) -> None:
        super().__init__(observe_every_push=False)
        self._call = call
        self._turns = turns
        self._requests = requests
        self._clock: BaseClock | None = None
        self._offset_s = 0.0
        self._handlers: dict[type[Frame], Callable[[Any, FrameProcessor, float], None] | None] = {
            frames.StartFrame: self._start,
            frames.EndFrame: self._end,
            frames.StopFrame: self._end,
            frames.CancelFrame: self._end,
            frames.ClientConnectedFrame: self._connected,
            frames.VADUserStartedSpeakingFrame: self._voice_started,
            frames.VADUserStoppedSpeakingFrame: self._voice_stopped,
            frames.UserStartedSpeakingFrame: lambda frame, source, at_s: turns.caller_turn_started(at_s),
            frames.UserStoppedSpeakingFrame: lambda frame, source, at_s: turns.caller_turn_ended(at_s),
            frames.TranscriptionFrame: self._transcript,
            frames.LLMContextUserTurnFrame: self._caller_text,
            frames.LLMContextAssistantTurnFrame: self._agent_text,
            frames.InterruptionFrame: lambda frame, source, at_s: turns.interrupted(at_s),
            frames.BotStartedSpeakingFrame: lambda frame, source, at_s: turns.playback_started(at_s),
            frames.BotStoppedSpeakingFrame: lambda frame, source, at_s: turns.playback_stopped(at_s),
            frames.LLMServiceMetadataFrame: self._llm_service,
            frames.LLMFullResponseStartFrame: self._llm_started,
            frames.LLMFullResponseEndFrame: self._llm_ended,
            frames.TTSAudioRawFrame: self._audio,
            frames.FunctionCallInProgressFrame: self._tool_started,
            frames.FunctionCallResultFrame: self._tool_ended,
            frames.FunctionCallCancelFrame: self._tool_cancelled,
            frames.MetricsFrame: lambda frame, source, at_s: requests.metrics(frame.data, source, at_s),
            frames.ErrorFrame: self._error,
            frames.InputDTMFFrame: lambda frame, source, at_s: call.mark_at(at_s, "dtmf", "1"),
        }
        self.seen = 0

    async def on_push_frame(self, data: FramePushed) -> None:
        """Take in a frame. Nothing of it raises into the pipeline."""
        self.seen += 1
        frame = data.frame
        kind = type(frame)
        handler = self._handlers[kind] if kind in self._handlers else self._learn(kind)
        # What is broadcast comes as two frames, one each way.
        if handler is None or (frame.broadcast_sibling_id is not None and data.direction is FrameDirection.UPSTREAM):
            return
        try:
            handler(frame, data.source, self._time_of(data))
        except Exception:  # noqa: BLE001 - no error of ours reaches the agent
            warn("a frame of %s could not be recorded", kind.__name__, with_traceback=True)

    def _learn(self, kind: type[Frame]) -> Callable[[Any, FrameProcessor, float], None] | None:
        """Find what handles a kind of frame that was not seen before: what handles the nearest of its bases."""
        handler = next((self._handlers[base] for base in kind.__mro__ if base in self._handlers), None)
        self._handlers[kind] = handler
        return handler

    def now(self) -> float:
        """Give the time of the pipeline's clock, in seconds since the epoch."""
        return time.time() if self._clock is None else self._offset_s + self._clock.get_time() / 1e9

    def _time_of(self, data: FramePushed) -> float:
        if self._clock is None:
            # The wall is read once: a clock that is set later changes no length.
            self._clock = data.source.get_clock()
            self._offset_s = time.time() - self._clock.get_time() / 1e9
        return self._offset_s + data.timestamp / 1e9

    def _start(self, frame: frames.StartFrame, source: FrameProcessor, at_s: float) -> None:
        self._call.started(at_s, with_metrics=source.metrics_enabled and source.usage_metrics_enabled)

    def _end(self, frame: Any, source: FrameProcessor, at_s: float) -> None:
        asked = not isinstance(frame, frames.CancelFrame)
        self._call.ending(at_s, asked=asked, reason=getattr(frame, "reason", None))

    def _connected(self, frame: Frame, source: FrameProcessor, at_s: float) -> None:
        self._call.mark_at(at_s, "answered")

    def _voice_started(self, frame: frames.VADUserStartedSpeakingFrame, source: FrameProcessor, at_s: float) -> None:
        self._turns.caller.voice_started(at_s - frame.start_secs)

    def _voice_stopped(self, frame: frames.VADUserStoppedSpeakingFrame, source: FrameProcessor, at_s: float) -> None:
        self._turns.caller.voice_stopped(at_s - frame.stop_secs, frame.stop_secs)

    def _transcript(self, frame: frames.TranscriptionFrame, source: FrameProcessor, at_s: float) -> None:
        self._turns.transcript_confidence(transcript_confidence(frame.result))

    def _caller_text(self, frame: frames.LLMContextUserTurnFrame, source: FrameProcessor, at_s: float) -> None:
        self._turns.caller_text(frame.text, _stamped(frame.timestamp, at_s))

    def _agent_text(self, frame: frames.LLMContextAssistantTurnFrame, source: FrameProcessor, at_s: float) -> None:
        self._turns.agent_text(frame.text, _stamped(frame.timestamp, at_s), at_s)

    def _llm_service(self, frame: frames.LLMServiceMetadataFrame, source: FrameProcessor, at_s: float) -> None:
        if frame.is_realtime_service:
            self._requests.note_speech_to_speech(source.name)

    def _llm_started(self, frame: Frame, source: FrameProcessor, at_s: float) -> None:
        if stage_of(source) == "llm":
            self._requests.llm_started(source, at_s)

    def _llm_ended(self, frame: Frame, source: FrameProcessor, at_s: float) -> None:
        if stage_of(source) == "llm":
            self._requests.llm_ended(source, at_s)

    def _audio(self, frame: frames.TTSAudioRawFrame, source: FrameProcessor, at_s: float) -> None:
        # A transport cuts what a service made into frames of its own.
        if stage_of(source) in {"tts", "llm"}:
            seconds = len(frame.audio) / (2 * frame.num_channels * frame.sample_rate)
            self._requests.audio(source, seconds, at_s)

    def _tool_started(self, frame: frames.FunctionCallInProgressFrame, source: FrameProcessor, at_s: float) -> None:
        self._requests.tool_started(frame.tool_call_id, frame.function_name, at_s)

    def _tool_ended(self, frame: frames.FunctionCallResultFrame, source: FrameProcessor, at_s: float) -> None:
        self._requests.tool_ended(frame.tool_call_id, at_s, "error" if frame.error else None)

    def _tool_cancelled(self, frame: frames.FunctionCallCancelFrame, source: FrameProcessor, at_s: float) -> None:
        self._requests.tool_ended(frame.tool_call_id, at_s, "cancelled")

    def _error(self, frame: frames.ErrorFrame, source: FrameProcessor, at_s: float) -> None:
        stage = self._requests.failed(frame.processor or source, frame.exception, at_s)
        self._call.mark_at(at_s, "error", stage)


def _stamped(timestamp: str, at_s: float) -> float | None:
    """Read an ISO timestamp as seconds since the epoch; None where it cannot be compared with the pipeline's clock."""
    try:
        stamped_s = datetime.fromisoformat(timestamp).timestamp()
    except ValueError:
        return None
    return stamped_s if abs(stamped_s - at_s) < _STALE_S else None
