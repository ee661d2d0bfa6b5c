"""What to say where livekit-agents is not installed."""

from __future__ import annotations

from voicetel.errors import VoicetelError


class LiveKitMissingError(VoicetelError, ImportError):
    """livekit-agents is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "the LiveKit recorder needs livekit-agents: pip install 'voicetel[livekit]'",
            hint="pip install 'voicetel[livekit]'",
        )
