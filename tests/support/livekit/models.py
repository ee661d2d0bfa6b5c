"""Models that answer from a script, on livekit-agents' own base classes: VAD, STT, LLM and TTS."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions, NotGivenOr, llm, stt, tts, vad

from support.livekit.line import FRAME_S, SAMPLE_RATE, frame_of, is_loud

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livekit.agents.utils import AudioBuffer

    from support.livekit.line import Pace


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


class _VendorModel:
    """The names under which the plugins of LiveKit say whose model they are."""

    _vendor: str
    _model: str

    @property
    def model(self) -> str:
        return self._model

    @property
    def provider(self) -> str:
        return self._vendor


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
            if is_loud(frame):
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


class ScriptedSTT(_VendorModel, stt.STT[Any]):
    """Streams: the words of a line come ``final_s`` after its last sound. Usage is reported with each line."""

    def __init__(self, final_s: float, language: str, vendor: str = "Deepgram", model: str = "nova-3") -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True, keyterms=True))
        self.final_s = final_s
        self.language = language
        self.lines: deque[str | None] = deque()
        self.knows_times = False
        self._vendor = vendor
        self._model = model

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
        self._position_s = 0.0
        self._finals: set[asyncio.Task[None]] = set()

    async def _run(self) -> None:
        loud = False
        async for frame in self._input_ch:
            if isinstance(frame, self._FlushSentinel):
                continue
            self._heard_s += frame.duration
            self._position_s += frame.duration
            if is_loud(frame) and not loud:
                self._event_ch.send_nowait(stt.SpeechEvent(type=stt.SpeechEventType.START_OF_SPEECH))
            if loud and not is_loud(frame) and self._owner.lines:
                line, ended_s = self._owner.lines.popleft(), self._position_s - frame.duration
                task = asyncio.create_task(self._finish_line(line, time.monotonic() - FRAME_S, ended_s))
                self._finals.add(task)
                task.add_done_callback(self._finals.discard)
            loud = is_loud(frame)

    async def _finish_line(self, words: str | None, voice_ended_s: float, ended_at_s: float) -> None:
        await asyncio.sleep(max(0.0, voice_ended_s + self._owner.final_s - time.monotonic()))
        usage = stt.RecognitionUsage(audio_duration=self._heard_s)
        self._heard_s = 0.0
        self._event_ch.send_nowait(
            stt.SpeechEvent(type=stt.SpeechEventType.RECOGNITION_USAGE, recognition_usage=usage, request_id="stt")
        )
        if words is not None:
            data = stt.SpeechData(
                language=self._owner.language,  # type: ignore[arg-type]
                text=words,
                confidence=0.97,
                end_time=ended_at_s if self._owner.knows_times else 0.0,
            )
            self._event_ch.send_nowait(
                stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[data], request_id="stt")
            )
            end = stt.SpeechEvent(
                type=stt.SpeechEventType.END_OF_SPEECH, alternatives=[data] if self._owner.knows_times else []
            )
            self._event_ch.send_nowait(end)


class ScriptedLLM(_VendorModel, llm.LLM[Any]):
    """Answers by what was said last: the caller's words, or ``tool:<name>`` after a tool's result; or in order."""

    def __init__(
        self, replies: Mapping[str, Reply], vendor: str = "api.groq.com", model: str = "llama-3.1-8b-instant"
    ) -> None:
        super().__init__()
        self.replies = dict(replies)
        self.in_order: deque[Reply] = deque()
        self.otherwise: Reply | None = None
        self.requests = 0
        self._vendor = vendor
        self._model = model

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
        if self.in_order:
            reply = self.in_order.popleft()
        else:
            said = _said_last(chat_ctx)
            reply = self.replies[said] if self.otherwise is None else self.replies.get(said, self.otherwise)
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


class ScriptedTTS(_VendorModel, tts.TTS[Any]):
    """One request per sentence (livekit's stream adapter cuts them); audio as long as a person would take."""

    def __init__(self, pace: Pace, vendor: str = "Cartesia", model: str = "sonic-2") -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=SAMPLE_RATE, num_channels=1)
        self.pace = pace
        self._vendor = vendor
        self._model = model

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
            output_emitter.push(bytes(frame_of(loud=True, seconds=piece_s).data))
            left_s -= piece_s
            await asyncio.sleep(piece_s / pace.tts_times_faster)
        output_emitter.flush()
