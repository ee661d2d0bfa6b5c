"""A LiveKit voice session with a scripted caller: real AgentSession, no network, nothing mocked below it.

The caller is a stream of audio frames played in real time: loud ones while the caller speaks, silent ones
otherwise. ``EnergyVAD`` hears the difference, ``ScriptedSTT`` hands over the prescribed words once the voice
stops, ``ScriptedLLM`` answers from a table, ``ScriptedTTS`` makes tone of the right length and ``Loudspeaker``
plays it, can be paused, and knows how far it got. All of them stand on livekit-agents' own base classes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    Agent,
    AgentSession,
    APIConnectOptions,
    CloseReason,
    NotGivenOr,
    llm,
    stt,
    tts,
    vad,
)
from livekit.agents.voice import io

from livekit import rtc

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from livekit.agents.utils import AudioBuffer
    from livekit.agents.voice.turn import TurnHandlingOptions

SAMPLE_RATE = 16_000
FRAME_S = 0.02
_LOUD = 8_000


@dataclass(frozen=True)
class Pace:
    """How fast everyone is. The defaults are a test's: a call of a few seconds."""

    stt_final_s: float = 0.06
    vad_hangover_s: float = 0.1
    endpointing_s: float = 0.2
    tts_first_byte_s: float = 0.05
    tts_times_faster: float = 20.0
    characters_per_s: float = 80.0
    interruption_s: float = 0.1
    false_interruption_s: float = 0.25
    pausable: bool = True
    preemptive: bool = False
    vad: bool = True
    away_s: float | None = None


@dataclass(frozen=True)
class Reply:
    """One answer of the language model. ``tool`` is the name and arguments of a call it asks for; or it fails."""

    text: str = ""
    first_token_s: float = 0.05
    between_words_s: float = 0.002
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    tool: tuple[str, Mapping[str, Any]] | None = None
    error: Exception | None = None


@dataclass(frozen=True)
class Spoken:
    """When a caller's line was voiced: unix seconds of its first and last sound."""

    text: str
    start_s: float
    end_s: float


def _frame(loud: bool, seconds: float = FRAME_S) -> rtc.AudioFrame:
    samples = round(SAMPLE_RATE * seconds)
    level = _LOUD if loud else 0
    return rtc.AudioFrame(level.to_bytes(2, "little") * samples, SAMPLE_RATE, 1, samples)


def _is_loud(frame: rtc.AudioFrame) -> bool:
    return frame.data[0] > _LOUD // 2


class Microphone(io.AudioInput):
    """The caller's line: a frame every 20 ms, in step with the clock."""

    def __init__(self) -> None:
        super().__init__(label="scripted caller")
        self._loud_frames = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._next_at: float | None = None
        self._spoken_at: list[float] = []

    async def __anext__(self) -> rtc.AudioFrame:
        now = time.time()
        self._next_at = now + FRAME_S if self._next_at is None else max(self._next_at + FRAME_S, now - 0.2)
        await asyncio.sleep(max(0.0, self._next_at - now))
        if not self._loud_frames:
            return _frame(loud=False)
        self._loud_frames -= 1
        self._spoken_at.append(time.time())
        if not self._loud_frames:
            self._quiet.set()
        return _frame(loud=True)

    async def speak(self, seconds: float) -> tuple[float, float]:
        """Voice on the line for so long; gives its first and last moment."""
        self._spoken_at = []
        self._quiet.clear()
        self._loud_frames = max(1, round(seconds / FRAME_S))
        await self._quiet.wait()
        return self._spoken_at[0] - FRAME_S, self._spoken_at[-1]


class EnergyVAD(vad.VAD):
    """Speech is where the line is loud; it ends after ``hangover_s`` of silence."""

    def __init__(self, hangover_s: float) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=FRAME_S))
        self.hangover_s = hangover_s

    def stream(self) -> vad.VADStream:
        return _EnergyVADStream(self)


class _EnergyVADStream(vad.VADStream):
    def __init__(self, owner: EnergyVAD) -> None:
        super().__init__(owner)
        self._hangover_s = owner.hangover_s

    async def _main_task(self) -> None:
        speaking = False
        speech_s = silence_s = 0.0
        samples = 0

        def event(kind: vad.VADEventType, *, speech: float, silence: float) -> vad.VADEvent:
            return vad.VADEvent(
                type=kind,
                samples_index=samples,
                timestamp=time.time(),
                speech_duration=speech,
                silence_duration=silence,
                speaking=speaking,
                raw_accumulated_silence=silence,
                raw_accumulated_speech=0.0 if silence else speech,
            )

        async for frame in self._input_ch:
            if isinstance(frame, self._FlushSentinel):
                speaking, speech_s, silence_s = False, 0.0, 0.0
                continue
            samples += frame.samples_per_channel
            if _is_loud(frame):
                speech_s += frame.duration
                silence_s = 0.0
                if not speaking:
                    speaking = True
                    self._send(event(vad.VADEventType.START_OF_SPEECH, speech=speech_s, silence=0.0))
            else:
                silence_s += frame.duration
            self._send(event(vad.VADEventType.INFERENCE_DONE, speech=speech_s if speaking else 0.0, silence=silence_s))
            if speaking and silence_s >= self._hangover_s:
                speaking = False
                self._send(event(vad.VADEventType.END_OF_SPEECH, speech=speech_s, silence=silence_s))
                speech_s = 0.0

    def _send(self, event: vad.VADEvent) -> None:
        self._event_ch.send_nowait(event)


class ScriptedSTT(stt.STT[Any]):
    """Streams: the words of a line come ``final_s`` after its last sound. Usage is reported with each line."""

    def __init__(self, final_s: float, language: str, vendor: str = "Deepgram", model: str = "nova-3") -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))
        self.final_s = final_s
        self.language = language
        self.lines: deque[str | None] = deque()
        self._vendor = vendor
        self._model = model

    @property
    def model(self) -> str:
        return self._model

    @property
    def provider(self) -> str:
        return self._vendor

    async def _recognize_impl(
        self, buffer: AudioBuffer, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions
    ) -> stt.SpeechEvent:
        raise NotImplementedError("this STT only streams")

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        return _ScriptedSTTStream(self, conn_options)


class _ScriptedSTTStream(stt.RecognizeStream):
    def __init__(self, owner: ScriptedSTT, conn_options: APIConnectOptions) -> None:
        super().__init__(stt=owner, conn_options=conn_options)
        self._owner = owner
        self._heard_s = 0.0
        self._finals: set[asyncio.Task[None]] = set()

    async def _run(self) -> None:
        loud = False
        async for frame in self._input_ch:
            if isinstance(frame, self._FlushSentinel):
                continue
            self._heard_s += frame.duration
            if _is_loud(frame) and not loud:
                self._event_ch.send_nowait(stt.SpeechEvent(type=stt.SpeechEventType.START_OF_SPEECH))
            if loud and not _is_loud(frame) and self._owner.lines:
                task = asyncio.create_task(self._finish_line(self._owner.lines.popleft(), time.time() - FRAME_S))
                self._finals.add(task)
                task.add_done_callback(self._finals.discard)
            loud = _is_loud(frame)

    async def _finish_line(self, words: str | None, voice_ended_s: float) -> None:
        await asyncio.sleep(max(0.0, voice_ended_s + self._owner.final_s - time.time()))
        usage = stt.RecognitionUsage(audio_duration=self._heard_s)
        self._heard_s = 0.0
        self._event_ch.send_nowait(
            stt.SpeechEvent(type=stt.SpeechEventType.RECOGNITION_USAGE, recognition_usage=usage, request_id="stt")
        )
        if words is not None:
            data = stt.SpeechData(language=self._owner.language, text=words, confidence=0.97)  # type: ignore[arg-type]
            self._event_ch.send_nowait(
                stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[data], request_id="stt")
            )
            self._event_ch.send_nowait(stt.SpeechEvent(type=stt.SpeechEventType.END_OF_SPEECH))


class ScriptedLLM(llm.LLM[Any]):
    """Answers by what was said last: the caller's words, or ``tool:<name>`` after a tool's result."""

    def __init__(
        self, replies: Mapping[str, Reply], vendor: str = "api.groq.com", model: str = "llama-3.1-8b-instant"
    ) -> None:
        super().__init__()
        self.replies = dict(replies)
        self.requests = 0
        self._vendor = vendor
        self._model = model

    @property
    def model(self) -> str:
        return self._model

    @property
    def provider(self) -> str:
        return self._vendor

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        self.requests += 1
        reply = self.replies[_said_last(chat_ctx)]
        return _ScriptedLLMStream(
            self,
            reply=reply,
            request_id=f"req-{self.requests}",
            chat_ctx=chat_ctx,
            tools=tools or [],
            conn_options=conn_options,
        )


def _said_last(chat_ctx: llm.ChatContext) -> str:
    for item in reversed(chat_ctx.items):
        if item.type == "function_call_output":
            return f"tool:{item.name}"
        if item.type == "message" and item.role in {"user", "system"}:
            return item.text_content or ""
    return ""


class _ScriptedLLMStream(llm.LLMStream):
    def __init__(
        self,
        owner: ScriptedLLM,
        *,
        reply: Reply,
        request_id: str,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool],
        conn_options: APIConnectOptions,
    ) -> None:
        super().__init__(owner, chat_ctx=chat_ctx, tools=tools, conn_options=conn_options)
        self._reply = reply
        self._request_id = request_id

    async def _run(self) -> None:
        reply = self._reply
        if reply.error is not None:
            raise reply.error
        # Some providers state the input with the first chunk, so a cancelled request is still billable.
        self._send(usage=self._usage(output_tokens=0))
        await asyncio.sleep(reply.first_token_s)
        for place, word in enumerate(reply.text.split(" ") if reply.text else []):
            self._send(delta=llm.ChoiceDelta(role="assistant", content=word if place == 0 else f" {word}"))
            await asyncio.sleep(reply.between_words_s)
        if reply.tool is not None:
            name, arguments = reply.tool
            call = llm.FunctionToolCall(
                name=name, arguments=json.dumps(dict(arguments)), call_id=f"call-{self._request_id}"
            )
            self._send(delta=llm.ChoiceDelta(role="assistant", tool_calls=[call]))
        self._send(usage=self._usage(output_tokens=reply.output_tokens))

    def _usage(self, output_tokens: int) -> llm.CompletionUsage:
        return llm.CompletionUsage(
            prompt_tokens=self._reply.input_tokens,
            prompt_cached_tokens=self._reply.cached_tokens,
            completion_tokens=output_tokens,
            total_tokens=self._reply.input_tokens + output_tokens,
        )

    def _send(self, *, delta: llm.ChoiceDelta | None = None, usage: llm.CompletionUsage | None = None) -> None:
        self._event_ch.send_nowait(llm.ChatChunk(id=self._request_id, delta=delta, usage=usage))


class ScriptedTTS(tts.TTS[Any]):
    """One request per sentence (livekit's stream adapter cuts them); audio as long as a person would take."""

    def __init__(self, pace: Pace, vendor: str = "Cartesia", model: str = "sonic-2") -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=SAMPLE_RATE, num_channels=1)
        self.pace = pace
        self._vendor = vendor
        self._model = model

    @property
    def model(self) -> str:
        return self._model

    @property
    def provider(self) -> str:
        return self._vendor

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        return _ScriptedTTSRequest(tts=self, input_text=text, conn_options=conn_options)


class _ScriptedTTSRequest(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        assert isinstance(self._tts, ScriptedTTS)
        pace = self._tts.pace
        output_emitter.initialize(
            request_id=f"tts-{len(self.input_text)}", sample_rate=SAMPLE_RATE, num_channels=1, mime_type="audio/pcm"
        )
        await asyncio.sleep(pace.tts_first_byte_s)
        left_s = len(self.input_text) / pace.characters_per_s
        while left_s > 0:
            piece_s = min(0.2, left_s)
            output_emitter.push(bytes(_frame(loud=True, seconds=piece_s).data))
            left_s -= piece_s
            await asyncio.sleep(piece_s / pace.tts_times_faster)
        output_emitter.flush()


class Screen(io.TextOutput):
    """Where the agent's words are shown; the loudspeaker asks it how much had been heard."""

    def __init__(self) -> None:
        super().__init__(label="scripted screen", next_in_chain=None)
        self.text = ""
        self._ended = False

    async def capture_text(self, text: str) -> None:
        if self._ended:
            self.text, self._ended = "", False
        self.text += text

    def flush(self) -> None:
        self._ended = True


class Loudspeaker(io.AudioOutput):
    """Plays what it is given in real time and reports starts, ends and how far it got."""

    def __init__(self, pace: Pace, screen: Screen) -> None:
        super().__init__(
            label="scripted loudspeaker",
            capabilities=io.AudioOutputCapabilities(pause=pace.pausable),
            sample_rate=SAMPLE_RATE,
        )
        self._pace = pace
        self._screen = screen
        self._pushed_s = 0.0
        self._played_s = 0.0
        self._running_since: float | None = None
        self._started = False
        self._going = asyncio.Event()
        self._going.set()
        self._flushed = False
        self._task: asyncio.Task[None] | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        self._flushed = False
        self._pushed_s += frame.duration
        if self._going.is_set():
            self._run()

    def _run(self) -> None:
        if self._running_since is None:
            self._running_since = time.time()
        if not self._started:
            self._started = True
            self.on_playback_started(created_at=self._running_since)

    def _position_s(self) -> float:
        running_s = 0.0 if self._running_since is None else time.time() - self._running_since
        return min(self._pushed_s, self._played_s + running_s)

    def flush(self) -> None:
        super().flush()
        if self._pushed_s and not self._flushed:
            self._flushed = True
            self._task = asyncio.create_task(self._play_out())

    async def _play_out(self) -> None:
        while (left_s := self._pushed_s - self._position_s()) > 0 or not self._going.is_set():
            await self._going.wait()
            await asyncio.sleep(left_s)
        self._finish(interrupted=False)

    def clear_buffer(self) -> None:
        if self._pushed_s:
            self._finish(interrupted=True)

    def _finish(self, *, interrupted: bool) -> None:
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        position_s = self._position_s()
        self._pushed_s = self._played_s = 0.0
        self._running_since, self._task = None, None
        self._started = self._flushed = False
        self.on_playback_finished(
            playback_position=position_s,
            interrupted=interrupted,
            synchronized_transcript=self._heard(position_s) if interrupted else None,
        )

    def _heard(self, position_s: float) -> str:
        text = self._screen.text[: round(position_s * self._pace.characters_per_s)]
        return text if text == self._screen.text else text.rpartition(" ")[0]

    def pause(self) -> None:
        super().pause()
        self._going.clear()
        if self._running_since is not None:
            self._played_s = self._position_s()
            self._running_since = None

    def resume(self) -> None:
        super().resume()
        self._going.set()
        if self._pushed_s > self._played_s:
            self._run()


@dataclass
class Witness:
    """What an independent listener on the session saw, untouched."""

    metrics: list[Any] = field(default_factory=list)
    messages: list[llm.ChatMessage] = field(default_factory=list)
    false_interruptions: int = 0
    closes: list[Any] = field(default_factory=list)

    def of(self, kind: str) -> list[Any]:
        """The metrics of one type, in the order they came."""
        return [metrics for metrics in self.metrics if metrics.type == kind]

    def attach(self, session: AgentSession[Any]) -> None:
        """Listen to everything; the session's metrics event is deprecated and still the whole truth."""
        session.on("metrics_collected", lambda event: self.metrics.append(event.metrics))
        session.on("conversation_item_added", self._on_item)
        session.on("agent_false_interruption", self._on_false_interruption)
        session.on("close", self.closes.append)

    def _on_item(self, event: Any) -> None:
        if isinstance(event.item, llm.ChatMessage):
            self.messages.append(event.item)

    def _on_false_interruption(self, _: Any) -> None:
        self.false_interruptions += 1


class ScriptedCall:
    """One call: a session with its caller. ``start`` it, let the caller speak, and end it one way or another."""

    def __init__(
        self,
        replies: Mapping[str, Reply],
        *,
        pace: Pace | None = None,
        language: str = "en",
        llm_model: tuple[str, str] = ("api.groq.com", "llama-3.1-8b-instant"),
        tts_model: tuple[str, str] = ("Cartesia", "sonic-2"),
    ) -> None:
        self.pace = pace = pace or Pace()
        self.microphone = Microphone()
        self.screen = Screen()
        self.stt = ScriptedSTT(pace.stt_final_s, language)
        self.llm = ScriptedLLM(replies, *llm_model)
        self.tts = ScriptedTTS(pace, *tts_model)
        self.witness = Witness()
        self.lines: list[Spoken] = []
        self.session: AgentSession[Any] = AgentSession(
            stt=self.stt,
            llm=self.llm,
            tts=self.tts,
            vad=EnergyVAD(pace.vad_hangover_s) if pace.vad else None,
            turn_handling=_turn_handling(pace),
            aec_warmup_duration=None,
            user_away_timeout=pace.away_s,
            session_close_transcript_timeout=0.1,
        )
        self.witness.attach(self.session)

    async def start(self, agent: Agent) -> None:
        """Connect caller and agent."""
        self.session.input.audio = self.microphone
        self.session.output.transcription = self.screen
        self.session.output.audio = Loudspeaker(self.pace, self.screen)
        await self.session.start(agent)

    async def says(self, text: str, seconds: float = 0.3) -> Spoken:
        """The caller says this, and has said it when this returns."""
        return await self._voice(text, seconds)

    async def noise(self, seconds: float) -> Spoken:
        """A cough, a door: voice to the detector, no words to the transcriber."""
        return await self._voice(None, seconds)

    async def _voice(self, text: str | None, seconds: float) -> Spoken:
        self.stt.lines.append(text)
        start_s, end_s = await self.microphone.speak(seconds)
        spoken = Spoken(text or "", start_s, end_s)
        self.lines.append(spoken)
        return spoken

    async def agent_starts(self) -> None:
        """Wait until the agent is heard."""
        await _until(lambda: self.session.agent_state == "speaking")

    async def agent_finishes(self) -> None:
        """Wait until the agent has nothing more to say."""
        await _until(lambda: self.session.agent_state == "listening" and self.session.current_speech is None)

    async def agent_answers(self) -> None:
        """Wait for the agent's whole answer."""
        await self.agent_starts()
        await self.agent_finishes()

    async def hang_up(self) -> None:
        """What the room does when the caller's line drops."""
        self.session._close_soon(reason=CloseReason.PARTICIPANT_DISCONNECTED)
        await self.closed()

    async def closed(self) -> None:
        """Wait for the session's end."""
        await _until(lambda: bool(self.witness.closes))


async def _until(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - livekit tells its states, not when they change
            await asyncio.sleep(0.005)


def _turn_handling(pace: Pace) -> TurnHandlingOptions:
    return {
        "turn_detection": "vad" if pace.vad else "stt",
        "endpointing": {"mode": "fixed", "min_delay": pace.endpointing_s, "max_delay": pace.endpointing_s * 4},
        "interruption": {
            "mode": "vad",
            "min_duration": pace.interruption_s,
            "false_interruption_timeout": pace.false_interruption_s,
            "resume_false_interruption": pace.pausable,
        },
        "preemptive_generation": {"enabled": pace.preemptive},
    }


@contextlib.asynccontextmanager
async def scripted_call(
    replies: Mapping[str, Reply], *, pace: Pace | None = None, language: str = "en"
) -> AsyncIterator[ScriptedCall]:
    """A call that is closed when the block ends, whatever happened in it."""
    call = ScriptedCall(replies, pace=pace, language=language)
    try:
        yield call
    finally:
        await call.session.aclose()
