"""The response latency over time, over a call, and how it is distributed."""

from __future__ import annotations

from bisect import bisect_right
from itertools import groupby
from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import DECIMALS
from voicetel.analyzers.handling.results import SLOW_THRESHOLDS_MS
from voicetel.analyzers.report.results import HistogramBin, ResponseBucket, ResponseTimes, SlowResponses

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicetel.analyzers.core.context import AnalysisContext

SLOW_MS = 1500.0
"""A response above this is slow, unless another bound is asked for."""

_FIRST_EDGE_MS, _LAST_EDGE_MS = 200, 60_000
_LAST_POSITION = "12"


def histogram_edges() -> tuple[int, ...]:
    """Where bins begin and end, in whole ms: 0, 200, 220, 242 … 60,000, each bin but the first a tenth wider than the last."""
    edges, edge = [0], float(_FIRST_EDGE_MS)
    while edge < _LAST_EDGE_MS:
        edges.append(round(edge))
        edge *= 1.1
    return (*edges, _LAST_EDGE_MS)


def response_times(
    context: AnalysisContext, slow_ms: float = SLOW_MS, thresholds: Sequence[str] = SLOW_THRESHOLDS_MS
) -> ResponseTimes:
    """The responses of the selected calls. ``slow_ms``: above it a response is slow.

    How many turns took longer is known of it and of each of ``thresholds``, in ms as ``analyze --slow`` has them.
    """
    context.run_on_calls(load_sql(__name__, "response_turns.sql"))
    buckets: dict[str, tuple[ResponseBucket, ...]] = {
        kind: tuple(_bucket(*row) for _, *row in rows)
        for kind, rows in groupby(
            context.rows(load_sql(__name__, "response_buckets.sql"), slow_ms=slow_ms), key=lambda row: row[0]
        )
    }
    bounds = sorted({*map(float, thresholds), slow_ms})
    slow = _slow_responses(context, bounds)
    none = SlowResponses(slow_ms, 0, 0, None)
    groups = [group_id for group_id in context.group_ids if group_id is not None]
    return ResponseTimes(
        slow_ms=slow_ms,
        slow=tuple(slow.get((None, bound), SlowResponses(bound, 0, 0, None)) for bound in bounds),
        slow_by_group=tuple(slow.get((group_id, slow_ms), none) for group_id in groups),
        by_day=buckets.get("day", ()),
        by_hour=buckets.get("hour", ()),
        by_turn=buckets.get("position", ()),
        histogram=histogram(context.rows(load_sql(__name__, "response_counts.sql"))),
    )


def histogram(counts: Iterable[tuple[int, int]]) -> tuple[HistogramBin, ...]:
    """Bins of (whole ms, how many), from the first that has any to the last."""
    edges = histogram_edges()
    found = [0] * (len(edges) - 1)
    for whole_ms, n in counts:
        found[min(bisect_right(edges, whole_ms), len(found)) - 1] += n
    filled = [place for place, n in enumerate(found) if n]
    if not filled:
        return ()
    return tuple(HistogramBin(edges[i], edges[i + 1], found[i]) for i in range(filled[0], filled[-1] + 1))


def _bucket(bucket: str, n: int, percentiles: list[float], slow: int) -> ResponseBucket:
    p50, p95 = (round(value, DECIMALS) for value in percentiles)
    return ResponseBucket(f"{bucket}+" if bucket == _LAST_POSITION else bucket, n, p50, p95, slow)


def _slow_responses(context: AnalysisContext, bounds: list[float]) -> dict[tuple[int | None, float], SlowResponses]:
    rows = context.rows(load_sql(__name__, "slow_responses.sql"), bounds=bounds)
    return {
        (group_id, above_ms): SlowResponses(above_ms, turns, n, turns / n if n else None)
        for group_id, above_ms, turns, n in rows
    }
