"""Services that answer from a script, on Pipecat's own base classes, and a line that takes as long as its audio."""

from __future__ import annotations

import asyncio
import time
import warnings
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

with warnings.catch_warnings():
    # Pipecat imports audioop, which Python 3.13 has no more.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pipecat.frames import frames
    from pipecat.frames.frames import FunctionCallFromLLM
    from pipecat.metrics.metrics import LLMTokenUsage
    from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
    from pipecat.services.llm_service import LLMService
    from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings
    from pipecat.services.stt_service import STTService
    from pipecat.services.tts_service import TTSService
    from pipecat.transports.base_output import BaseOutputTransport
    from pipecat.transports.base_transport import BaseTransport, TransportParams
    from pipecat.utils.time import time_now_iso8601

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

RATE = 16_000
SECONDS_PER_CHARACTER = 0.01


def sound(seconds: float) -> bytes:
    """Audio of a length, not silent."""
    return b"\x10\x20" * round(seconds * RATE)


class Overloaded(Exception):  # noqa: N818  as a provider's package names one
    """What a client raises where a provider answers with an error."""

    status_code = 503


@dataclass
class Reply:
    """What a scripted model answers, after which delays, for how many tokens. ``tool``: it calls that first."""

    text: str = ""
    ttft_s: float = 0.1
    stream_s: float = 0.05
    input_tokens: int = 100
    output_tokens: int = 10
    cached_tokens: int = 0
    tool: str | None = None
    fails: bool = False
    audio_tokens: tuple[int, int] = (0, 0)


class ScriptedSTT(STTService):
    """Has a final transcript when the script says so."""

    def __init__(self) -> None:
        settings = STTSettings(model="nova-3", language=None)
        super().__init__(sample_rate=RATE, ttfs_p99_latency=0.05, settings=settings)

    def can_generate_metrics(self) -> bool:
        """Pipecat asks before it measures."""
        return True

    async def run_stt(self, audio: bytes) -> AsyncGenerator[frames.Frame | None, None]:
        """Listen."""
        yield None

    async def transcribe(self, text: str, result: object = None) -> None:
        """The final transcript of what was said, with the vendor's own answer."""
        self.request_finalize()
        self.confirm_finalize()
        await self.push_frame(frames.TranscriptionFrame(text, "caller", time_now_iso8601(), result=result))
        await self.emit_stt_usage_metrics()


class ScriptedLLM(LLMService):
    """Answers with the replies that it was given, one a request."""

    def __init__(self, replies: list[Reply]) -> None:
        settings = LLMSettings(
            model="llama-3.1-8b-instant", system_instruction=None, temperature=None, max_tokens=None, top_p=None,
            top_k=None, frequency_penalty=None, presence_penalty=None, seed=None,
            filter_incomplete_user_turns=False, user_turn_completion_config=None,
        )  # fmt: skip
        super().__init__(settings=settings)
        self.replies = deque(replies)

    def can_generate_metrics(self) -> bool:
        """Pipecat asks before it measures."""
        return True

    async def process_frame(self, frame: frames.Frame, direction: FrameDirection) -> None:
        """Answer a context; pass on everything else."""
        await super().process_frame(frame, direction)
        if isinstance(frame, frames.LLMContextFrame):
            await self._answer(frame.context)
        else:
            await self.push_frame(frame, direction)

    async def _answer(self, context: Any) -> None:
        reply = self.replies.popleft()
        await self.push_frame(frames.LLMFullResponseStartFrame())
        try:
            await self.start_ttfb_metrics()
            await asyncio.sleep(reply.ttft_s)
            if reply.fails:
                await self.push_error("the model refused: Hi.", exception=Overloaded("key sk-1, prompt: Hi."))
                return
            await self.stop_ttfb_metrics()
            for word in reply.text.split(" "):
                await self.push_frame(frames.LLMTextFrame(f"{word} "))
            await asyncio.sleep(reply.stream_s)
            await self.start_llm_usage_metrics(
                LLMTokenUsage(
                    prompt_tokens=reply.input_tokens,
                    completion_tokens=reply.output_tokens,
                    total_tokens=reply.input_tokens + reply.output_tokens,
                    cache_read_input_tokens=reply.cached_tokens or None,
                )
            )
            if reply.tool:
                await self.run_function_calls(
                    [
                        FunctionCallFromLLM(
                            function_name=reply.tool, tool_call_id=f"call-{reply.tool}", arguments={}, context=context
                        )
                    ]
                )
        finally:
            await self.push_frame(frames.LLMFullResponseEndFrame())


class ScriptedTTS(TTSService):
    """Makes sound of a text after a delay, faster than it is played."""

    def __init__(self, ttfb_s: float = 0.08) -> None:
        settings = TTSSettings(model="sonic-2", voice="v", language=None)
        super().__init__(
            sample_rate=RATE, push_start_frame=True, push_stop_frames=True, stop_frame_timeout_s=0.6, settings=settings
        )
        self.ttfb_s = ttfb_s
        self.texts: list[str] = []

    def can_generate_metrics(self) -> bool:
        """Pipecat asks before it measures."""
        return True

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[frames.Frame | None, None]:
        """Make the sound of a sentence."""
        self.texts.append(text)
        await self.start_tts_usage_metrics(text)
        await asyncio.sleep(self.ttfb_s)
        await self.stop_ttfb_metrics()
        left_s = len(text) * SECONDS_PER_CHARACTER
        while left_s > 1e-9:
            chunk_s = min(0.1, left_s)
            yield frames.TTSAudioRawFrame(sound(chunk_s), RATE, 1, context_id=context_id)
            left_s -= chunk_s


class ScriptedRealtime(LLMService):
    """Hears the caller itself, decides when they are done, and answers in sound: a model of speech to speech."""

    def __init__(self, replies: list[Reply], *, transcripts: bool = True) -> None:
        settings = LLMSettings(
            model="gpt-realtime-2", system_instruction=None, temperature=None, max_tokens=None, top_p=None, top_k=None,
            frequency_penalty=None, presence_penalty=None, seed=None, filter_incomplete_user_turns=False,
            user_turn_completion_config=None,
        )  # fmt: skip
        super().__init__(settings=settings)
        self.replies = deque(replies)
        self.transcripts = transcripts
        self._task: asyncio.Task[None] | None = None
        self._open = False

    def can_generate_metrics(self) -> bool:
        """Pipecat asks before it measures."""
        return True

    def service_metadata_frame(self) -> frames.LLMServiceMetadataFrame:
        """Say what kind of model this is."""
        return frames.LLMServiceMetadataFrame(service_name=self.name, is_realtime_service=True)

    async def process_frame(self, frame: frames.Frame, direction: FrameDirection) -> None:
        """Answer when the caller's turn is over, stop when they interrupt."""
        await super().process_frame(frame, direction)
        if isinstance(frame, frames.UserStoppedSpeakingFrame):
            self._task = self.create_task(self._answer())
        if isinstance(frame, frames.InterruptionFrame):
            await self._give_up()
        if not isinstance(frame, frames.LLMContextFrame):
            await self.push_frame(frame, direction)

    async def heard(self, text: str) -> None:
        """The transcript of what was said, which comes in its own time."""
        await self.push_frame(frames.TranscriptionFrame(text, "", time_now_iso8601()), FrameDirection.UPSTREAM)

    async def cleanup(self) -> None:
        """End what is running."""
        await super().cleanup()
        if self._task is not None:
            await self.cancel_task(self._task)

    async def _answer(self) -> None:
        reply = self.replies.popleft()
        await self.start_ttfb_metrics()
        await self.push_frame(frames.LLMFullResponseStartFrame())
        self._open = True
        try:
            await asyncio.sleep(reply.ttft_s)
            await self.stop_ttfb_metrics()
            await self.push_frame(frames.TTSStartedFrame())
            left_s = len(reply.text) * SECONDS_PER_CHARACTER
            while left_s > 1e-9:
                await self.push_frame(frames.TTSAudioRawFrame(sound(min(0.1, left_s)), RATE, 1))
                left_s -= 0.1
            text = frames.TTSTextFrame(reply.text, text_type="sentence")
            text.includes_inter_frame_spaces = True
            await self.push_frame(text)
            await asyncio.sleep(reply.stream_s)
        finally:
            await self._usage(reply)
        await self._end()

    async def _usage(self, reply: Reply) -> None:
        heard, made = reply.audio_tokens
        await self.start_llm_usage_metrics(
            LLMTokenUsage(
                prompt_tokens=reply.input_tokens,
                completion_tokens=reply.output_tokens,
                total_tokens=reply.input_tokens + reply.output_tokens,
                input_audio_tokens=heard or None,
                output_audio_tokens=made or None,
            )
        )

    async def _end(self) -> None:
        if self._open:
            self._open = False
            await self.push_frame(frames.TTSStoppedFrame())
            await self.push_frame(frames.LLMFullResponseEndFrame())

    async def _give_up(self) -> None:
        task, self._task = self._task, None
        if task is not None and not task.done():
            await self.cancel_task(task)
        await self.stop_all_metrics()
        await self._end()


class Line(FrameProcessor):
    """Where the caller's voice comes in: what a voice detector says of it, and the audio itself."""

    async def process_frame(self, frame: frames.Frame, direction: FrameDirection) -> None:
        """Pass on."""
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)


@dataclass
class Played:
    """The audio of a reply as the line took it."""

    begin_s: float
    end_s: float


class Speaker(BaseOutputTransport):
    """Takes audio no faster than it can be heard, and notes when."""

    def __init__(self) -> None:
        super().__init__(
            TransportParams(
                audio_out_enabled=True,
                audio_out_sample_rate=RATE,
                audio_out_10ms_chunks=2,
                audio_out_end_silence_secs=0,
            )
        )
        self.played: list[Played] = []
        self.expects_reply = True
        """Whether what comes next is another reply: the script knows, a pause on a busy machine does not."""
        self._due_s = 0.0

    async def start(self, frame: frames.StartFrame) -> None:
        """Be ready at once."""
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame: frames.OutputAudioRawFrame) -> bool:
        """Play a chunk."""
        seconds = len(frame.audio) / 2 / RATE
        now_s = time.time()
        if self.expects_reply:
            self.expects_reply = False
            self.played.append(Played(now_s, now_s))
            self._due_s = now_s
        self._due_s = max(self._due_s, now_s - 0.1)
        self.played[-1].end_s = now_s + seconds
        self._due_s += seconds
        await asyncio.sleep(max(self._due_s - time.time(), 0))
        return True


class Doorbell(BaseTransport):
    """A transport whose caller can leave: it has the event, and nothing else of a transport."""

    def __init__(self) -> None:
        super().__init__()
        self._register_event_handler("on_client_connected")
        self._register_event_handler("on_client_disconnected")

    def input(self) -> FrameProcessor:
        """Nothing comes in by it."""
        raise NotImplementedError

    def output(self) -> FrameProcessor:
        """Nothing goes out by it."""
        raise NotImplementedError

    async def caller_leaves(self) -> None:
        """Hang up."""
        await self._call_event_handler("on_client_disconnected", "caller")
