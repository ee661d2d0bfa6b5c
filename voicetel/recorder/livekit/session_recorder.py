"""A live ``AgentSession`` → events: how a call begins and ends, and what the agent's code can add."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import TYPE_CHECKING, Any, Final

from livekit.agents import AgentSession, get_job_context
from livekit.agents import __version__ as livekit_version

from voicetel.events.operation import Operation
from voicetel.events.turn_builder import INTERRUPTED_BY_OF_END_REASON
from voicetel.recorder.livekit.call_event_writer import CallEventWriter
from voicetel.recorder.livekit.clock import SteadyClock
from voicetel.recorder.livekit.components import Components
from voicetel.recorder.livekit.end_reasons import END_REASON_OF_CLOSE_REASON, end_reason_of_unstarted_session
from voicetel.recorder.livekit.listeners import Listeners, safely
from voicetel.recorder.livekit.metrics import with_billing_provider
from voicetel.recorder.livekit.room import JobRoom
from voicetel.recorder.livekit.session_events import SessionEvents
from voicetel.recorder.livekit.turns.tracker import TurnTracker
from voicetel.recorder.writer import process_exit

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.agents import CloseEvent

    from voicetel.recorder.destination import ProviderOverrides
    from voicetel.recorder.writer import EventWriter

logger = logging.getLogger("voicetel.recorder")

JOB_END_TIMEOUT_S: Final = 4.0
"""How long a job that shuts down waits for its session's end, and again for the disk. LiveKit kills it after 10 s."""


class SessionRecorder:
    """The recording of one call. ``record`` makes it; what it offers is what a session cannot know by itself."""

    def __init__(
        self,
        session: AgentSession[Any],
        writer: EventWriter,
        call_started_fields: dict[str, Any],
        *,
        call_id: str | None,
        next_call_id: Callable[[str], str],
        providers: ProviderOverrides,
        on_end: Callable[[], object],
    ) -> None:
        self._session = session
        self._writer = writer
        self._on_end = on_end
        self._room = room = JobRoom(get_job_context(required=False), self.mark)
        self.call_id = call_id or (next_call_id(room.real_job_id) if room.real_job_id else uuid.uuid4().hex)
        self._clock = clock = SteadyClock()
        self._call_writer = CallEventWriter(writer, self.call_id, clock, transport=self._transport_operation(providers))
        self._ended = asyncio.Event()
        self._noted_evidence: dict[str, object] = {}
        self._call_ended_fields: dict[str, object] = {}
        self._listeners = Listeners()
        components = Components(session)
        self._tracker = TurnTracker(
            clock,
            is_closing=lambda: components.is_closing,
            is_handoff_running=lambda: components.is_handoff_running,
            emit_turn=self._call_writer.emit_turn,
            emit_usage=self._call_writer.emit_usage,
        )
        self._call_started_fields = call_started_fields | {"source": f"livekit-agents/{livekit_version}"}
        self._call_started_fields["agent_name"] = call_started_fields["agent_name"] or room.agent_name
        self._call_started_fields["tags"] = room.tags | call_started_fields["tags"] or None
        self._call_writer.emit("call_started", **self._call_started_fields)
        self._events = SessionEvents(
            session,
            self._tracker,
            self._listeners,
            components=components,
            clock=clock,
            providers=providers,
            mark=self.mark,
            on_session_change=self._on_session_change,
        )
        self._events.start()
        self._listeners.listen(session, "close", self._on_close)
        room.subscribe(self._listeners.listen, self._on_job_shutdown)
        process_exit.before_end(self._on_process_end)

    # What the agent's code knows.

    def enter_state(self, name: str) -> None:
        """Say where in the dialogue the agent is.

        The name is the ``state_id`` of turns that begin from now on; the last one is the call's ``final_state``.
        """
        self._events.state_id = name

    def mark(self, kind: str, value: str | None = None) -> None:
        """Write down that something happened: a ``transfer``, a ``hold``, ``language``."""
        self._call_writer.emit("mark", kind=kind, value=value)

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
        self._noted_evidence |= {name: value for name, value in given.items() if value is not None}

    def end(self, end_reason: str = "not_connected") -> None:
        """End a call whose session never came to start, or which the agent's code knows to be over."""
        self._end(end_reason, {})

    # How the call goes.

    def _on_session_change(self) -> None:
        """The session has started, or has other parts; the other party may have joined it."""
        self._clock.watch()
        self._emit_party_attributes()

    def _emit_party_attributes(self) -> None:
        """Begin the call once more with what the other party's attributes say of it, as soon as they are there."""
        if learned := self._room.new_party_fields(self._session):
            known = {name: value for name, value in self._call_started_fields.items() if value is not None}
            self._call_started_fields = learned | known | {"tags": learned["tags"] | known.get("tags", {})}
            self._call_writer.emit("call_started", **self._call_started_fields)

    def _on_close(self, event: CloseEvent) -> None:
        self._end(END_REASON_OF_CLOSE_REASON.get(event.reason, "error"), {"close_reason": str(event.reason.value)})

    async def _on_job_shutdown(self, reason: str) -> None:
        """The process ends after this: let the session close first, then have everything on disk."""
        if self._events.session_started:
            self._room.set_shutdown_reason(reason)
            try:
                await asyncio.wait_for(self._ended.wait(), JOB_END_TIMEOUT_S)
            except TimeoutError:
                logger.warning("call %s: its session was still open when its job ended", self.call_id)
                self._end("agent_hangup", {})
        else:
            self._end(end_reason_of_unstarted_session(reason), {"close_reason": reason} if reason else {})
        self._emit_late_end()
        await self._writer.aflush(JOB_END_TIMEOUT_S)

    def _on_process_end(self) -> None:
        """The process ends and nobody has closed the session."""
        # A test's capture is none of this process's log.
        if self._writer.lines_written:
            self._end("error", {"close_reason": "process ended"})

    # What is written.

    def _end(self, end_reason: str, tags: dict[str, str]) -> None:
        if self._ended.is_set():
            return
        self._ended.set()
        self._on_end()
        process_exit.no_longer_before_end(self._on_process_end)
        end_reason = self._room.resolve_end_reason(end_reason)
        # Whatever may be wrong with a turn, the call has an end.
        safely(self._events.metrics.process_pending)()
        safely(self._tracker.close)(INTERRUPTED_BY_OF_END_REASON.get(end_reason, "agent"))
        self._listeners.close()
        self._clock.stop_watching()
        duration_s = self._call_writer.duration_s
        self._call_ended_fields = {
            "duration_s": duration_s,
            "final_state": self._events.state_id,
            "end_reason": end_reason,
            "operations": self._call_writer.transport_operations(duration_s),
            "tags": tags | self._room.end_tags or None,
            **self._room.evidence(caller_said_anything=self._tracker.caller_side.said_anything),
            **self._noted_evidence,
        }
        self._call_writer.emit("call_ended", **self._call_ended_fields)

    def _emit_late_end(self) -> None:
        """What is known of the end only after the session has closed: an outcome, why the job shuts down."""
        late = (
            self._room.evidence(caller_said_anything=self._tracker.caller_side.said_anything)
            | self._room.late_end_fields(self._call_ended_fields)
            | self._noted_evidence
        )
        changed = {name: value for name, value in late.items() if self._call_ended_fields.get(name) != value}
        if changed and self._ended.is_set():
            self._call_writer.emit("call_ended", **changed)

    def _transport_operation(self, providers: ProviderOverrides) -> Operation | None:
        """Who carries the call and bills its minutes: LiveKit inside a job; elsewhere only where the author says so."""
        if providers.get("transport", "livekit" if self._room.is_real_job else None) is None:
            return None
        return with_billing_provider(Operation("transport", "livekit"), providers)
