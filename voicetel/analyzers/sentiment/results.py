"""How callers felt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnSentiment:
    """How callers felt turn by turn, by their words.

    ``turns`` are those in which the caller spoke, ``n`` those with a score: ``good``, ``neutral`` and ``bad`` ones.
    """

    turns: int
    n: int
    avg: float | None
    good: int
    neutral: int
    bad: int


@dataclass(frozen=True, slots=True)
class Sentiment:
    """How callers felt, −1 to 1, over the ``n`` calls for which it is known; ``turns`` where words were scored."""

    n: int
    avg: float | None
    turns: TurnSentiment | None = None
