"""What the job and its room know of a call: its id, who called whom, how the line ended, which outcome the agent gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from livekit import rtc

from voicetel.recorder.livekit.end_reasons import (
    AGENT_SIDE_DISCONNECT_REASONS,
    JOB_CRASHED_REASON,
    NOT_CONNECTED_OUTCOMES,
    REMOVED_THROUGH_API_REASONS,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from livekit.agents import AgentSession, JobContext

_SIP_RULE_ID: Final = "sip.ruleID"
_SIP_CALL_ID: Final = "sip.callID"
_SIP_CALL_STATUS: Final = "sip.callStatus"
_CALLER_LEFT_CLOSE_REASON: Final = "participant_disconnected"
"""The session's word for a line that dropped: after it the job has nothing more to say about the call's end."""

_PROOF_CONFIDENCE: Final = 0.9
_AMD_TAG_PREFIX: Final = "lk.amd:"


class JobRoom:
    """A job's room, or nothing where there is no job.

    ``mark`` writes down that the line was answered, and digits that were typed on it.
    """

    def __init__(self, job: JobContext | None, mark: Callable[[str, str | None], None]) -> None:
        self._job = job
        self._mark = mark
        self._participant_disconnect_reason: str | None = None
        self._agent_disconnect_reason: str | None = None
        self._shutdown_reason: str | None = None
        self._party_identity: str | None = None
        self._answered = False

    @property
    def is_real_job(self) -> bool:
        """Whether LiveKit carries the call: a job that is neither a console's nor a test's."""
        return self._job is not None and not self._job.is_fake_job()

    @property
    def real_job_id(self) -> str | None:
        """The job's id; a fake job's is the same every time."""
        return self._job.job.id if self._job is not None and self.is_real_job else None

    @property
    def agent_name(self) -> str | None:
        """The name under which the agent was dispatched."""
        return (self._job.job.agent_name or None) if self._job is not None else None

    @property
    def tags(self) -> dict[str, str]:
        """Room and job, to find the call again in LiveKit's own records."""
        if self._job is None:
            return {}
        known = {"room": self._job.job.room.name, "job_id": self._job.job.id}
        return {name: value for name, value in known.items() if value}

    def subscribe(
        self,
        listen: Callable[[Any, str, Callable[..., None]], None],
        on_shutdown: Callable[[str], Coroutine[None, None, None]],
    ) -> None:
        """Listen to the room, and to the job's end."""
        if self._job is None:
            return
        listen(self._job.room, "participant_disconnected", self._on_participant_disconnected)
        listen(self._job.room, "participant_attributes_changed", self._on_attributes_changed)
        listen(self._job.room, "sip_dtmf_received", self._on_dtmf)
        listen(self._job.room, "disconnected", self._on_agent_disconnected)
        self._job.add_shutdown_callback(on_shutdown)

    def new_party_fields(self, session: AgentSession[Any]) -> dict[str, Any] | None:
        """What the other party's attributes say of the call, once, as soon as there is one."""
        participant = _other_party(session) if self._party_identity is None else None
        if participant is None:
            return None
        self._party_identity = participant.identity
        if participant.kind != rtc.ParticipantKind.PARTICIPANT_KIND_SIP:
            return {"direction": "web", "tags": {**self.tags, "participant": participant.identity}}
        self._on_sip_status(participant.attributes.get(_SIP_CALL_STATUS))
        # A SIP caller's identity is a telephone number; the call's id finds it without writing it down.
        sip_call_id = participant.attributes.get(_SIP_CALL_ID)
        tags = {**self.tags, _SIP_CALL_ID: sip_call_id} if sip_call_id else self.tags
        return {"direction": "inbound" if participant.attributes.get(_SIP_RULE_ID) else "outbound", "tags": tags}

    def set_shutdown_reason(self, reason: str) -> None:
        """The job says why it shuts down."""
        self._shutdown_reason = reason or None

    def resolve_end_reason(self, session_end_reason: str) -> str:
        """What the line's and the job's end make of the session's reason: both may have come before it closed."""
        if session_end_reason == "error":
            return session_end_reason
        participant_reason, agent_reason = self._participant_disconnect_reason, self._agent_disconnect_reason
        if participant_reason in NOT_CONNECTED_OUTCOMES:
            return "not_connected"
        if participant_reason is not None:
            return "agent_hangup" if participant_reason in REMOVED_THROUGH_API_REASONS else "caller_hangup"
        if self._shutdown_reason == JOB_CRASHED_REASON:
            return "error"
        if (
            agent_reason is None
            or agent_reason in AGENT_SIDE_DISCONNECT_REASONS
            or session_end_reason == "not_connected"
        ):
            return session_end_reason
        return "caller_hangup" if agent_reason == "ROOM_CLOSED" else "error"

    def late_end_fields(self, call_ended_fields: Mapping[str, Any]) -> dict[str, object]:
        """What the job's reason adds to an end that is written already: most calls are over before their job is."""
        tags = call_ended_fields.get("tags") or {}
        if (
            self._shutdown_reason is None
            or "shutdown_reason" in tags
            or tags.get("close_reason") == _CALLER_LEFT_CLOSE_REASON
        ):
            return {}
        late: dict[str, object] = {"tags": tags | self.end_tags}
        by_crash = self._shutdown_reason == JOB_CRASHED_REASON and call_ended_fields.get("end_reason") == "agent_hangup"
        return late | {"end_reason": "error"} if by_crash else late

    @property
    def end_tags(self) -> dict[str, str]:
        """The room's and the job's own words for the end."""
        disconnect_reason = self._participant_disconnect_reason or self._agent_disconnect_reason
        known = {"disconnect_reason": disconnect_reason, "shutdown_reason": self._shutdown_reason}
        return {name: value for name, value in known.items() if value}

    def evidence(self, *, caller_said_anything: bool) -> dict[str, object]:
        """The outcome that the agent gave the call (``ctx.tagger``), what answered it, and why it was never connected."""
        found: dict[str, object] = {}
        if not caller_said_anything and self._participant_disconnect_reason in NOT_CONNECTED_OUTCOMES:
            found = {
                "outcome": NOT_CONNECTED_OUTCOMES[self._participant_disconnect_reason],
                "outcome_confidence": _PROOF_CONFIDENCE,
                "outcome_reason": f"LiveKit: {self._participant_disconnect_reason}",
            }
        if self._job is None:
            return found
        tagger = self._job.tagger
        for tag in sorted(tagger.tags):
            if tag.startswith(_AMD_TAG_PREFIX):
                found["amd"] = tag.removeprefix(_AMD_TAG_PREFIX)
        if tagger.outcome is not None:
            found |= {"outcome": tagger.outcome, "outcome_confidence": 1, "outcome_reason": tagger.outcome_reason}
        return {name: value for name, value in found.items() if value is not None}

    def _is_other_party(self, participant: Any) -> bool:
        if participant is None or participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
            return False
        return self._party_identity in {None, participant.identity}

    def _on_participant_disconnected(self, participant: rtc.RemoteParticipant) -> None:
        if self._is_other_party(participant) and participant.disconnect_reason:
            self._participant_disconnect_reason = rtc.DisconnectReason.Name(participant.disconnect_reason)

    def _on_agent_disconnected(self, reason: Any = None) -> None:
        self._agent_disconnect_reason = rtc.DisconnectReason.Name(reason) if reason is not None else "UNKNOWN_REASON"

    def _on_attributes_changed(self, changed: Any, participant: Any) -> None:
        if _SIP_CALL_STATUS in changed and self._is_other_party(participant):
            self._on_sip_status(participant.attributes.get(_SIP_CALL_STATUS))

    def _on_sip_status(self, status: str | None) -> None:
        if status == "active" and not self._answered:
            self._answered = True
            self._mark("answered", None)

    def _on_dtmf(self, _: object) -> None:
        # How many, never which.
        self._mark("dtmf", "1")


def _other_party(session: AgentSession[Any]) -> rtc.RemoteParticipant | None:
    try:
        return session.room_io.linked_participant
    except RuntimeError:
        return None
