"""``voicetel check``: holds the figures of a sample to the limits of a file."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from voicetel.analyzers.core.statistics import wilson_interval
from voicetel.gate.expectations import holds
from voicetel.gate.metrics import LINE_METRICS
from voicetel.gate.results import CheckedLimit, CheckResult, Interval, LimitStatus
from voicetel.gate.samples.observe import observe
from voicetel.gate.statistics.bootstrap import Bootstrap
from voicetel.gate.statistics.t_distribution import critical_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicetel.gate.metric import Measure
    from voicetel.gate.results import Limit
    from voicetel.gate.samples.observe import Observed
    from voicetel.gate.samples.sample import Sample
    from voicetel.gate.statistics.bootstrap import BootstrapDistribution

CONFIDENCE = 0.95


def measures_and_dimensions(limits: Sequence[Limit]) -> tuple[list[Measure], list[str]]:
    """What a sample has to have for limits to be held against it: their measures, and what they are narrowed down by."""
    return [limit.measure for limit in limits], [name for limit in limits for name in limit.where]


def check_limits(
    sample: Sample, limits: Sequence[Limit], *, paths: Sequence[str], source: str, seed: int = 0
) -> CheckResult:
    """Every limit beside its figure. The figure alone decides; the interval says how sure it is.

    ``source`` names the file of limits. Raises UsageError for a dimension that is unknown.
    """
    by_where: defaultdict[tuple[tuple[str, tuple[str, ...]], ...], list[int]] = defaultdict(list)
    for index, limit in enumerate(limits):
        by_where[tuple(sorted(limit.where.items()))].append(index)
    checked: dict[int, CheckedLimit] = {}
    for where, indexes in by_where.items():  # one bootstrap at a time
        bootstrap = Bootstrap(sample.where(dict(where)), (seed,))
        indexes.sort(key=lambda index: limits[index].measure.metric.name)  # and its latencies one after the other
        checked.update((index, _check_limit(limits[index], bootstrap)) for index in indexes)
    in_order = tuple(checked[index] for index in range(len(limits)))
    rate_notes = sample.rate_notes_on(limit.measure for limit in limits)
    return CheckResult(tuple(paths), source, sample.currency, len(sample), in_order, rate_notes=rate_notes)


def judge_limits(sample: Sample, limits: Iterable[Limit]) -> tuple[CheckedLimit, ...]:
    """Those limits that hold for all calls, as ``check_limits`` judges them, without the interval: nothing is drawn."""
    return tuple(_judge(limit, sample, observe(sample, limit.measure)) for limit in limits if not limit.where)


def _check_limit(limit: Limit, bootstrap: Bootstrap) -> CheckedLimit:
    distribution = bootstrap.distribution(limit.measure)
    return _judge(limit, bootstrap.sample, distribution.observed, interval_of(limit.measure.metric.unit, distribution))


def _judge(limit: Limit, sample: Sample, found: Observed, interval: Interval | None = None) -> CheckedLimit:
    value, n, calls = found.value, found.n, found.calls
    reason = None
    if value is None:
        reason = "no call is among those asked for" if not len(sample) else "nothing was logged to judge it by"
    elif calls < limit.min_calls and limit.measure.metric.name not in LINE_METRICS:
        reason = f"{calls} {'call' if calls == 1 else 'calls'}, fewer than min_calls = {limit.min_calls}"
    if reason is not None or value is None:
        return CheckedLimit(limit, LimitStatus.NOT_JUDGED, value, n, calls, interval, reason=reason)
    kept = holds(value, limit.operator, limit.bound)
    certain = None
    if interval is not None:
        certain = not interval.low <= float(limit.bound) <= interval.high
    return CheckedLimit(limit, LimitStatus.PASSED if kept else LimitStatus.BROKEN, value, n, calls, interval, certain)


def interval_of(unit: str, distribution: BootstrapDistribution) -> Interval | None:
    """Where the figure would lie in other calls of the same kind, 19 times out of 20; None where too little is known."""
    value, error = distribution.value, distribution.error
    if value is None or error is None:
        return None
    t = critical_value(1 - CONFIDENCE, distribution.df)
    if unit == "share" and value <= 1:
        # As many values as independent ones would have led to this error.
        n = value * (1 - value) / error**2 if 0 < value < 1 else 1 / error
        return Interval(*wilson_interval(value, n, t), CONFIDENCE)
    if distribution.log_error is not None:
        return Interval(
            value * math.exp(-t * distribution.log_error), value * math.exp(t * distribution.log_error), CONFIDENCE
        )
    low, high = value - t * error, value + t * error
    return Interval(max(low, -1.0), min(high, 1.0), CONFIDENCE) if unit == "score" else Interval(low, high, CONFIDENCE)
