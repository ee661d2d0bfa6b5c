"""LiveKit's own detectors of turns and interruptions, their answers from a script instead of its cloud."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions, inference, utils
from livekit.agents.inference.eot.base import _BaseStreamingTurnDetectorStream
from livekit.agents.inference.interruption import InterruptionStreamBase, OverlappingSpeechEvent
from livekit.agents.metrics import EOTInferenceMetrics
from livekit.agents.metrics.base import Metadata

if TYPE_CHECKING:
    from livekit import rtc


class ScriptedTurnDetector(inference.TurnDetector):
    """Is asked at each pause, and says how likely it is that the caller is done."""

    def __init__(self, probability: float = 0.9, answers_after_s: float = 0.02) -> None:
        super().__init__(version="v1-mini")
        self.probability = probability
        self.answers_after_s = answers_after_s

    def stream(
        self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> _BaseStreamingTurnDetectorStream:
        return _BaseStreamingTurnDetectorStream(detector=self, opts=self._opts, transport=_ScriptedTransport(self))


class _ScriptedTransport:
    def __init__(self, detector: ScriptedTurnDetector) -> None:
        self._detector = detector
        self._stream: _BaseStreamingTurnDetectorStream | None = None
        self._answers: set[asyncio.Task[None]] = set()

    @property
    def session_id(self) -> str | None:
        return None

    async def run(self) -> None:
        assert self._stream is not None
        await self._stream._drain_audio_channel()

    def run_inference(self, request_id: str) -> None:
        task = asyncio.create_task(self._answer(request_id))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, request_id: str) -> None:
        detector = self._detector
        await asyncio.sleep(detector.answers_after_s)
        if self._stream is not None:
            self._stream._resolve_prediction(request_id, detector.probability)
        detector.emit(
            "metrics_collected",
            EOTInferenceMetrics(
                timestamp=time.time(),
                total_duration=detector.answers_after_s,
                prediction_duration=detector.answers_after_s,
                detection_delay=detector.answers_after_s,
                metadata=Metadata(model_name=detector.model, model_provider=detector.provider),
            ),
        )

    def push_frame(self, frame: rtc.AudioFrame) -> None:
        pass

    def flush(self) -> None:
        pass

    def attach(self, stream: _BaseStreamingTurnDetectorStream) -> None:
        self._stream = stream

    def detach(self) -> None:
        self._stream = None


class ScriptedInterruptionStream(InterruptionStreamBase):
    """Calls it an interruption once it was asked about two stretches of the caller's voice."""

    async def _run(self) -> None:
        windows: utils.aio.Chan[Any] = utils.aio.Chan()
        forwarding = asyncio.create_task(self._forward_data(windows))
        try:
            async for _ in windows:
                asked = await self._num_requests.increment()
                if asked == 2:
                    self._overlap_started = False
                    self.send(
                        OverlappingSpeechEvent(
                            is_interruption=True,
                            overlap_started_at=self._overlap_started_at,
                            num_requests=await self._num_requests.get_and_reset(),
                        )
                    )
        finally:
            await utils.aio.cancel_and_wait(forwarding)
