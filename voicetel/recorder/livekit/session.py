"""A live ``AgentSession`` → events: what is listened to, and how a call begins and ends."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import time
import uuid
import weakref
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from livekit.agents import AgentSession, ChatMessage, CloseReason, get_job_context
from livekit.agents import __version__ as livekit_version
from livekit.agents.llm import AgentHandoff, RealtimeModel

from voicetel.recorder.livekit.metrics import (
    billed_by,
    component_operation,
    llm_operation,
    realtime_operation,
    stt_operation,
    tts_operation,
)
from voicetel.recorder.livekit.room import Room
from voicetel.recorder.livekit.turns import TurnTracker
from voicetel.recorder.turn_builder import Operation, TurnBuilder, moment, operation_list
from voicetel.recorder.writer import EventWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from livekit.agents import (
        AgentFalseInterruptionEvent,
        AgentStateChangedEvent,
        CloseEvent,
        ConversationItemAddedEvent,
        ErrorEvent,
        SpeechCreatedEvent,
        UserInputTranscribedEvent,
        UserStateChangedEvent,
    )
    from livekit.agents.voice import ToolExecutionUpdatedEvent
    from livekit.agents.voice.io import PlaybackFinishedEvent, PlaybackProgressedEvent, PlaybackStartedEvent

    from voicetel.recorder.livekit.metrics import Providers
    from voicetel.recorder.turn_builder import InterruptedBy

logger = logging.getLogger("voicetel.recorder")

JOB_END_TIMEOUT_S: Final = 5.0
"""How long a job that shuts down waits for its session's end, so that the end is in the log."""

_END_REASONS: Final[dict[str, str]] = {
    CloseReason.PARTICIPANT_DISCONNECTED: "caller_hangup",
    CloseReason.USER_INITIATED: "agent_hangup",
    CloseReason.TASK_COMPLETED: "agent_hangup",
    CloseReason.JOB_SHUTDOWN: "agent_hangup",
    CloseReason.ERROR: "error",
}
_CUT_BY: Final[dict[str, InterruptedBy]] = {"caller_hangup": "hangup", "error": "error"}

_recorders: weakref.WeakKeyDictionary[AgentSession[Any], SessionRecorder] = weakref.WeakKeyDictionary()
_writers: dict[Path, EventWriter] = {}


def record(
    session: AgentSession[Any],
    *,
    log_dir: str | os.PathLike[str] | None = None,
    call_id: str | None = None,
    agent_name: str | None = None,
    agent_version: str | None = None,
    campaign: str | None = None,
    direction: str | None = None,
    language: str | None = None,
    tags: Mapping[str, str] | None = None,
    providers: Providers | None = None,
    writer: EventWriter | None = None,
) -> SessionRecorder:
    """Write down a session's call, from now until the session closes. Call it before ``session.start``.

    ``log_dir`` is $VOICETEL_LOGS where it is not given, else ``./logs``. Inside a job the call's id is the job's, room
    and job go to ``tags``, and a SIP caller's ``direction`` is known; outside of one the id is random. ``providers``
    puts a stage's bill into other hands than the plugin says: ``{"llm": ("groq", "llama-3.1-8b-instant")}``;
    ``{"transport": None}`` leaves out the room's own minutes, ``{"transport": "livekit"}`` counts them outside a job.

    Recording never raises into the session and never waits. A session is recorded once: a second call gives the
    recorder that is already there.
    """
    if session in _recorders:
        return _recorders[session]
    started = {
        "agent_name": agent_name,
        "agent_version": agent_version,
        "campaign": campaign,
        "direction": direction,
        "language": language,
        "tags": dict(tags or {}),
    }
    folder = Path(log_dir or os.environ.get("VOICETEL_LOGS") or "logs")
    recorder = SessionRecorder(session, writer or _writer(folder), call_id, started, providers or {})
    _recorders[session] = recorder
    return recorder


def _writer(folder: Path) -> EventWriter:
    """One writer per folder and process, however many sessions it serves."""
    path = folder.absolute()
    if path not in _writers:
        _writers[path] = EventWriter(path)
    return _writers[path]


class SessionRecorder:
    """The recording of one call. ``record`` makes it; what it offers is what a session cannot know by itself."""

    def __init__(
        self,
        session: AgentSession[Any],
        writer: EventWriter,
        call_id: str | None,
        started: dict[str, Any],
        providers: Providers,
    ) -> None:
        self._session = session
        self._writer = writer
        self._providers = providers
        self._room = Room(get_job_context(required=False))
        self.call_id = call_id or self._room.call_id or uuid.uuid4().hex
        self._began_s = time.monotonic()
        self._connected = False
        self._closed = asyncio.Event()
        self._state: str | None = None
        self._noted: dict[str, object] = {}
        self._last: dict[str, object] = {}
        self._metrics: deque[Any] = deque()
        self._ears: dict[tuple[int, str], tuple[Any, Callable[..., None]]] = {}
        self._tracker = TurnTracker(
            asyncio.get_event_loop(), now=time.time, emit_turn=self._emit_turn, emit_usage=self._emit_usage
        )
        self._started = started | {"source": f"livekit-agents/{livekit_version}"}
        self._started["agent_name"] = started["agent_name"] or self._room.agent_name
        self._started["tags"] = self._room.tags | started["tags"] or None
        self._emit("call_started", **self._started)
        self._listen_to_session()

    # What the agent's code knows.

    def enter_state(self, name: str) -> None:
        """Say where in the dialogue the agent is.

        The name is the ``state_id`` of turns that begin from now on; the last one is the call's ``final_state``.
        """
        self._state = name

    def mark(self, kind: str, value: str | None = None) -> None:
        """Write down that something happened: a ``transfer``, a ``hold``, ``dtmf``."""
        self._emit("mark", kind=kind, value=value)

    def note(
        self,
        *,
        end_reason: str | None = None,
        sip_status: int | None = None,
        amd: str | None = None,
        final_state: str | None = None,
        outcome: str | None = None,
        outcome_confidence: float | None = None,
        outcome_reason: str | None = None,
    ) -> None:
        """Keep evidence of how the call ended; it stands in ``call_ended``, before what the session says.

        A dial that failed: ``recorder.note(sip_status=error.sip_status_code)`` for livekit's ``SipCallError``.
        """
        given = {
            "end_reason": end_reason,
            "sip_status": sip_status,
            "amd": amd,
            "final_state": final_state,
            "outcome": outcome,
            "outcome_confidence": outcome_confidence,
            "outcome_reason": outcome_reason,
        }
        self._noted |= {name: value for name, value in given.items() if value is not None}

    def end(self, end_reason: str = "not_connected") -> None:
        """End a call whose session never came to start, or which the agent's code knows to be over."""
        self._end(end_reason, {})

    # What the session says.

    def _listen_to_session(self) -> None:
        heard: dict[str, Callable[[Any], None]] = {
            "speech_created": self._on_speech,
            "conversation_item_added": self._on_item,
            "user_state_changed": self._on_user_state,
            "user_input_transcribed": self._on_transcript,
            "agent_state_changed": self._on_agent_state,
            "tool_execution_updated": self._on_tool,
            "agent_false_interruption": self._on_false_interruption,
            "error": self._on_error,
            "close": self._on_close,
        }
        for event, handler in heard.items():
            self._listen(self._session, event, handler)
        self._room.watch(self._listen, self._on_job_shutdown)
        self._listen_to_components()

    def _listen(self, emitter: Any, event: str, handler: Callable[[Any], None]) -> None:
        """Hear an event once per emitter, with no way for an error of ours into the session."""
        if (id(emitter), event) in self._ears:
            return
        safe = _safely(handler)
        # Keeping the emitter keeps its id from being given to another one.
        self._ears[id(emitter), event] = (emitter, safe)
        emitter.on(event, safe)

    def _listen_to_components(self) -> None:
        """Hear the models and the output in use. They change: an agent brings its own, the room sets the output."""
        session, agent = self._session, _agent_of(self._session)
        parts = [getattr(holder, stage, None) for holder in (session, agent) for stage in ("stt", "llm", "tts")]
        parts.append(_realtime_session_of(agent))
        for part in parts:
            if hasattr(part, "on"):
                self._listen(part, "metrics_collected", self._on_metrics)
        if (output := session.output.audio) is not None:
            self._listen(output, "playback_started", self._on_playback_started)
            self._listen(output, "playback_progressed", self._on_playback_progressed)
            self._listen(output, "playback_finished", self._on_playback_finished)
        tracker = self._tracker
        tracker.speech_end_unknown = session.vad is None
        stt = _own_or(agent, "stt", session.stt)
        tracker.listener = self._billed(component_operation("stt", stt)) if stt else None
        detector = _own_or(agent, "turn_detection", session.turn_detection)
        named = detector is not None and not isinstance(detector, str)
        tracker.turn_detector = self._billed(component_operation("eot", detector)) if named else None
        if learned := self._room.learn(session):
            known = {name: value for name, value in self._started.items() if value is not None}
            self._started = learned | known | {"tags": learned["tags"] | known.get("tags", {})}
            self._emit("call_started", **self._started)

    def _on_speech(self, event: SpeechCreatedEvent) -> None:
        self._listen_to_components()
        handle = event.speech_handle
        self._tracker.speech(handle, source=event.source, asked=event.user_initiated, state_id=self._state)
        handle.add_done_callback(_safely(self._tracker.speech_done))

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        self._listen_to_components()
        item = event.item
        if isinstance(item, AgentHandoff) and item.old_agent_id is not None:
            self.mark("handoff", item.new_agent_id)
        elif isinstance(item, ChatMessage) and item.role == "user":
            realtime = isinstance(self._session.llm, RealtimeModel)
            self._tracker.caller_words(item, realtime=realtime, state_id=self._state)

    def _on_user_state(self, event: UserStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._tracker.caller_voice(start_s=event.created_at)
        elif event.old_state == "speaking":
            self._tracker.caller_voice(end_s=event.created_at)
        if event.new_state == "away":
            self.mark("no_input")

    def _on_transcript(self, event: UserInputTranscribedEvent) -> None:
        if event.transcript.strip():
            self._tracker.caller_transcribed()

    def _on_agent_state(self, event: AgentStateChangedEvent) -> None:
        self._connected = True
        self._listen_to_components()
        if event.new_state == "speaking":
            self._tracker.playback.resume(event.created_at)
        elif event.old_state == "speaking":
            self._tracker.playback.pause(event.created_at)

    def _on_tool(self, event: ToolExecutionUpdatedEvent) -> None:
        update = event.update
        if update.type == "tool_call_started":
            self._tracker.tool_started(update.function_call.call_id, update.function_call.name)
        elif update.type == "tool_call_ended":
            self._tracker.tool_ended(update.call_id, update.status)

    def _on_false_interruption(self, event: AgentFalseInterruptionEvent) -> None:
        self._tracker.noise()
        self.mark("false_interruption", "resumed" if event.resumed else None)

    def _on_error(self, event: ErrorEvent) -> None:
        kind = str(getattr(event.error, "type", ""))
        stage = {"realtime_model_error": "realtime"}.get(kind, kind.removesuffix("_error"))
        if stage in {"stt", "llm", "tts", "realtime"}:
            failed = component_operation(stage, event.source)
            cause = getattr(event.error, "error", None)
            self._tracker.failed(self._billed(replace(failed, status="error", error=_what_went_wrong(cause))))
        if not getattr(event.error, "recoverable", False):
            self.mark("error", stage or None)

    def _on_playback_started(self, event: PlaybackStartedEvent) -> None:
        self._tracker.playing(self._session.current_speech, event.created_at)

    def _on_playback_progressed(self, event: PlaybackProgressedEvent) -> None:
        self._tracker.playback.ran(event.started_at, event.duration)

    def _on_playback_finished(self, event: PlaybackFinishedEvent) -> None:
        self._tracker.playback.end(time.time(), interrupted=event.interrupted)

    def _on_metrics(self, metrics: Any) -> None:
        # The session writes the speech's id into the metrics after we have heard of them.
        self._metrics.append(metrics)
        asyncio.get_running_loop().call_soon(_safely(self._take_metrics))

    def _take_metrics(self) -> None:
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

    def _on_close(self, event: CloseEvent) -> None:
        self._end(_END_REASONS.get(event.reason, "error"), {"close_reason": str(event.reason.value)})

    async def _on_job_shutdown(self, reason: str) -> None:
        """The process ends after this: let the session close first, then have everything on disk."""
        if self._connected:
            try:
                await asyncio.wait_for(self._closed.wait(), JOB_END_TIMEOUT_S)
            except TimeoutError:
                logger.warning("call %s: its session was still open when its job ended", self.call_id)
        else:
            self._end("not_connected", {"close_reason": reason} if reason else {})
        self._emit_late_outcome()
        await self._writer.aflush()

    # What is written.

    def _end(self, end_reason: str, tags: dict[str, str]) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        self._take_metrics()
        end_reason = self._room.end_reason(end_reason)
        self._tracker.close(_CUT_BY.get(end_reason, "agent"))
        for (_, event), (emitter, handler) in self._ears.items():
            emitter.off(event, handler)
        self._ears.clear()
        duration_s = round(time.monotonic() - self._began_s, 3)
        self._last = {
            "duration_s": duration_s,
            "final_state": self._state,
            "end_reason": end_reason,
            "operations": self._transport(duration_s),
            "tags": tags | self._room.end_tags or None,
            **self._room.evidence(spoke=self._tracker.caller_spoke),
            **self._noted,
        }
        self._emit("call_ended", **self._last)

    def _emit_late_outcome(self) -> None:
        """An entrypoint's own shutdown code may judge the call after its session has closed."""
        late = {**self._room.evidence(spoke=self._tracker.caller_spoke), **self._noted}
        changed = {name: value for name, value in late.items() if self._last.get(name) != value}
        if changed:
            self._emit("call_ended", **changed)

    def _transport(self, duration_s: float) -> list[dict[str, object]] | None:
        """The room's minutes: LiveKit's, inside a job; elsewhere only where the author says so."""
        if self._providers.get("transport", "livekit" if self._room.is_real else None) is None:
            return None
        minutes = Operation("transport", "livekit", quantities={"session_s": duration_s})
        return operation_list([self._billed(minutes)], None)

    def _emit_turn(self, turn: TurnBuilder, number: int) -> None:
        self._writer.emit(turn.event(self.call_id, number))

    def _emit_usage(self, operations: list[Operation]) -> None:
        self._emit("usage", operations=operation_list(operations, None))

    def _emit(self, event: str, **fields: object) -> None:
        known = {name: value for name, value in fields.items() if value is not None}
        self._writer.emit({"event": event, "ts": moment(time.time()), "call_id": self.call_id, **known})

    def _billed(self, operation: Operation) -> Operation:
        return billed_by(operation, self._providers)


def _safely(handler: Callable[..., None]) -> Callable[..., None]:
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
