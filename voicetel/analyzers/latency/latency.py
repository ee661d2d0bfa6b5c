"""How long callers waited, and for which stage: statistics over turns, and over calls of tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import Statistics
from voicetel.analyzers.latency.results import LatencySummary
from voicetel.analyzers.value_statistics.value_statistics import HISTOGRAM_BUCKETS
from voicetel.events.metrics import ALL_LATENCY_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.value_statistics.value_statistics import Key

LATENCY_VALUES_SQL = "SELECT group_id, latency AS measure, ms FROM latency_values"
"""What ``value_statistics`` is asked of, once there are ``create_latency_values``."""


def latency(
    context: AnalysisContext, statistics: Mapping[Key, Statistics], *, histograms: bool = True
) -> dict[int | None, dict[str, LatencySummary]]:
    """Group → latency → its summary; under None, all calls. Histograms are made for all calls.

    ``statistics`` are those of ``LATENCY_VALUES_SQL``, for ``histograms`` asked for with the names of all latencies. A latency that is
    of no single operation has no value in a group of operations.
    """
    buckets = _histograms(context, statistics) if histograms else {}
    impossible_sql = load_sql(__name__, "impossible_latencies.sql")
    found = context.aggregate_rows("impossible_latencies", impossible_sql, MergeByKeys(keys=("group_id", "latency")))
    impossible = {(group_id, name): n for group_id, name, n in found}

    def summary(group_id: int | None, name: str) -> LatencySummary:
        found = statistics.get((group_id, name), Statistics())
        histogram = buckets.get(name, ()) if group_id is None else ()
        return LatencySummary(name, found, impossible.get((group_id, name), 0), histogram)

    return {group_id: {name: summary(group_id, name) for name in ALL_LATENCY_NAMES} for group_id in context.group_ids}


def _histograms(context: AnalysisContext, statistics: Mapping[Key, Statistics]) -> dict[str, tuple[int, ...]]:
    """The histogram of each latency over all calls that has more than one value."""
    spans = {
        name: (found.min, found.p99)
        for (group_id, name), found in statistics.items()
        if group_id is None
        and name in ALL_LATENCY_NAMES
        and found.min is not None
        and found.p99 is not None
        and found.p99 > found.min
    }
    if not spans:
        return {}
    if context.value_lists is not None:
        return {
            name: context.value_lists.histogram(name, low, (high - low) / HISTOGRAM_BUCKETS, HISTOGRAM_BUCKETS)
            for name, (low, high) in spans.items()
        }
    context.run_without_calls(
        load_sql(__name__, "histogram_bounds.sql"),
        latencies=list(spans),
        low_ms=[low for low, _ in spans.values()],
        step_ms=[(high - low) / HISTOGRAM_BUCKETS for low, high in spans.values()],
    )
    rows = context.rows(load_sql(__name__, "latency_histograms.sql"), last=HISTOGRAM_BUCKETS - 1)
    counts = {(name, bucket): n for name, bucket, n in rows}
    return {name: tuple(counts.get((name, bucket), 0) for bucket in range(HISTOGRAM_BUCKETS)) for name in spans}
