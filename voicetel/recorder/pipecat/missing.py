"""What to say where pipecat-ai is not installed."""

from __future__ import annotations

from voicetel.errors import VoicetelError


class PipecatMissingError(VoicetelError, ImportError):
    """pipecat-ai is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "the Pipecat recorder needs pipecat-ai: pip install 'voicetel[pipecat]'",
            hint="pip install 'voicetel[pipecat]'",
        )
