"""What the job and its room know of a call: its id, who called whom, how the line ended, how the agent judged it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from livekit import rtc

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from livekit.agents import AgentSession, JobContext

_SIP_RULE: Final = "sip.ruleID"
_SIP_CALL: Final = "sip.callID"
_NOT_CONNECTED: Final = {
    "USER_UNAVAILABLE": "no_answer",
    "USER_REJECTED": "busy",
    "SIP_TRUNK_FAILURE": "fail",
}
"""Why a line was never connected → the outcome it proves."""

_BY_THE_AGENT: Final = frozenset({"ROOM_DELETED", "PARTICIPANT_REMOVED"})
_PROOF: Final = 0.9
_AMD_TAG: Final = "lk.amd:"


class Room:
    """A job's room, or nothing where there is no job."""

    def __init__(self, job: JobContext | None) -> None:
        self._job = job
        self._disconnect: str | None = None
        self._party: str | None = None

    @property
    def is_real(self) -> bool:
        """Whether LiveKit carries the call: a job that is neither a console's nor a test's."""
        return self._job is not None and not self._job.is_fake_job()

    @property
    def call_id(self) -> str | None:
        """The job's id; a fake job's is the same every time."""
        return self._job.job.id if self._job is not None and self.is_real else None

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

    def watch(
        self,
        listen: Callable[[Any, str, Callable[[Any], None]], None],
        on_shutdown: Callable[[str], Coroutine[None, None, None]],
    ) -> None:
        """Hear the room, and the job's end."""
        if self._job is not None:
            listen(self._job.room, "participant_disconnected", self._on_disconnected)
            self._job.add_shutdown_callback(on_shutdown)

    def learn(self, session: AgentSession[Any]) -> dict[str, Any] | None:
        """What the other party tells of the call, once, as soon as there is one."""
        participant = _other_party(session) if self._party is None else None
        if participant is None:
            return None
        self._party = participant.identity
        if participant.kind != rtc.ParticipantKind.PARTICIPANT_KIND_SIP:
            return {"direction": "web", "tags": {**self.tags, "participant": participant.identity}}
        # A SIP caller's identity is a telephone number; the call's id finds it without writing it down.
        call = participant.attributes.get(_SIP_CALL)
        tags = {**self.tags, _SIP_CALL: call} if call else self.tags
        return {"direction": "inbound" if participant.attributes.get(_SIP_RULE) else "outbound", "tags": tags}

    def _on_disconnected(self, participant: rtc.RemoteParticipant) -> None:
        if self._party not in {None, participant.identity} or not participant.disconnect_reason:
            return
        if participant.kind != rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
            self._disconnect = rtc.DisconnectReason.Name(participant.disconnect_reason)

    def end_reason(self, reason: str) -> str:
        """What the line's end makes of the session's reason: how the other party left before the session closed."""
        if reason == "error" or self._disconnect is None:
            return reason
        if self._disconnect in _NOT_CONNECTED:
            return "not_connected"
        # A room is deleted, and a participant removed, by whoever holds the API key: the agent's side.
        return "agent_hangup" if self._disconnect in _BY_THE_AGENT else "caller_hangup"

    @property
    def end_tags(self) -> dict[str, str]:
        """The room's own word for the end."""
        return {"disconnect_reason": self._disconnect} if self._disconnect else {}

    def evidence(self, *, spoke: bool) -> dict[str, object]:
        """How the agent judged the call (``ctx.tagger``), what answered it, and why it was never connected."""
        found: dict[str, object] = {}
        if not spoke and self._disconnect in _NOT_CONNECTED:
            reason = f"LiveKit: {self._disconnect}"
            found = {
                "outcome": _NOT_CONNECTED[self._disconnect],
                "outcome_confidence": _PROOF,
                "outcome_reason": reason,
            }
        if self._job is None:
            return found
        tagger = self._job.tagger
        for tag in sorted(tagger.tags):
            if tag.startswith(_AMD_TAG):
                found["amd"] = tag.removeprefix(_AMD_TAG)
        if tagger.outcome is not None:
            found |= {"outcome": tagger.outcome, "outcome_confidence": 1, "outcome_reason": tagger.outcome_reason}
        return {name: value for name, value in found.items() if value is not None}


def _other_party(session: AgentSession[Any]) -> rtc.RemoteParticipant | None:
    try:
        return session.room_io.linked_participant
    except RuntimeError:
        return None
