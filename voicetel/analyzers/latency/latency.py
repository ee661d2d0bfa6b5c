"""How long callers waited, and for which stage: statistics over turns."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from voicetel.analyzers.core.selected_views import LATENCY_NAMES, create_latency_values
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import PERCENTILES, Statistics, statistics_of
from voicetel.analyzers.latency.results import LatencySummary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.analyzers.core.context import AnalysisContext

    Key = tuple[int | None, str]
    """A group, None for all calls, and the name of a latency."""

HISTOGRAM_BUCKETS = 8


def latency(context: AnalysisContext, *, histograms: bool = True) -> dict[int | None, dict[str, LatencySummary]]:
    """Group → latency → its summary; under None, all calls. Histograms are made for all calls."""
    create_latency_values(context.connection, every_turn=context.is_unfiltered and not context.is_grouped)
    context.rows(load_sql(__name__, "latency_counts.sql"))
    statistics = _statistics(context)
    buckets = _histograms(context, statistics) if histograms else {}
    impossible = {
        (group_id, name): n for group_id, name, n in context.rows(load_sql(__name__, "impossible_latencies.sql"))
    }

    def summary(group_id: int | None, name: str) -> LatencySummary:
        found = statistics.get((group_id, name), Statistics())
        histogram = buckets.get(name, ()) if group_id is None else ()
        return LatencySummary(name, found, impossible.get((group_id, name), 0), histogram)

    return {group_id: {name: summary(group_id, name) for name in LATENCY_NAMES} for group_id in context.group_ids}


def _statistics(context: AnalysisContext) -> dict[Key, Statistics]:
    percentiles = _percentiles(context)
    return {
        (group_id, name): statistics_of(n, total, lowest, highest, percentiles[group_id, name])
        for group_id, name, n, total, lowest, highest in context.rows(load_sql(__name__, "latency.sql"))
        if (group_id, name) in percentiles
    }


def _percentiles(context: AnalysisContext) -> dict[Key, list[float]]:
    """PERCENTILES of each latency in ms."""
    sql = load_sql(__name__, "latency_percentiles.sql")
    found: defaultdict[Key, list[float]] = defaultdict(list)
    for by_group in (False, True) if context.is_grouped else (False,):
        for group_id, name, _, low, high, weight in context.rows(sql, shares=list(PERCENTILES), by_group=by_group):
            found[group_id, name].append(low + (high - low) * weight)
    return dict(found)


def _histograms(context: AnalysisContext, statistics: Mapping[Key, Statistics]) -> dict[str, tuple[int, ...]]:
    """The histogram of each latency over all calls that has more than one value."""
    spans = {
        name: (found.min, found.p99)
        for (group_id, name), found in statistics.items()
        if group_id is None and found.min is not None and found.p99 is not None and found.p99 > found.min
    }
    rows = context.rows(
        load_sql(__name__, "latency_histograms.sql"),
        latencies=list(spans),
        low_ms=[low for low, _ in spans.values()],
        step_ms=[(high - low) / HISTOGRAM_BUCKETS for low, high in spans.values()],
        last=HISTOGRAM_BUCKETS - 1,
    )
    counts = {(name, bucket): n for name, bucket, n in rows}
    return {name: tuple(counts.get((name, bucket), 0) for bucket in range(HISTOGRAM_BUCKETS)) for name in spans}
