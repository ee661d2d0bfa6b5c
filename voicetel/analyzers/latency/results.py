"""What the latency analyzers give back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicetel.analyzers.core.statistics import Statistics


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """One latency over all turns, in ms.

    ``impossible`` values were excluded. ``histogram`` counts the values in equal steps from ``min`` to ``p99``; the last
    step takes what is above too. Empty where there is nothing to show.
    """

    name: str
    statistics: Statistics
    impossible: int = 0
    histogram: tuple[int, ...] = ()
