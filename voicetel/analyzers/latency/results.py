"""What the latency analyzers give back."""

from __future__ import annotations

from voicetel.analyzers.core.statistics import Statistics
from voicetel.results import figure, result


@result
class LatencySummary:
    """One latency over all turns, in ms.

    ``impossible`` values were excluded. ``histogram`` counts the values in equal steps from ``min`` to ``p99``; the last
    step takes what is above too. Empty where there is nothing to show.
    """

    name: str = figure(hidden=True)
    statistics: Statistics = figure(inline=True)
    impossible: int = figure("Values that were excluded.", default=0)
    histogram: tuple[int, ...] = figure(hidden=True, default=())
