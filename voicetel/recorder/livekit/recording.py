"""One line in an entrypoint: ``record(session)``."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voicetel.recorder.livekit.session_recorder import SessionRecorder
from voicetel.recorder.writer.shared_writer import shared_writer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livekit.agents import AgentSession

    from voicetel.recorder.destination import ProviderOverrides
    from voicetel.recorder.writer import EventWriter

_recorders: dict[AgentSession[Any], SessionRecorder] = {}
_session_count_of_job: Counter[str] = Counter()


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
    providers: ProviderOverrides | None = None,
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
    call_started_fields = {
        "agent_name": agent_name,
        "agent_version": agent_version,
        "campaign": campaign,
        "direction": direction,
        "language": language,
        "tags": dict(tags or {}),
    }
    folder = Path(log_dir or os.environ.get("VOICETEL_LOGS") or "logs")
    recorder = SessionRecorder(
        session,
        writer or shared_writer(folder),
        call_started_fields,
        call_id=call_id,
        next_call_id=_next_call_id,
        providers=providers or {},
        on_end=lambda: _recorders.pop(session, None),
    )
    _recorders[session] = recorder
    return recorder


def _next_call_id(job_id: str) -> str:
    """A job's second session is a call of its own: its turns are counted from 1 again."""
    _session_count_of_job[job_id] += 1
    ordinal = _session_count_of_job[job_id]
    return job_id if ordinal == 1 else f"{job_id}-{ordinal}"
