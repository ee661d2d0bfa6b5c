"""A scripted call of a Pipecat pipeline with its log, beside what was prescribed and what an observer of Pipecat's saw."""

from __future__ import annotations

import asyncio
import contextlib
import time
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from support.pipecat.services import (
    RATE,
    Line,
    Reply,
    ScriptedLLM,
    ScriptedRealtime,
    ScriptedSTT,
    ScriptedTTS,
    Speaker,
    sound,
)
from support.recorded import LogOfCall

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from loguru import logger
    from pipecat.frames import frames
    from pipecat.observers.user_bot_latency_observer import UserBotLatencyObserver
    from pipecat.pipeline.parallel_pipeline import ParallelPipeline
    from pipecat.pipeline.pipeline import Pipeline
    from pipecat.pipeline.worker import PipelineParams, PipelineWorker
    from pipecat.processors.aggregators.llm_context import LLMContext
    from pipecat.processors.aggregators.llm_response_universal import (
        LLMContextAggregatorPair,
        LLMUserAggregatorParams,
    )
    from pipecat.turns.user_start import VADUserTurnStartStrategy
    from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
    from pipecat.turns.user_turn_strategies import UserTurnStrategies
    from pipecat.workers.runner import WorkerRunner

from voicetel.recorder.pipecat import CallRecorder, record
from voicetel.testing import capture_events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from pipecat.processors.frame_processor import FrameProcessor

STOP_S = 0.05
"""How long the voice detector waits before it says that the caller is silent."""

TURN_S = 0.15
"""How long the pipeline waits before it takes the caller's turn for over."""

PROVIDERS = {"stt": "deepgram", "llm": "groq", "tts": "cartesia", "realtime": "openai"}

logger.disable("pipecat")


@dataclass
class PipecatCall(LogOfCall):
    """A pipeline that runs, its script and what came of it."""

    worker: PipelineWorker
    recorder: CallRecorder
    line: Line
    speaker: Speaker
    captured: list[dict[str, Any]]
    stt: ScriptedSTT | None = None
    realtime: ScriptedRealtime | None = None
    latencies_s: list[float] = field(default_factory=list)
    """From the end of speech to the agent's voice, as Pipecat's own observer measures it."""
    stopped_s: list[float] = field(default_factory=list)
    """When the caller's last sound was, by the script."""
    lag_s: float = 0.0
    """The longest time by which the event loop was late: what two who look at the same thing may differ by."""

    def near(self, expected_ms: float) -> Any:
        """Equal, as far as this machine kept its time during the call."""
        return pytest.approx(expected_ms, abs=15 + 3_000 * self.lag_s)

    async def watch_loop(self) -> None:
        """Measure how late the loop is."""
        while True:
            due_s = time.monotonic() + 0.002
            await asyncio.sleep(0.002)
            self.lag_s = max(self.lag_s, time.monotonic() - due_s)

    async def says(
        self, text: str | None, speech_s: float = 0.2, transcript_s: float = 0.03, result: object = None
    ) -> None:
        """Have the caller speak and fall silent; their words are known ``transcript_s`` after the detector has noticed.

        ``result`` is the transcriber's own answer.
        """
        await self.line.push_frame(frames.VADUserStartedSpeakingFrame(start_secs=0.0))
        await self.line.push_frame(frames.InputAudioRawFrame(sound(speech_s), RATE, 1))
        await asyncio.sleep(speech_s)
        self.stopped_s.append(time.time())
        await asyncio.sleep(STOP_S)
        await self.line.push_frame(frames.VADUserStoppedSpeakingFrame(stop_secs=STOP_S))
        await asyncio.sleep(transcript_s)
        self.speaker.expects_reply = True
        if text is not None and self.stt is not None:
            await self.stt.transcribe(text, result)
        if text is not None and self.realtime is not None and self.realtime.transcripts:
            await self.realtime.heard(text)

    async def until(self, what: Callable[[], bool], limit_s: float = 30.0) -> None:
        """Wait for something to become true."""
        deadline_s = time.monotonic() + limit_s
        while not what():
            assert time.monotonic() < deadline_s, "the script waits for what never came"
            await asyncio.sleep(0.005)

    async def answered(self, replies: int) -> None:
        """Wait until the agent has given so many replies and is silent."""
        await self.until(lambda: len(self.speaker.played) >= replies)
        await self.until(
            lambda: self.recorder._tracker._playing is None and time.time() > self.speaker.played[-1].end_s + 0.05
        )
        await asyncio.sleep(0.05)

    async def heard_for(self, replies: int, seconds: float) -> None:
        """Wait until the agent gives its nth reply and has done so for so long."""
        await self.until(lambda: len(self.speaker.played) >= replies)
        await self.until(lambda: time.time() > self.speaker.played[replies - 1].begin_s + seconds)

    @property
    def events(self) -> list[dict[str, Any]]:
        """What was captured: of this call alone."""
        return self.captured


def operations(turn: dict[str, Any], stage: str) -> list[dict[str, Any]]:
    """The operations of a stage."""
    return [operation for operation in turn.get("operations", []) if operation["stage"] == stage]


@contextlib.asynccontextmanager
async def pipecat_call(
    replies: list[Reply],
    *,
    realtime: bool = False,
    transcripts: bool = True,
    parallel: bool = False,
    metrics: bool = True,
    end: bool = True,
    waits_for_words: bool = True,
    around: list[FrameProcessor] | None = None,
    **options: Any,
) -> AsyncIterator[PipecatCall]:
    """Run a pipeline while the block scripts the caller; then end it, unless the block did. Its log is in ``events``.

    ``waits_for_words``: the caller's turn is not over before there is a transcript of it. Turns without are not answered.
    """
    with capture_events() as events:
        call = _built(
            replies,
            events,
            realtime=realtime,
            transcripts=transcripts,
            parallel=parallel,
            metrics=metrics,
            waits_for_words=waits_for_words,
            around=around or [],
            options=options,
        )
        runner = WorkerRunner(handle_sigint=False, check_dangling_tasks=False)
        await runner.add_workers(call.worker)
        running = asyncio.create_task(runner.run())
        watching = asyncio.create_task(call.watch_loop())
        try:
            await call.until(lambda: bool(call.of("call_started")))
            await asyncio.sleep(0.05)
            yield call
            if end:
                await call.worker.queue_frame(frames.EndFrame())
            await asyncio.wait_for(running, 30)
        finally:
            watching.cancel()
            if not running.done():
                await runner.cancel()
                await asyncio.wait([running], timeout=10)


def _built(
    replies: list[Reply], events: list[dict[str, Any]], *, realtime: bool, transcripts: bool, parallel: bool,
    metrics: bool, waits_for_words: bool, around: list[FrameProcessor], options: dict[str, Any],
) -> PipecatCall:  # fmt: skip
    line, speaker, stt = Line(), Speaker(), ScriptedSTT()
    strategies = UserTurnStrategies(
        start=[VADUserTurnStartStrategy()],
        stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=TURN_S, wait_for_transcript=waits_for_words)],
    )
    context = LLMContext([{"role": "system", "content": "You are an agent."}])
    pair = LLMContextAggregatorPair(
        context, user_params=LLMUserAggregatorParams(user_turn_strategies=strategies, empty_user_turn=None)
    )
    model = ScriptedRealtime(replies, transcripts=transcripts) if realtime else None
    if model is not None:
        steps: list[FrameProcessor] = [line, pair.user(), model, speaker, pair.assistant()]
    elif parallel:
        branch = ParallelPipeline([ScriptedLLM(replies), ScriptedTTS()], [Line()])
        steps = [line, stt, pair.user(), branch, speaker, pair.assistant()]
    else:
        llm = ScriptedLLM(replies)
        llm.register_function("look_up", _look_up)
        steps = [line, stt, pair.user(), llm, ScriptedTTS(), speaker, pair.assistant()]
    own = UserBotLatencyObserver()
    worker = PipelineWorker(
        Pipeline([*around, *steps]),
        params=PipelineParams(
            enable_metrics=metrics, enable_usage_metrics=metrics, audio_in_sample_rate=RATE, audio_out_sample_rate=RATE
        ),
        observers=[own],
        enable_rtvi=False,
        idle_timeout_secs=None,
    )
    recorder = record(worker, **{"providers": PROVIDERS, "agent_name": "clinic", "call_id": "c-1", **options})
    call = PipecatCall(worker, recorder, line, speaker, events, None if realtime else stt, model)

    async def measured(_: object, latency_s: float) -> None:
        call.latencies_s.append(latency_s)

    own.add_event_handler("on_latency_measured", measured)
    return call


async def _look_up(params: Any) -> None:
    """A tool that takes a while."""
    await asyncio.sleep(0.12)
    await params.result_callback({"slots": ["15:00"]})
