"""How long callers waited, and for which stage: statistics over turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.analyzers.results import LatencySummary, Statistics
from voicetel.analyzers.scope import query
from voicetel.events.metrics import LATENCIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.scope import Scope

PERCENTILES = (0.5, 0.9, 0.95, 0.99)
PLACES = 6
"""Of an average or a percentile in ms: finer than any clock, coarse enough to be rid of the noise of binary fractions."""

HISTOGRAM_STEPS = 8


def latency(scope: Scope, *, histograms: bool = True) -> dict[int | None, tuple[int, tuple[LatencySummary, ...]]]:
    """Group number → (turns, one summary per latency); under None, all calls. Histograms are made for all calls."""
    names = [each.name for each in LATENCIES]
    text = query("latency.sql").replace("{figures}", ", ".join(_figures(name) for name in names))
    found: dict[int | None, tuple[int, tuple[LatencySummary, ...]]] = {}
    for part, turns, *values in scope.sql(scope.filled(text)):
        summaries = []
        for i, name in enumerate(names):
            n, total, lowest, highest, percentiles, impossible = values[6 * i : 6 * i + 6]
            statistics = _statistics(n, total, lowest, highest, percentiles)
            steps = _histogram(scope, name, statistics) if histograms and part is None else ()
            summaries.append(LatencySummary(name, statistics, impossible, steps))
        found[part] = (turns, tuple(summaries))
    return found


def _figures(name: str) -> str:
    shares = ", ".join(str(share) for share in PERCENTILES)
    return (
        f"count({name}), sum({name}), min({name}), max({name}), quantile_cont(CAST({name} AS DOUBLE), [{shares}]), "
        f"count(*) FILTER (list_contains(impossible, '{name}'))"
    )


def _statistics(n: int, total: Any, lowest: Any, highest: Any, percentiles: Sequence[float] | None) -> Statistics:
    if not n or percentiles is None:
        return Statistics()
    p50, p90, p95, p99 = (round(value, PLACES) for value in percentiles)
    return Statistics(n, round(float(total) / n, PLACES), float(lowest), p50, p90, p95, p99, float(highest))


def _histogram(scope: Scope, name: str, statistics: Statistics) -> tuple[int, ...]:
    low, high = statistics.min, statistics.p99
    if low is None or high is None or high <= low:
        return ()
    counts = dict(
        scope.sql(
            f"SELECT least(CAST(floor((CAST({name} AS DOUBLE) - $low) / $step) AS INTEGER), $last) AS step, count(*)"
            f" FROM {scope.filled('{turns}')} WHERE {name} IS NOT NULL GROUP BY step",
            low=low,
            step=(high - low) / HISTOGRAM_STEPS,
            last=HISTOGRAM_STEPS - 1,
        )
    )
    return tuple(counts.get(step, 0) for step in range(HISTOGRAM_STEPS))
