"""Statistics over values in ms that stand in sorted lists: those of a summary beside those of the remaining calls.

The same figures, to the last bit, as value_statistics.py has from counts: a list costs four bytes a value, and where most values are
known already, nothing but the few that are new has to be sorted.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import numpy as np

from voicetel.analyzers.core.statistics import PERCENTILES, Statistics, statistics_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicetel.analyzers.core.context import AnalysisContext

MAX_VALUES = 50_000_000
"""More are not held in memory: 200 MB."""
_ROWS_AT_ONCE = 200_000
_MAX_INT32 = 2**31 - 1

Values = Any
"""A sorted array of whole µs, of 32 bits where they fit."""


class TooManyValuesError(Exception):
    """There are more values than memory is for."""


@dataclass(slots=True)
class ValueLists:
    """Name of a set of values → measure → its values, sorted. ``summarized``: those of a summary; ``found``: those that were read."""

    summarized: Mapping[str, Mapping[str, Values]] = field(default_factory=dict)
    found: dict[str, dict[str, Values]] = field(default_factory=dict)

    def statistics(self, context: AnalysisContext, values_sql: str) -> dict[tuple[int | None, str], Statistics]:
        """(None, measure) → statistics of the rows of ``values_sql`` (``measure``, ``ms``), and of those of the summary."""
        name = hashlib.blake2b(values_sql.encode(), digest_size=8).hexdigest()
        self.found[name] = read_values(context, values_sql)
        summarized = self.summarized.get(name, {})
        lists = {
            measure: [each[measure] for each in (summarized, self.found[name]) if measure in each]
            for measure in {**summarized, **self.found[name]}
        }
        return {(None, measure): statistics_of_lists(some) for measure, some in lists.items()}

    def histogram(self, measure: str, low_ms: float, step_ms: float, buckets: int) -> tuple[int, ...]:
        """How many values lie in each of some steps from ``low_ms``; the last takes what is above too."""
        sets = (*self.summarized.values(), *self.found.values())
        lists = [each[measure] for each in sets if measure in each]
        below = [sum(_count_below(each, low_ms, step_ms, bucket) for each in lists) for bucket in range(1, buckets)]
        edges = [0, *below, sum(map(len, lists))]
        return tuple(end - begin for begin, end in pairwise(edges))


def read_values(context: AnalysisContext, values_sql: str) -> dict[str, Values]:
    """The values of each measure of ``values_sql``, SQL for ``measure`` and ``ms``, sorted. Raises TooManyValuesError."""
    microseconds = f"SELECT measure, CAST(round(CAST(ms AS DOUBLE) * 1000) AS BIGINT) AS us FROM ({values_sql})"
    pieces: defaultdict[str, list[Values]] = defaultdict(list)
    total = 0
    for batch in context.connection.sql(microseconds).to_arrow_reader(_ROWS_AT_ONCE):
        measures = batch.column("measure")
        if not hasattr(measures, "indices"):
            measures = measures.dictionary_encode()
        codes, us = np.asarray(measures.indices), np.asarray(batch.column("us"))
        for code, measure in enumerate(measures.dictionary.to_pylist()):
            some = us[codes == code]
            if len(some):
                pieces[measure].append(some.astype(np.int32) if abs(some).max() <= _MAX_INT32 else some)
        total += len(us)
        if total > MAX_VALUES:
            raise TooManyValuesError
    return {measure: np.sort(np.concatenate(some)) for measure, some in pieces.items()}


def statistics_of_lists(lists: Sequence[Values]) -> Statistics:
    """Statistics of the values of one or two sorted lists, of which none is empty."""
    n = sum(map(len, lists))
    total = sum(int(each.sum(dtype=np.int64)) for each in lists)
    bounds = (min(int(each[0]) for each in lists), max(int(each[-1]) for each in lists))
    percentiles = []
    for share in PERCENTILES:
        rank = float(n - 1) * share
        low, high = (value_at(lists, at) / 1000 for at in (floor(rank), ceil(rank)))
        percentiles.append(low + (high - low) * (rank - floor(rank)))
    in_ms = [Decimal(each).scaleb(-3) for each in (total, *bounds)]
    return statistics_of(n, in_ms[0], in_ms[1], in_ms[2], percentiles)


def value_at(lists: Sequence[Values], rank: int) -> int:
    """The value of a rank, from 0, in the union of one or two sorted lists."""
    if len(lists) == 1:
        return int(lists[0][rank])
    many, few = sorted(lists, key=len, reverse=True)

    def rank_of(at: int) -> int:
        """The rank in the union of a value of the shorter list; of equal values its own come first."""
        return int(np.searchsorted(many, few[at])) + at

    at = bisect_left(range(len(few)), rank, key=rank_of)
    return int(few[at] if at < len(few) and rank_of(at) == rank else many[rank - at])


def _count_below(values: Values, low_ms: float, step_ms: float, bucket: int) -> int:
    """How many values lie in a step before ``bucket``: the division is that of latency_histograms.sql."""
    return bisect_left(values, bucket, key=lambda us: floor((int(us) / 1000 - low_ms) / step_ms))
