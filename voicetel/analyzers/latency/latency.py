"""How long callers waited, and for which stage: statistics over turns."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.sql_files import create_temp_view, load_sql
from voicetel.analyzers.core.statistics import PLACES, Statistics
from voicetel.analyzers.latency.results import LatencySummary
from voicetel.events.metrics import LATENCIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.context import AnalysisContext

PERCENTILES = (0.5, 0.9, 0.95, 0.99)
HISTOGRAM_STEPS = 8


def latency(
    context: AnalysisContext, *, histograms: bool = True
) -> dict[int | None, tuple[int, dict[str, LatencySummary]]]:
    """Group number → (turns, latency → its summary); under None, all calls. Histograms are made for all calls."""
    names = [each.name for each in LATENCIES]
    columns = ", ".join(names)
    turns = context.filled(f"SELECT part, {columns}, impossible FROM {{turns}}")
    create_temp_view(
        context.connection, "measured_turns", turns, materialize=not context.everything or bool(context.selection.by)
    )
    text = load_sql(__name__, "latency.sql").replace("{figures}", ", ".join(_figures(name) for name in names))
    percentiles = _percentiles(context, names)
    found: dict[int | None, tuple[int, dict[str, LatencySummary]]] = {}
    for part, count, *values in context.sql(context.filled(text)):
        summaries = {}
        for i, name in enumerate(names):
            n, total, lowest, highest, impossible = values[5 * i : 5 * i + 5]
            statistics = _statistics(n, total, lowest, highest, percentiles.get((part, name)))
            steps = _histogram(context, name, statistics) if histograms and part is None else ()
            summaries[name] = LatencySummary(name, statistics, impossible, steps)
        found[part] = (count, summaries)
    return found


def _figures(name: str) -> str:
    return (
        f"count({name}), sum({name}), min({name}), max({name}), count(*) FILTER (list_contains(impossible, '{name}'))"
    )


def _percentiles(context: AnalysisContext, names: Sequence[str]) -> dict[tuple[int | None, str], Sequence[float]]:
    """(Group number or None, latency) → PERCENTILES in ms."""
    width = len(names)
    keys = f"unnest([{{place}}, {{place}} + (part + 1) * {width}])" if context.selection.by else "{place}"
    rows = " UNION ALL ".join(
        f"SELECT {keys.format(place=place)} AS key, {name} AS ms FROM measured_turns WHERE {name} IS NOT NULL"
        for place, name in enumerate(names)
    )
    text = load_sql(__name__, "percentiles.sql").replace("{rows}", f"({rows})")
    found: defaultdict[tuple[int | None, str], list[float]] = defaultdict(list)
    for key, _, low, high, weight in context.sql(text, shares=list(PERCENTILES)):
        group, place = divmod(key, width)
        found[group - 1 if group else None, names[place]].append(low + (high - low) * weight)
    return dict(found)


def _statistics(n: int, total: Any, lowest: Any, highest: Any, percentiles: Sequence[float] | None) -> Statistics:
    if not n or percentiles is None:
        return Statistics()
    p50, p90, p95, p99 = (round(value, PLACES) for value in percentiles)
    return Statistics(n, round(float(total) / n, PLACES), float(lowest), p50, p90, p95, p99, float(highest))


def _histogram(context: AnalysisContext, name: str, statistics: Statistics) -> tuple[int, ...]:
    low, high = statistics.min, statistics.p99
    if low is None or high is None or high <= low:
        return ()
    counts = dict(
        context.sql(
            f"SELECT least(CAST(floor((CAST({name} AS DOUBLE) - $low) / $step) AS INTEGER), $last) AS step, count(*)"
            f" FROM measured_turns WHERE {name} IS NOT NULL GROUP BY step",
            low=low,
            step=(high - low) / HISTOGRAM_STEPS,
            last=HISTOGRAM_STEPS - 1,
        )
    )
    return tuple(counts.get(step, 0) for step in range(HISTOGRAM_STEPS))
