"""What a command asks of the words that were said: sentiment."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from voicetel.cli import diagnostics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.analyzers.asked_words import AskedOfWords


@contextlib.contextmanager
def asked_of(*, sentiment: bool, scorer: str | None) -> Iterator[AskedOfWords]:
    """What the options ask for, with progress on stderr. Raises UsageError for a scorer that there is not."""
    from voicetel.analyzers.asked_words import AskedOfWords  # noqa: PLC0415  --help does without the engine
    from voicetel.sentiment import load_scorer  # noqa: PLC0415

    with diagnostics.LoadProgress("Scoring") as progress:
        yield AskedOfWords(load_scorer(scorer) if sentiment or scorer else None, progress)
