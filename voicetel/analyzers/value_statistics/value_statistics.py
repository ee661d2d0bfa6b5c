"""Statistics over values in ms: counted by the whole ms first, then exact where a percentile lies."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import PERCENTILES, Statistics, statistics_of

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext

    Key = tuple[int | None, str]
    """A group, None for all calls, and what is measured."""


def value_statistics(context: AnalysisContext, values: str) -> dict[Key, Statistics]:
    """(group, measure) → statistics of the rows of ``values``, SQL for ``group_id``, ``measure`` and ``ms`` (a DECIMAL).

    Under the group None stand all groups together. What is not known of any call does not come. Leaves ``measured_values``
    and ``value_counts``. Where the context has lists of values, nothing is counted.
    """
    if context.value_lists is not None:
        return context.value_lists.statistics(context, values)
    context.create_view("measured_values", values)
    context.persist("measured_values")
    counted = MergeByKeys(keys=("group_id", "measure", "ms_bucket"), min_of=("min_ms",), max_of=("max_ms",))
    context.aggregate("value_counts", load_sql(__name__, "value_counts.sql"), counted)
    percentiles = _percentiles(context)
    return {
        (group_id, name): statistics_of(n, total, lowest, highest, percentiles[group_id, name])
        for group_id, name, n, total, lowest, highest in context.rows(load_sql(__name__, "value_sums.sql"))
        if (group_id, name) in percentiles
    }


def _percentiles(context: AnalysisContext) -> dict[Key, list[float]]:
    """PERCENTILES of each measure in ms."""
    exact = MergeByKeys(keys=("group_id", "measure", "ms_bucket", "ms"))
    found: defaultdict[Key, list[float]] = defaultdict(list)
    for by_group in (False, True) if context.is_grouped else (False,):
        context.rows(load_sql(__name__, "percentile_ranks.sql"), shares=list(PERCENTILES), by_group=by_group)
        in_ms = load_sql(__name__, "values_near_percentiles.sql")
        context.aggregate("values_near_percentiles", in_ms, exact, broadcast=("percentile_ranks",), by_group=by_group)
        for group_id, name, _, low, high, weight in context.rows(load_sql(__name__, "percentiles.sql")):
            found[group_id, name].append(low + (high - low) * weight)
    return dict(found)
