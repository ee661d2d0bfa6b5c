"""``voicetel compare``: which figures of two samples differ, by how much, and how sure one may be of it.

Every figure's standard error comes from a bootstrap over calls (statistics/bootstrap.py); two figures are tested for a
difference by statistics/differences.py.
"""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from voicetel.gate.expectations import parse_measures
from voicetel.gate.metric import Measure
from voicetel.gate.metrics import METRICS
from voicetel.gate.results import CheckedChange, Comparison, Difference, FailOn, Finding, LimitStatus, SampleFigure
from voicetel.gate.statistics.bootstrap import Bootstrap
from voicetel.gate.statistics.differences import (
    ALPHA,
    EstimatedDifference,
    FigurePair,
    TestedPair,
    superiority,
    tested_pairs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from voicetel.gate.samples.sample import Numbers, Sample
    from voicetel.gate.statistics.bootstrap import BootstrapDistribution

POWER = 0.9
"""With so many calls as are said to be needed, a difference of ``DETECTABLE`` is found in this share of comparisons."""

DETECTABLE = 0.1
"""What "need about N calls" is reckoned for: 10 % of a figure, 0.1 of a score, 5 points of a share."""

DETECTABLE_SHARE = 0.05
MIN_SHARE = 0.01
"""Of a share below 10 % (or above 90 %), half of it (of what it lacks) matters, as far down as this."""

MAX_CALLS_NEEDED = 10_000_000


def default_measures() -> Iterator[Measure]:
    """What is compared unless it is said what."""
    for metric in METRICS.values():
        yield from (Measure(metric, statistic) for statistic in metric.compared)


def measures_named(names: Sequence[str]) -> list[Measure]:
    """The measures of several ``metric [statistic]``; what is compared anyway where none is named. Raises UsageError."""
    return [measure for name in names for measure in parse_measures(name)] if names else list(default_measures())


def compare(
    base: Sample,
    new: Sample,
    measures: Iterable[Measure],
    fail_on: Sequence[FailOn] = (),
    *,
    names: tuple[str, str],
    seed: int = 0,
) -> Comparison:
    """Hold NEW against BASE: each measure, and each change that must not be. ``names`` say what the two are.

    A measure for which neither side has anything is left out. The same samples and seed give the same figures.
    """
    # Marks that one side has are known to be logged: the other side has none of them.
    unlogged = base.unlogged & new.unlogged
    base, new = replace(base, unlogged=unlogged), replace(new, unlogged=unlogged)
    sides = Bootstrap(base, (seed, 0)), Bootstrap(new, (seed, 1))
    needed = dict.fromkeys([*measures, *(each.measure for each in fail_on)])
    pairs = [FigurePair(measure, sides[0].distribution(measure), sides[1].distribution(measure)) for measure in needed]
    present = [pair for pair in pairs if pair.is_present]
    differences = [_difference(each, base, new) for each in tested_pairs(present)]
    pair_of = {pair.measure: pair for pair in pairs}
    return Comparison(
        base=names[0],
        new=names[1],
        base_calls=len(base),
        new_calls=len(new),
        currency=new.currency,
        alpha=ALPHA,
        seed=seed,
        differences=tuple(differences),
        changes=tuple(_checked(each, pair_of[each.measure], ALPHA / len(fail_on)) for each in fail_on),
        rate_notes=tuple(dict.fromkeys([*base.rate_notes_on(needed), *new.rate_notes_on(needed)])),
    )


def _difference(tested: TestedPair, base: Sample, new: Sample) -> Difference:
    pair, estimate, measure = tested.pair, tested.estimate, tested.pair.measure
    sides = _sample_figure(pair.base), _sample_figure(pair.new)
    if estimate is None:
        needed = [distribution.calls_needed for distribution in (pair.base, pair.new) if distribution.calls_needed]
        change, relative = _plain_change(pair)
        few = max(needed, default=None)
        return Difference(measure, *sides, Finding.TOO_FEW, relative, change, calls_needed=few)
    target = _target(measure, estimate, pair.base.value or 0.0)
    return Difference(
        measure,
        *sides,
        finding=_finding(measure, estimate) if tested.is_found else Finding.UNCLEAR,
        relative=estimate.is_log,
        change=estimate.in_units(estimate.difference),
        interval=estimate.interval(tested.alpha),
        p=estimate.p,
        superiority=superiority(_values(base, measure), _values(new, measure)),
        detectable=estimate.in_units(target) if target else None,
        calls_needed=None if tested.is_found else _calls_needed(tested, target, (len(base), len(new))),
    )


def _sample_figure(distribution: BootstrapDistribution) -> SampleFigure:
    return SampleFigure(distribution.observed.value, distribution.observed.n, distribution.observed.calls)


def _plain_change(pair: FigurePair) -> tuple[float | None, bool]:
    """The difference of figures of which it is not known how sure they are, and whether it is relative."""
    if pair.base.value is None or pair.new.value is None:
        return None, False
    if pair.base.value > 0 and pair.measure.metric.unit not in {"share", "score"}:
        return pair.new.value / pair.base.value - 1, True
    return pair.new.value - pair.base.value, False


def _finding(measure: Measure, estimate: EstimatedDifference) -> Finding:
    better = measure.metric.better
    if better is None:
        return Finding.CHANGED
    return Finding.BETTER if (estimate.difference < 0) == (better == "lower") else Finding.WORSE


def _target(measure: Measure, estimate: EstimatedDifference, base: float) -> float:
    """The smallest difference that matters, on the scale of the test."""
    if estimate.is_log:
        return math.log1p(DETECTABLE)
    match measure.metric.unit:
        case "share":
            return min(DETECTABLE_SHARE, max(min(base, 1 - base), MIN_SHARE) / 2)
        case "score":
            return DETECTABLE
        case _:
            return abs(base) * DETECTABLE


def _calls_needed(tested: TestedPair, target: float, calls: tuple[int, int]) -> int | None:
    """Calls a side with which a difference of ``target`` would be found; None where there are as many."""
    if not target or tested.estimate is None:
        return None
    normal = NormalDist()
    reach = normal.inv_cdf(1 - tested.alpha / 2) + normal.inv_cdf(POWER)
    needed = 0.0
    for distribution, there_are in zip((tested.pair.base, tested.pair.new), calls, strict=True):
        error = (distribution.log_error if tested.estimate.is_log else distribution.error) or 0.0
        # Not every call has a part in the figure: the same share of more calls will.
        needed += error**2 * there_are * (reach / target) ** 2
    if needed <= min(calls):
        return None
    return min(math.ceil(needed), MAX_CALLS_NEEDED)


def _checked(fail_on: FailOn, pair: FigurePair, alpha: float) -> CheckedChange:
    estimate = pair.relative_estimate() if fail_on.relative else pair.estimate(log=False)
    if estimate is None:
        return CheckedChange(fail_on, LimitStatus.NOT_JUDGED, reason=_why_not(pair))
    interval = estimate.interval(alpha)
    limit = fail_on.change
    is_ceiling = math.copysign(1, limit) > 0
    broken = interval.low > limit if is_ceiling else interval.high < limit
    certain = not interval.low <= limit <= interval.high
    status = LimitStatus.BROKEN if broken else LimitStatus.PASSED
    return CheckedChange(fail_on, status, estimate.in_units(estimate.difference), interval, certain)


def _why_not(pair: FigurePair) -> str:
    for distribution, name in ((pair.base, "BASE"), (pair.new, "NEW")):
        if distribution.value is None:
            return f"{name} has nothing logged to judge it by"
    needed = [distribution.calls_needed for distribution in (pair.base, pair.new) if distribution.calls_needed]
    return f"too few calls, about {max(needed)} a side are needed" if needed else "BASE is not above 0"


def _values(sample: Sample, measure: Measure) -> NDArray[Any]:
    """What a figure is made of: the turns of a latency, the calls of everything else."""
    metric = measure.metric
    if not metric.ratios:
        values: NDArray[Any] = sample.turns[metric.name].values
        return values
    ratio = metric.ratio(measure.statistic)
    above, below = sample.per_call(ratio.numerator), sample.per_call(ratio.denominator or "calls")
    if metric.unit == "money":  # of a call that used nothing
        above = np.nan_to_num(above)
    has = (below > 0) & ~np.isnan(above)
    quotients: Numbers = above[has] / below[has]
    return quotients
