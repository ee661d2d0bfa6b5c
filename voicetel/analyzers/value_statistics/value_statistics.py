"""Statistics over values in ms: counted by the whole ms first, then exact where a percentile lies."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import PERCENTILES, Statistics, statistics_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.context import AnalysisContext

    Key = tuple[int | None, str]
    """A group, None for all calls, and what is measured."""

HISTOGRAM_BUCKETS = 8
"""Of a histogram: from the least value to the 99th percentile, the last takes what is above too."""


def value_statistics(
    context: AnalysisContext, values_sql: str, histograms: Sequence[str] = ()
) -> dict[Key, Statistics]:
    """(group, measure) → statistics of the rows of ``values_sql``, SQL for ``group_id``, ``measure`` and ``ms`` (a DECIMAL).

    Under the group None stand all groups together. What is not known of any call does not come. Leaves ``value_counts``,
    ``exact_whole_ms`` and ``exact_values``, of which latency_histograms.sql makes histograms of the measures in ``histograms``. Where the
    context has lists of values, nothing is counted.
    """
    if context.value_lists is not None:
        return context.value_lists.statistics(context, values_sql)
    context.create_view("measured_values", values_sql)
    context.keep_for_second_pass("measured_values")
    counts_rule = MergeByKeys(keys=("group_id", "measure", "whole_ms"), min_of=("min_ms",), max_of=("max_ms",))
    context.aggregate("value_counts", load_sql(__name__, "value_counts.sql"), counts_rule)
    percentiles = _percentiles(context, histograms)
    return {
        (group_id, name): statistics_of(n, total, lowest, highest, percentiles[group_id, name])
        for group_id, name, n, total, lowest, highest in context.rows(load_sql(__name__, "value_sums.sql"))
        if (group_id, name) in percentiles
    }


def _percentiles(context: AnalysisContext, histograms: Sequence[str]) -> dict[Key, list[float]]:
    """PERCENTILES of each measure in ms: all that is wanted of single values is asked for at once."""
    by_group = context.is_grouped
    context.run_without_calls(load_sql(__name__, "percentile_ranks.sql"), shares=list(PERCENTILES), by_group=by_group)
    context.run_without_calls(
        load_sql(__name__, "exact_whole_ms.sql"), histograms=list(histograms), buckets=HISTOGRAM_BUCKETS
    )
    values_rule = MergeByKeys(keys=("group_id", "measure", "whole_ms", "ms"))
    exact_values_sql = load_sql(__name__, "exact_values.sql")
    context.aggregate("exact_values", exact_values_sql, values_rule, broadcast=("exact_whole_ms",), by_group=by_group)
    found: defaultdict[Key, list[float]] = defaultdict(list)
    for group_id, name, _, low, high, weight in context.rows(load_sql(__name__, "percentiles.sql")):
        found[group_id, name].append(low + (high - low) * weight)
    return dict(found)
