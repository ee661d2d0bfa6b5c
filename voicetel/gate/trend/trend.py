"""Metrics over time: every figure is that of the calls that started in a bucket, as the report has it of such calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voicetel.analyzers.core.no_calls import no_calls_error
from voicetel.choices import split_values
from voicetel.errors import UsageError
from voicetel.gate.metric import Measure
from voicetel.gate.metrics import LINE_METRICS, find_measure, find_metric, split_measure
from voicetel.gate.samples.observe import observe
from voicetel.gate.samples.sample import Sample, TurnValues, map_turns
from voicetel.gate.samples.take import sample
from voicetel.gate.trend.buckets import Bucket, Every, buckets, check_every
from voicetel.gate.trend.results import Trend, TrendLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from voicetel.analyzers.core.selection import Selection
    from voicetel.analyzers.request import Request

DEFAULT_METRICS = "calls,eou_latency_ms,interruption_rate,success_rate,cost"

Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class AskedMetric:
    """A metric: its percentiles, where it is measured turn by turn, else one statistic."""

    measures: tuple[Measure, ...]

    @property
    def statistic(self) -> str | None:
        """What ``value`` or ``amount`` is."""
        return self.measures[0].statistic if len(self.measures) == 1 else None


def answer(request: Request, *, metric: str = DEFAULT_METRICS, every: str = "day") -> Trend:
    """``voicetel trend``. Raises NoDataError where there are no calls, UsageError for a metric or bucket that there is not."""
    measures = [measure for each in asked_metrics(metric) for measure in each.measures]
    check_every(every)
    selection = request.selection
    plain = replace(selection, by=())
    found = sample(
        request.store, request.rate_card, plain, request.transcript_options, dimensions=selection.by, measures=measures
    )
    if not len(found):
        raise no_calls_error(request.store, selection)
    return trend(found, selection, metric=metric, every=every)


def trend(found: Sample, selection: Selection, *, metric: str = DEFAULT_METRICS, every: str = "day") -> Trend:
    """The trend of a sample, which was taken with the dimensions of ``selection.by`` and has a call at least."""
    asked = asked_metrics(metric)
    size = check_every(every)
    spans = _spans(found, selection, size)
    lines = []
    for key, group in _groups(found, selection.by):
        lines += [
            _line(dict(zip(selection.by, key, strict=True)), each, bucket, part)
            for each in asked
            for bucket, part in zip(spans, _parts(group, spans), strict=True)
        ]
    rate_notes = found.rate_notes_on(measure for each in asked for measure in each.measures)
    return Trend(size, found.currency, selection.by, tuple(lines), rate_notes)


def asked_metrics(text: str) -> list[AskedMetric]:
    """Metrics with commas between them. Raises UsageError for one that there is not."""
    return [_asked(each) for each in split_values([text], option="--metric")]


def _asked(text: str) -> AskedMetric:
    """``metric`` or ``metric statistic``."""
    name, statistic = split_measure(text)
    metric = find_metric(name)
    if name in LINE_METRICS:
        raise UsageError(f"{name} counts lines, which belong to no call and so to no time")
    if statistic is not None:
        return AskedMetric((find_measure(name, statistic),))
    if metric.ratios:
        return AskedMetric((Measure(metric, metric.statistics[0]),))
    return AskedMetric((Measure(metric, "p50"), Measure(metric, "p95")))


def _spans(found: Sample, selection: Selection, every: Every) -> list[Bucket]:
    """From the first call, or since when calls are wanted, to the last one, or until when."""
    zone = UTC if selection.tz == "UTC" else ZoneInfo(selection.tz)
    started = pc.min_max(found.calls.column("started_at")).as_py()
    first, last = selection.since or started["min"], started["max"]
    if selection.until is not None:
        last = max(last, selection.until - (selection.until.resolution))
    return buckets(first.replace(tzinfo=UTC), last.replace(tzinfo=UTC), every, zone)


def _groups(found: Sample, by: Sequence[str]) -> Iterator[tuple[Key, Sample]]:
    """Each group's values and its calls, in the order that every report has of them: weekdays from Monday on, what is unknown last."""
    if not by:
        yield (), found
        return
    group_ids = found.calls.column("group_id").to_numpy()
    for group_id in np.unique(group_ids):
        group = found.only(group_ids == group_id)
        yield tuple(group.calls.column(name)[0].as_py() for name in by), group


def _parts(found: Sample, spans: Sequence[Bucket]) -> Iterator[Sample]:
    """The calls of each bucket. They are in the order of their starts, so that each part is a slice."""
    begins = np.array([_us(each.begin) for each in spans] + [np.iinfo(np.int64).max])
    started = found.calls.column("started_at").cast(pa.int64()).to_numpy()
    edges = np.searchsorted(started, begins, side="left")
    turns = map_turns(found.turns, _in_order)
    for low, high in pairwise(edges.tolist()):
        of_turns = map_turns(turns, partial(_slice, low=low, high=high))
        yield replace(found, calls=found.calls.slice(low, high - low), turns=of_turns)


def _us(moment: datetime) -> int:
    return round(moment.timestamp()) * 1_000_000


def _in_order(values: TurnValues) -> TurnValues:
    order = np.argsort(values.calls, kind="stable")
    return TurnValues(values.calls[order], values.values[order])


def _slice(values: TurnValues, low: int, high: int) -> TurnValues:
    begin, end = np.searchsorted(values.calls, [low, high]).tolist()
    calls: NDArray[np.int32] = values.calls[begin:end] - np.int32(low)
    return TurnValues(calls, values.values[begin:end])


def _line(key: dict[str, str | None], asked: AskedMetric, bucket: Bucket, part: Sample) -> TrendLine:
    found = [observe(part, measure) if len(part) else None for measure in asked.measures]
    values: list[Any] = [None if each is None else each.value for each in found]
    if asked.statistic is not None and str(asked.measures[0]) == "calls total":
        values = [len(part)]  # of an empty bucket it is known: none
    first = values[0]
    metric = asked.measures[0].metric
    is_money = metric.unit == "money"
    return TrendLine(
        key=key,
        metric=metric.name,
        statistic=asked.statistic,
        bucket=bucket.name,
        begin=bucket.begin.replace(tzinfo=None),
        calls=len(part),
        n=0 if found[0] is None else found[0].n,
        p50=float(first) if asked.statistic is None and first is not None else None,
        p95=float(values[1]) if asked.statistic is None and values[1] is not None else None,
        value=float(first) if asked.statistic is not None and first is not None and not is_money else None,
        amount=Decimal(first) if is_money and first is not None else None,
    )
