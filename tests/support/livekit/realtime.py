"""A speech-to-speech model that answers from a script, on livekit-agents' own base classes.

It hears the line itself: voice begins and ends a turn of the caller's, the answer is audio, and whatever comes after the
fact (the transcript, the metrics of a response) comes as late as the script says.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from livekit.agents import NOT_GIVEN, NotGivenOr, llm, utils
from livekit.agents.metrics import RealtimeModelMetrics
from livekit.agents.metrics.base import Metadata

from support.livekit.line import frame_of, is_loud

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from livekit import rtc


@dataclass(frozen=True)
class ModelReply:
    """One response. ``tool`` is the name and arguments of a call it asks for, after the words."""

    text: str = ""
    tool: tuple[str, Mapping[str, Any]] | None = None
    input_tokens: int = 100
    output_tokens: int = 20


@dataclass(frozen=True)
class ModelPace:
    """How fast the model is, and how late it says what it knows."""

    silence_s: float = 0.08
    first_audio_s: float = 0.05
    characters_per_s: float = 80.0
    transcript_s: float = 0.03
    metrics_s: float = 0.0
    names_items: bool = True


@dataclass
class _Response:
    response_id: str
    reply: ModelReply
    messages: utils.aio.Chan[llm.MessageGeneration] = field(default_factory=utils.aio.Chan)
    calls: utils.aio.Chan[llm.FunctionCall] = field(default_factory=utils.aio.Chan)
    created_s: float = field(default_factory=time.time)
    cancelled: bool = False
    ended: bool = False


class ScriptedRealtimeModel(llm.RealtimeModel):
    """Gives the replies in the order in which it is asked for one. ``lines`` are what the caller says, in order."""

    def __init__(
        self,
        replies: list[ModelReply],
        *,
        pace: ModelPace | None = None,
        transcribes: bool = True,
        replies_to_tools: bool = False,
    ) -> None:
        super().__init__(
            capabilities=llm.RealtimeCapabilities(
                message_truncation=True,
                turn_detection=True,
                user_transcription=transcribes,
                auto_tool_reply_generation=replies_to_tools,
                audio_output=True,
                manual_function_calls=False,
                can_disable_turn_detection=True,
            )
        )
        self.pace = pace or ModelPace()
        self.replies = deque(replies)
        self.lines: deque[str | None] = deque()
        self.reported: list[RealtimeModelMetrics] = []
        self.count = 0

    @property
    def model(self) -> str:
        return "gpt-realtime"

    @property
    def provider(self) -> str:
        return "api.openai.com"

    def session(self, *, turn_detection_disabled: bool = False) -> llm.RealtimeSession[Any]:
        return ScriptedRealtimeSession(self, hears_turns=not turn_detection_disabled)

    async def aclose(self) -> None:
        pass


class ScriptedRealtimeSession(llm.RealtimeSession[Any]):
    """The connection: one response at a time."""

    def __init__(self, model: ScriptedRealtimeModel, *, hears_turns: bool) -> None:
        super().__init__(model)
        self._script = model
        self._hears_turns = hears_turns
        self._chat_ctx = llm.ChatContext.empty()
        self._tools = llm.ToolContext.empty()
        self._speaking = False
        self._silence_s = 0.0
        self._voiced = False
        self._response: _Response | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What the session sends.

    def push_audio(self, frame: rtc.AudioFrame) -> None:
        loud = is_loud(frame)
        self._voiced = self._voiced or loud
        if not self._hears_turns:
            return
        if loud and not self._speaking:
            self._speaking = True
            self._cancel_response()
            self.emit("input_speech_started", llm.InputSpeechStartedEvent())
        self._silence_s = 0.0 if loud else self._silence_s + frame.duration
        if self._speaking and self._silence_s >= self._script.pace.silence_s:
            self._speaking = False
            transcribes = self._script.capabilities.user_transcription
            self.emit("input_speech_stopped", llm.InputSpeechStoppedEvent(user_transcription_enabled=transcribes))
            self.commit_audio()
            self._spawn(self._respond())

    def commit_audio(self) -> None:
        if not self._voiced:
            return
        self._voiced = False
        item_id = utils.shortuuid("item_")
        if self._script.pace.names_items:
            item = llm.ChatMessage(id=item_id, role="user", content=[])
            self.emit("remote_item_added", llm.RemoteItemAddedEvent(previous_item_id=None, item=item))
        line = self._script.lines.popleft() if self._script.lines else None
        if self._script.capabilities.user_transcription and line is not None:
            self._spawn(self._transcribe(item_id, line))

    def generate_reply(
        self,
        *,
        instructions: NotGivenOr[str] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        tools: NotGivenOr[list[llm.Tool]] = NOT_GIVEN,
    ) -> asyncio.Future[llm.GenerationCreatedEvent]:
        asked = asyncio.get_running_loop().create_future()
        self._spawn(self._respond(asked))
        return asked

    def interrupt(self) -> None:
        self._cancel_response()

    async def update_chat_ctx(self, chat_ctx: llm.ChatContext) -> None:
        known = {item.id for item in self._chat_ctx.items}
        new = [item for item in chat_ctx.items if item.id not in known]
        self._chat_ctx = chat_ctx.copy()
        if self._script.capabilities.auto_tool_reply_generation and any(i.type == "function_call_output" for i in new):
            self._spawn(self._respond())

    # What the model answers.

    async def _transcribe(self, item_id: str, line: str) -> None:
        await asyncio.sleep(self._script.pace.transcript_s)
        final = llm.InputTranscriptionCompleted(item_id=item_id, transcript=line, is_final=True)
        self.emit("input_audio_transcription_completed", final)

    async def _respond(self, asked: asyncio.Future[llm.GenerationCreatedEvent] | None = None) -> None:
        if not self._script.replies:
            return
        self._script.count += 1
        response = self._response = _Response(f"resp-{self._script.count}", self._script.replies.popleft())
        created = llm.GenerationCreatedEvent(
            message_stream=response.messages,
            function_stream=response.calls,
            user_initiated=asked is not None,
            response_id=response.response_id,
        )
        if asked is not None and not asked.done():
            asked.set_result(created)
        self.emit("generation_created", created)
        first_audio_s = await self._speak(response)
        if response.reply.tool is not None and not response.cancelled:
            name, arguments = response.reply.tool
            call_id = f"call-{response.response_id}"
            response.calls.send_nowait(
                llm.FunctionCall(call_id=call_id, name=name, arguments=json.dumps(dict(arguments)))
            )
        self._end(response)
        await asyncio.sleep(self._script.pace.metrics_s)
        self._report(response, first_audio_s)

    async def _speak(self, response: _Response) -> float:
        """Give the words and their sound, a little faster than they are played; gives when the first sound came."""
        await asyncio.sleep(self._script.pace.first_audio_s)
        first_audio_s, text = time.time(), response.reply.text
        if not text or response.cancelled:
            return first_audio_s
        texts: utils.aio.Chan[str] = utils.aio.Chan()
        sounds: utils.aio.Chan[rtc.AudioFrame] = utils.aio.Chan()
        modalities = asyncio.get_running_loop().create_future()
        modalities.set_result(["audio", "text"])
        response.messages.send_nowait(
            llm.MessageGeneration(
                message_id=f"msg-{response.response_id}", text_stream=texts, audio_stream=sounds, modalities=modalities
            )
        )
        texts.send_nowait(text)
        left_s = len(text) / self._script.pace.characters_per_s
        while left_s > 0 and not response.cancelled:
            piece_s = min(0.1, left_s)
            sounds.send_nowait(frame_of(loud=True, seconds=piece_s))
            left_s -= piece_s
            await asyncio.sleep(piece_s / 2)
        texts.close()
        sounds.close()
        return first_audio_s

    def _cancel_response(self) -> None:
        response = self._response
        if response is not None and not response.ended:
            response.cancelled = True
            self._end(response)

    def _end(self, response: _Response) -> None:
        if not response.ended:
            response.ended = True
            response.messages.close()
            response.calls.close()

    def _report(self, response: _Response, first_audio_s: float) -> None:
        reply = response.reply
        metrics = RealtimeModelMetrics(
            request_id=response.response_id,
            timestamp=response.created_s,
            duration=max(0.001, first_audio_s - response.created_s),
            ttft=first_audio_s - response.created_s,
            cancelled=response.cancelled,
            label=self._script.label,
            input_tokens=reply.input_tokens,
            output_tokens=reply.output_tokens,
            total_tokens=reply.input_tokens + reply.output_tokens,
            input_token_details=RealtimeModelMetrics.InputTokenDetails(audio_tokens=reply.input_tokens),
            output_token_details=RealtimeModelMetrics.OutputTokenDetails(audio_tokens=reply.output_tokens),
            metadata=Metadata(model_name=self._script.model, model_provider=self._script.provider),
        )
        self._script.reported.append(metrics)
        self.emit("metrics_collected", metrics)

    # What the session must be able to ask for.

    @property
    def chat_ctx(self) -> llm.ChatContext:
        return self._chat_ctx

    @property
    def tools(self) -> llm.ToolContext:
        return self._tools

    async def update_instructions(self, instructions: str) -> None:
        pass

    async def update_tools(self, tools: list[llm.Tool]) -> None:
        self._tools = llm.ToolContext(tools)

    def update_options(self, *, tool_choice: NotGivenOr[llm.ToolChoice | None] = NOT_GIVEN) -> None:
        pass

    def push_video(self, frame: rtc.VideoFrame) -> None:
        pass

    def clear_audio(self) -> None:
        self._voiced = False

    def truncate(
        self,
        *,
        message_id: str,
        modalities: list[Any],
        audio_end_ms: int,
        audio_transcript: NotGivenOr[str] = NOT_GIVEN,
    ) -> None:
        pass

    async def aclose(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        self._cancel_response()
