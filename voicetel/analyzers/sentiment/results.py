"""How callers felt."""

from __future__ import annotations

from voicetel.results import CellFormat, figure, result


@result
class TurnSentiment:
    """How callers felt turn by turn, by their words."""

    turns: int = figure("Turns in which the caller spoke.")
    n: int = figure("Those with a score.")
    avg: float | None = figure("Their mean, −1 to 1.", minimum=-1, maximum=1, format=CellFormat.SCORE)
    good: int = figure("Turns with a good score.")
    neutral: int = figure("Turns with a score near 0.")
    bad: int = figure("Turns with a bad score.")


@result
class Sentiment:
    """How callers felt, over the ``n`` calls for which it is known; ``turns`` where words were scored. None of a group of turns or operations."""

    n: int | None = figure("Calls for which it is known.")
    avg: float | None = figure("Their mean, −1 to 1.", minimum=-1, maximum=1, format=CellFormat.SCORE)
    turns: TurnSentiment | None = figure(
        "With --sentiment: by the words of each turn.", omit_if_empty=True, in_rows=False, default=None
    )
