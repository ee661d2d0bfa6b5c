"""A live ``AgentSession`` → events: what is listened to, and how a call begins and ends."""

from __future__ import annotations

import asyncio
import logging
import os
import time
import uuid
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from livekit.agents import AgentSession, CloseReason, get_job_context
from livekit.agents import __version__ as livekit_version

from voicetel.events.operation import Operation, operation_list
from voicetel.events.timestamps import utc_time
from voicetel.recorder.livekit.listening import Ears, SessionListener, safely
from voicetel.recorder.livekit.metrics import billed_by
from voicetel.recorder.livekit.room import Room
from voicetel.recorder.livekit.turns import TurnTracker
from voicetel.recorder.writer import EventWriter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livekit.agents import CloseEvent

    from voicetel.events.turn_builder import InterruptedBy, TurnBuilder
    from voicetel.recorder.livekit.metrics import Providers

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

_recorders: dict[AgentSession[Any], SessionRecorder] = {}
_writers: dict[Path, EventWriter] = {}
_sessions_of_job: Counter[str] = Counter()


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

    Recording never raises into the session and never waits. A session is recorded once: until it closes, a second call
    gives the recorder that is already there.
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


def _job_call(job_id: str | None) -> str | None:
    """A job's second session is a call of its own: its turns are counted from 1 again."""
    if job_id is None:
        return None
    _sessions_of_job[job_id] += 1
    place = _sessions_of_job[job_id]
    return job_id if place == 1 else f"{job_id}-{place}"


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
        self.call_id = call_id or _job_call(self._room.call_id) or uuid.uuid4().hex
        self._began_s = time.monotonic()
        self._closed = asyncio.Event()
        self._noted: dict[str, object] = {}
        self._last: dict[str, object] = {}
        self._ears = Ears()
        self._tracker = TurnTracker(
            now=time.time, closing=self._is_closing, emit_turn=self._emit_turn, emit_usage=self._emit_usage
        )
        self._started = started | {"source": f"livekit-agents/{livekit_version}"}
        self._started["agent_name"] = started["agent_name"] or self._room.agent_name
        self._started["tags"] = self._room.tags | started["tags"] or None
        self._emit("call_started", **self._started)
        self._listener = SessionListener(
            session, self._tracker, self._ears, providers=providers, mark=self.mark, refreshed=self._learn
        )
        self._listener.start()
        self._ears.listen(session, "close", self._on_close)
        self._room.watch(self._ears.listen, self._on_job_shutdown)

    # What the agent's code knows.

    def enter_state(self, name: str) -> None:
        """Say where in the dialogue the agent is.

        The name is the ``state_id`` of turns that begin from now on; the last one is the call's ``final_state``.
        """
        self._listener.state_id = name

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

    # How the call goes.

    def _learn(self) -> None:
        """Begin the call once more with what the other party tells of it, as soon as they are there."""
        if learned := self._room.learn(self._session):
            known = {name: value for name, value in self._started.items() if value is not None}
            self._started = learned | known | {"tags": learned["tags"] | known.get("tags", {})}
            self._emit("call_started", **self._started)

    def _is_closing(self) -> bool:
        # Not public. Without it the session's end, should it come soon, is taken for what stopped the agent.
        return bool(getattr(self._session, "_closing", True))

    def _on_close(self, event: CloseEvent) -> None:
        self._end(_END_REASONS.get(event.reason, "error"), {"close_reason": str(event.reason.value)})

    async def _on_job_shutdown(self, reason: str) -> None:
        """The process ends after this: let the session close first, then have everything on disk."""
        if self._listener.connected:
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
        _recorders.pop(self._session, None)
        end_reason = self._room.end_reason(end_reason)
        # Whatever may be wrong with a turn, the call has an end.
        safely(self._listener.take_metrics)()
        safely(self._tracker.close)(_CUT_BY.get(end_reason, "agent"))
        self._ears.close()
        duration_s = round(time.monotonic() - self._began_s, 3)
        self._last = {
            "duration_s": duration_s,
            "final_state": self._listener.state_id,
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
        if changed and self._closed.is_set():
            self._emit("call_ended", **changed)

    def _transport(self, duration_s: float) -> list[dict[str, object]] | None:
        """The room's minutes: LiveKit's, inside a job; elsewhere only where the author says so."""
        if self._providers.get("transport", "livekit" if self._room.is_real else None) is None:
            return None
        minutes = Operation("transport", "livekit", quantities={"session_s": duration_s})
        return operation_list([billed_by(minutes, self._providers)], None)

    def _emit_turn(self, turn: TurnBuilder, number: int) -> None:
        # The turn changes no more: its event can be put together on the writer's thread.
        self._writer.emit(partial(turn.event, self.call_id, number))

    def _emit_usage(self, operations: list[Operation]) -> None:
        self._emit("usage", operations=operation_list(operations, None))

    def _emit(self, event: str, **fields: object) -> None:
        known = {name: value for name, value in fields.items() if value is not None}
        self._writer.emit({"event": event, "ts": utc_time(time.time()), "call_id": self.call_id, **known})
