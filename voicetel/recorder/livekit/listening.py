"""What a live session is heard to say, told to the tracker of its turns."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from livekit.agents import ChatMessage
from livekit.agents.llm import AgentHandoff, RealtimeModel

from voicetel.recorder.livekit.metrics import (
    billed_by,
    component_operation,
    llm_operation,
    realtime_operation,
    stt_operation,
    tts_operation,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.agents import (
        AgentFalseInterruptionEvent,
        AgentSession,
        AgentStateChangedEvent,
        ConversationItemAddedEvent,
        ErrorEvent,
        SpeechCreatedEvent,
        UserInputTranscribedEvent,
        UserStateChangedEvent,
    )
    from livekit.agents.voice import ToolExecutionUpdatedEvent
    from livekit.agents.voice.io import PlaybackFinishedEvent, PlaybackProgressedEvent, PlaybackStartedEvent

    from voicetel.events.operation import Operation
    from voicetel.recorder.livekit.metrics import Providers
    from voicetel.recorder.livekit.turns import TurnTracker

logger = logging.getLogger("voicetel.recorder")


class Ears:
    """Listeners that can be taken away again, and whose errors stay with them."""

    def __init__(self) -> None:
        self._listeners: dict[tuple[int, str], tuple[Any, Callable[..., None]]] = {}

    def listen(self, emitter: Any, event: str, handler: Callable[[Any], None]) -> None:
        """Hear an event, once per emitter and event."""
        if (id(emitter), event) in self._listeners:
            return
        safe = safely(handler)
        # Keeping the emitter keeps its id from being given to another one.
        self._listeners[id(emitter), event] = (emitter, safe)
        emitter.on(event, safe)

    def close(self) -> None:
        """Hear nothing any more."""
        for (_, event), (emitter, handler) in self._listeners.items():
            emitter.off(event, handler)
        self._listeners.clear()


class SessionListener:
    """Hears one session, its models and its output, and tells the tracker.

    ``mark`` writes down what is no turn; ``refreshed`` is called whenever something about the session may have changed.
    """

    def __init__(
        self,
        session: AgentSession[Any],
        tracker: TurnTracker,
        ears: Ears,
        *,
        providers: Providers,
        mark: Callable[[str, str | None], None],
        refreshed: Callable[[], None],
    ) -> None:
        self._session = session
        self._tracker = tracker
        self._ears = ears
        self._providers = providers
        self._mark = mark
        self._refreshed = refreshed
        self._metrics: deque[Any] = deque()
        self.connected = False
        self.state_id: str | None = None

    def start(self) -> None:
        """Begin to listen."""
        heard: dict[str, Callable[[Any], None]] = {
            "speech_created": self._on_speech,
            "conversation_item_added": self._on_item,
            "user_state_changed": self._on_user_state,
            "user_input_transcribed": self._on_transcript,
            "agent_state_changed": self._on_agent_state,
            "tool_execution_updated": self._on_tool,
            "agent_false_interruption": self._on_false_interruption,
            "error": self._on_error,
        }
        for event, handler in heard.items():
            self._ears.listen(self._session, event, handler)
        self._refresh()

    def take_metrics(self) -> None:
        """Tell the tracker of every metric that has come in."""
        while self._metrics:
            metrics = self._metrics.popleft()
            match metrics.type:
                case "llm_metrics":
                    self._tracker.operation(metrics.speech_id, self._billed(llm_operation(metrics)))
                case "tts_metrics":
                    self._tracker.operation(metrics.speech_id, self._billed(tts_operation(metrics)))
                case "stt_metrics" if metrics.audio_duration > 0 or metrics.input_tokens > 0:
                    self._tracker.heard(self._billed(stt_operation(metrics)))
                case "realtime_model_metrics":
                    self._tracker.response(self._billed(realtime_operation(metrics)))

    def _billed(self, operation: Operation) -> Operation:
        return billed_by(operation, self._providers)

    def _refresh(self) -> None:
        """Hear the models and the output in use. They change: an agent brings its own, the room sets the output."""
        session, agent = self._session, _agent_of(self._session)
        parts = [getattr(holder, stage, None) for holder in (session, agent) for stage in ("stt", "llm", "tts")]
        for part in [*parts, _realtime_session_of(agent)]:
            if hasattr(part, "on"):
                self._ears.listen(part, "metrics_collected", self._on_metrics)
        if (output := session.output.audio) is not None:
            self._ears.listen(output, "playback_started", self._on_playback_started)
            self._ears.listen(output, "playback_progressed", self._on_playback_progressed)
            self._ears.listen(output, "playback_finished", self._on_playback_finished)
        tracker = self._tracker
        tracker.speech_end_unknown = session.vad is None
        stt = _own_or(agent, "stt", session.stt)
        tracker.listener = self._billed(component_operation("stt", stt)) if stt else None
        detector = _own_or(agent, "turn_detection", session.turn_detection)
        named = detector is not None and not isinstance(detector, str)
        tracker.turn_detector = self._billed(component_operation("eot", detector)) if named else None
        self._refreshed()

    def _on_speech(self, event: SpeechCreatedEvent) -> None:
        self._refresh()
        handle = event.speech_handle
        self._tracker.speech(handle, source=event.source, asked=event.user_initiated, state_id=self.state_id)
        handle.add_done_callback(safely(self._tracker.speech_done))

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if isinstance(item, AgentHandoff):
            self._refresh()
            if item.old_agent_id is not None:
                self._mark("handoff", item.new_agent_id)
        elif isinstance(item, ChatMessage) and item.role == "user":
            realtime = isinstance(self._session.llm, RealtimeModel)
            self._tracker.caller_words(item, realtime=realtime, state_id=self.state_id)

    def _on_user_state(self, event: UserStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._tracker.voice.starts(event.created_at)
        elif event.old_state == "speaking":
            self._tracker.voice.stops(event.created_at)
        if event.new_state == "away":
            self._mark("no_input", None)

    def _on_transcript(self, event: UserInputTranscribedEvent) -> None:
        if event.transcript.strip():
            self._tracker.voice.has_words()

    def _on_agent_state(self, event: AgentStateChangedEvent) -> None:
        if event.old_state == "initializing":
            self.connected = True
            self._refresh()
        if event.new_state == "speaking":
            self._tracker.playback.resume(event.created_at)
        elif event.old_state == "speaking":
            self._tracker.playback.pause(event.created_at)

    def _on_tool(self, event: ToolExecutionUpdatedEvent) -> None:
        update = event.update
        if update.type == "tool_call_started":
            call = update.function_call
            self._tracker.tools.started(call.call_id, call.name, event.created_at)
        elif update.type == "tool_call_ended":
            self._tracker.tools.ended(update.call_id, update.status, event.created_at)

    def _on_false_interruption(self, event: AgentFalseInterruptionEvent) -> None:
        self._tracker.voice.was_noise()
        self._mark("false_interruption", "resumed" if event.resumed else None)

    def _on_error(self, event: ErrorEvent) -> None:
        kind = str(getattr(event.error, "type", ""))
        stage = "realtime" if kind == "realtime_model_error" else kind.removesuffix("_error")
        if stage in {"stt", "llm", "tts", "realtime"}:
            failed = component_operation(stage, event.source)
            cause = getattr(event.error, "error", None)
            self._tracker.failed(self._billed(replace(failed, status="error", error=_what_went_wrong(cause))))
        if not getattr(event.error, "recoverable", False):
            self._mark("error", stage or None)

    def _on_playback_started(self, event: PlaybackStartedEvent) -> None:
        self._tracker.playing(self._session.current_speech, event.created_at)

    def _on_playback_progressed(self, event: PlaybackProgressedEvent) -> None:
        self._tracker.playback.ran(event.started_at, event.duration)

    def _on_playback_finished(self, event: PlaybackFinishedEvent) -> None:
        self._tracker.playback.end(time.time(), interrupted=event.interrupted)

    def _on_metrics(self, metrics: Any) -> None:
        # The session writes the speech's id into the metrics after we have heard of them.
        self._metrics.append(metrics)
        asyncio.get_running_loop().call_soon(safely(self.take_metrics))


def safely(handler: Callable[..., None]) -> Callable[..., None]:
    """A handler whose errors stay here: livekit lets a TypeError of a listener through into the session."""

    @functools.wraps(handler)
    def safe(*arguments: Any) -> None:
        try:
            handler(*arguments)
        except Exception:
            logger.exception("the call's log lacks something: %s failed", handler.__name__)

    return safe


def _agent_of(session: AgentSession[Any]) -> Any:
    try:
        return session.current_agent
    except RuntimeError:
        return None


def _realtime_session_of(agent: Any) -> Any:
    try:
        return agent.realtime_llm_session if agent is not None else None
    except RuntimeError:
        return None


def _own_or(agent: Any, name: str, fallback: Any) -> Any:
    """What the agent brings itself goes before what its session has; livekit's NOT_GIVEN is false."""
    return getattr(agent, name, None) or fallback


def _what_went_wrong(error: BaseException | None) -> str | None:
    """The kind of error and its status, not its message: that may quote what was said, or a key."""
    if error is None:
        return None
    status = getattr(error, "status_code", -1)
    return f"{type(error).__name__} {status}" if isinstance(status, int) and status > 0 else type(error).__name__
