"""LiveKit's reasons for how a call ended → the log's."""

from __future__ import annotations

from typing import Final

from livekit.agents import CloseReason

END_REASON_OF_CLOSE_REASON: Final[dict[str, str]] = {
    CloseReason.PARTICIPANT_DISCONNECTED: "caller_hangup",
    CloseReason.USER_INITIATED: "agent_hangup",
    CloseReason.TASK_COMPLETED: "agent_hangup",
    CloseReason.JOB_SHUTDOWN: "agent_hangup",
    CloseReason.ERROR: "error",
}
"""Why the session closed → end_reason."""

NOT_CONNECTED_OUTCOMES: Final = {"USER_UNAVAILABLE": "no_answer", "USER_REJECTED": "busy", "SIP_TRUNK_FAILURE": "fail"}
"""Why a line was never connected → the outcome it proves."""

REMOVED_THROUGH_API_REASONS: Final = frozenset({"ROOM_DELETED", "PARTICIPANT_REMOVED"})
"""Why a participant left who did not want to: a room is deleted, a participant removed, by whoever holds the API key."""

AGENT_SIDE_DISCONNECT_REASONS: Final = REMOVED_THROUGH_API_REASONS | {"CLIENT_INITIATED"}
"""Why the agent left its room where its own side ended the call: by its own code, or through the API."""

JOB_CRASHED_REASON: Final = "job crashed"
"""The reason that LiveKit gives a job whose entrypoint raised."""


def end_reason_of_unstarted_session(shutdown_reason: str) -> str:
    """Give the end_reason of a call whose session never came to start, by its job's."""
    return "error" if shutdown_reason == JOB_CRASHED_REASON else "not_connected"
