"""What is asked of the words that were said, beyond the phrases of the outcome rules. Both read the logs once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicetel.sentiment import Scorer
    from voicetel.store import LoadProgress


@dataclass(frozen=True, slots=True)
class AskedOfWords:
    """``scorer`` tells how callers felt. ``progress`` is told how far the reading of words is."""

    scorer: Scorer | None = None
    progress: LoadProgress | None = None


NOTHING = AskedOfWords()
