"""What the latency analyzers give back."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class ModelLatency:
    """One latency of one group of calls and one provider or model; ``key`` runs along what was asked for."""

    group_id: int
    name: str
    key: tuple[str | None, ...]
    statistics: Statistics
    impossible: int


@result
class SlowCall:
    """A call with a slow turn: the response latency of its slowest turn, and the stage that took most of it."""

    call_id: str = figure("The call.")
    eou_latency_ms: float = figure("Of its slowest turn.", unit="ms")
    turn: int | None = figure("Number of that turn.")
    stage: str | None = figure("The stage that took most of it.")
    stage_ms: float | None = figure("How much it took.", unit="ms")
