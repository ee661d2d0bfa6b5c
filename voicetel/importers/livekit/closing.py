"""Why a LiveKit session closed."""

from __future__ import annotations

from typing import Final

_CLOSINGS: Final = {
    "participant_disconnected": "caller_hangup",
    "user_initiated": "agent_hangup",
    "task_completed": "agent_hangup",
    "completed": "agent_hangup",
    "job_shutdown": "agent_hangup",
    "error": "error",
}
CLOSE_REASONS: Final = frozenset(_CLOSINGS)
"""The words that are known."""


def closing(reason: str | None) -> str | None:
    """The log's word for LiveKit's; None for one that is not known."""
    return _CLOSINGS.get(reason or "")
