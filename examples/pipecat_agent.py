"""A Pipecat pipeline that records its call by one line.

    python examples/pipecat_agent.py [log folder, ./logs if left out]
    voicetel analyze logs/

The services are fakes that sleep where real ones would wait for a provider, and the caller is played by ``main``. What
to copy is the two lines with ``PipelineParams`` and ``record``: the rest is any pipeline.
"""

from __future__ import annotations

import asyncio
import sys
import warnings
from typing import TYPE_CHECKING, Any

warnings.simplefilter("ignore", DeprecationWarning)

from loguru import logger  # noqa: E402
from pipecat.frames import frames  # noqa: E402
from pipecat.metrics.metrics import LLMTokenUsage  # noqa: E402
from pipecat.pipeline.pipeline import Pipeline  # noqa: E402
from pipecat.pipeline.worker import PipelineParams, PipelineWorker  # noqa: E402
from pipecat.processors.aggregators.llm_context import LLMContext  # noqa: E402
from pipecat.processors.aggregators.llm_response_universal import (  # noqa: E402
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.frame_processor import FrameDirection  # noqa: E402
from pipecat.services.llm_service import LLMService  # noqa: E402
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings  # noqa: E402
from pipecat.services.stt_service import STTService  # noqa: E402
from pipecat.services.tts_service import TTSService  # noqa: E402
from pipecat.transports.base_output import BaseOutputTransport  # noqa: E402
from pipecat.transports.base_transport import TransportParams  # noqa: E402
from pipecat.turns.user_start import VADUserTurnStartStrategy  # noqa: E402
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy  # noqa: E402
from pipecat.turns.user_turn_strategies import UserTurnStrategies  # noqa: E402
from pipecat.utils.time import time_now_iso8601  # noqa: E402
from pipecat.workers.runner import WorkerRunner  # noqa: E402

from voicetel.recorder.pipecat import record  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

RATE = 16_000
GREETING = "City Clinic, good morning!"
ANSWER = "Of course. Which day suits you?"


class FakeSTT(STTService):
    """Transcribes what it is told."""

    def can_generate_metrics(self) -> bool:
        """Have Pipecat measure it."""
        return True

    async def run_stt(self, audio: bytes) -> AsyncGenerator[frames.Frame | None, None]:
        """Listen."""
        yield None

    async def transcribe(self, text: str) -> None:
        """Report a final transcript and the audio it took."""
        self.confirm_finalize()
        await self.push_frame(frames.TranscriptionFrame(text, "caller", time_now_iso8601(), finalized=True))
        await self.emit_stt_usage_metrics()


class FakeLLM(LLMService):
    """Answers everything alike."""

    def can_generate_metrics(self) -> bool:
        """Have Pipecat measure it."""
        return True

    async def process_frame(self, frame: frames.Frame, direction: FrameDirection) -> None:
        """Answer a context, pass on the rest."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, frames.LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        await self.push_frame(frames.LLMFullResponseStartFrame())
        await self.start_ttfb_metrics()
        await asyncio.sleep(0.15)
        await self.stop_ttfb_metrics()
        await self.push_frame(frames.LLMTextFrame(ANSWER))
        await self.start_llm_usage_metrics(LLMTokenUsage(prompt_tokens=352, completion_tokens=11, total_tokens=363))
        await self.push_frame(frames.LLMFullResponseEndFrame())


class FakeTTS(TTSService):
    """Hums for a hundredth of a second per character."""

    def can_generate_metrics(self) -> bool:
        """Have Pipecat measure it."""
        return True

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[frames.Frame | None, None]:
        """Make the sound of a text."""
        await self.start_tts_usage_metrics(text)
        await asyncio.sleep(0.1)
        await self.stop_ttfb_metrics()
        yield frames.TTSAudioRawFrame(b"\x10\x20" * (RATE * len(text) // 100), RATE, 1, context_id=context_id)


class FakeSpeaker(BaseOutputTransport):
    """Plays audio as long as it lasts."""

    async def start(self, frame: frames.StartFrame) -> None:
        """Be ready."""
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame: frames.OutputAudioRawFrame) -> bool:
        """Play a chunk."""
        await asyncio.sleep(len(frame.audio) / 2 / RATE)
        return True


def llm_settings(model: str) -> LLMSettings:
    """Settings with a model and nothing else."""
    unset = [
        "system_instruction", "temperature", "max_tokens", "top_p", "top_k", "frequency_penalty", "presence_penalty",
        "seed", "user_turn_completion_config",
    ]  # fmt: skip
    options: dict[str, Any] = dict.fromkeys(unset)
    return LLMSettings(model=model, filter_incomplete_user_turns=False, **options)


async def speak(stt: FakeSTT, text: str) -> None:
    """Play the caller: a voice, silence, and the words."""
    await stt.push_frame(frames.VADUserStartedSpeakingFrame())
    await stt.process_frame(frames.InputAudioRawFrame(b"\x10\x20" * (RATE // 2), RATE, 1), FrameDirection.DOWNSTREAM)
    await asyncio.sleep(0.5)
    await stt.process_frame(frames.VADUserStoppedSpeakingFrame(stop_secs=0.05), FrameDirection.DOWNSTREAM)
    await asyncio.sleep(0.1)
    await stt.transcribe(text)


async def main(log_dir: str) -> None:
    """Take one call."""
    stt = FakeSTT(sample_rate=RATE, ttfs_p99_latency=0.1, settings=STTSettings(model="nova-3", language=None))
    llm = FakeLLM(settings=llm_settings("llama-3.1-8b-instant"))
    tts = FakeTTS(sample_rate=RATE, push_start_frame=True, push_stop_frames=True, stop_frame_timeout_s=0.2,
                  settings=TTSSettings(model="sonic-2", voice="v", language=None))  # fmt: skip
    speaker = FakeSpeaker(TransportParams(audio_out_enabled=True, audio_out_sample_rate=RATE))
    turns = UserTurnStrategies(
        start=[VADUserTurnStartStrategy()], stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.2)]
    )
    pair = LLMContextAggregatorPair(
        LLMContext([{"role": "system", "content": "You take appointments."}]),
        user_params=LLMUserAggregatorParams(user_turn_strategies=turns),
    )
    worker = PipelineWorker(
        Pipeline([stt, pair.user(), llm, tts, speaker, pair.assistant()]),
        params=PipelineParams(enable_metrics=True, enable_usage_metrics=True),
        enable_rtvi=False,
    )
    call = record(
        worker,
        log_dir=log_dir,
        agent_name="clinic-booking",
        providers={"stt": "deepgram", "llm": "groq", "tts": "cartesia"},
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    await asyncio.sleep(0.5)
    await worker.queue_frame(frames.TTSSpeakFrame(GREETING))
    await asyncio.sleep(1.2)
    await speak(stt, "Hi, I need to move my appointment.")
    await asyncio.sleep(2)
    call.note(final_state="appointment_booked")
    await worker.queue_frame(frames.EndFrame())
    await running
    call.writer.flush()
    print(f"log: {call.writer.path}")


if __name__ == "__main__":
    logger.remove()
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "logs"))
