"""What transcripts are read for, beyond the phrases of the outcome rules: sentiment and a language model, each of which reads the logs once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicetel.llm import LlmClassifier
    from voicetel.sentiment import Scorer
    from voicetel.store import LoadProgress


@dataclass(frozen=True, slots=True)
class TranscriptOptions:
    """Unless something is said, transcripts are not read.

    ``scorer`` scores sentiment. ``classifier`` classifies calls that the rules leave unknown, or are less sure
    of than ``below_confidence``. ``progress`` is notified of how far the reading of transcripts is.
    """

    scorer: Scorer | None = None
    classifier: LlmClassifier | None = None
    below_confidence: float = 0.0
    progress: LoadProgress | None = None

    @property
    def reads_transcripts(self) -> bool:
        """Whether transcripts have to be read."""
        return self.scorer is not None or self.classifier is not None


NO_TRANSCRIPTS = TranscriptOptions()
