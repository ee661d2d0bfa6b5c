"""LiveKit Agents: one line in an entrypoint writes down every call.

>>> from voicetel.recorder.livekit import record
>>> session = AgentSession(...)
>>> record(session)
>>> await session.start(...)
"""

from __future__ import annotations

from voicetel.recorder.livekit.missing import LiveKitMissingError

try:
    from voicetel.recorder.livekit.recording import record
    from voicetel.recorder.livekit.session_recorder import SessionRecorder
except ImportError as error:
    if (error.name or "").partition(".")[0] != "livekit":
        raise
    raise LiveKitMissingError from error

__all__ = ["LiveKitMissingError", "SessionRecorder", "record"]
