"""``voicetel compare``: which figures of two samples differ, by how much, and how sure one may be of it.

Every figure's standard error comes from a bootstrap over calls (bootstrap.py); two figures are held against each other by
Welch's t on it, figures above 0 by their logarithms, so that a difference reads as a ratio. Over many metrics Holm's
correction keeps the chance that anything at all is found between equals at ``ALPHA`` (S. Holm, Scandinavian Journal of
Statistics 6 (1979), 65).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from voicetel.gate.expectations import parse_measures
from voicetel.gate.metric import Measure
from voicetel.gate.metrics import METRICS
from voicetel.gate.results import CheckedChange, Comparison, Difference, FailOn, Finding, Interval, LimitStatus, Side
from voicetel.gate.statistics.bootstrap import Bootstrap
from voicetel.gate.statistics.t_distribution import critical_value, two_sided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voicetel.gate.samples.sample import Numbers, Sample
    from voicetel.gate.statistics.bootstrap import BootstrapDistribution

ALPHA = 0.05
POWER = 0.9
"""With so many calls as are said to be needed, a difference of ``DETECTABLE`` is found in this share of comparisons."""

DETECTABLE = 0.1
"""What "need about N calls" is reckoned for: 10 % of a figure, 0.1 of a score, 5 points of a share."""

DETECTABLE_SHARE = 0.05
MIN_SHARE = 0.01
"""Of a share below 10 % (or above 90 %), half of it (of what it lacks) matters, as far down as this."""

_WIDEST = {"share": 1.0, "score": 2.0}

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
    wanted = dict.fromkeys([*measures, *(each.measure for each in fail_on)])
    pairs = [_Pair(measure, sides[0].distribution(measure), sides[1].distribution(measure)) for measure in wanted]
    present = [pair for pair in pairs if pair.is_present]
    differences = [_difference(each, base, new) for each in _corrected(present)]
    spreads = {pair.measure: pair for pair in pairs}
    return Comparison(
        base=names[0],
        new=names[1],
        base_calls=len(base),
        new_calls=len(new),
        currency=new.currency,
        alpha=ALPHA,
        seed=seed,
        differences=tuple(differences),
        changes=tuple(_checked(each, spreads[each.measure], ALPHA / len(fail_on)) for each in fail_on),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """A difference with its standard error: of logarithms where ``is_log``, else in the unit of the metric."""

    difference: float
    error: float
    df: float
    is_log: bool
    widest: float = math.inf
    """No difference can be larger than this."""

    @property
    def p(self) -> float:
        """The chance of so large a difference between equals."""
        if not self.error:
            return float(self.difference == 0)
        return two_sided(self.difference / self.error, self.df)

    def interval(self, alpha: float) -> Interval:
        """Where the difference lies but for the chance ``alpha``; relative where it is one of logarithms."""
        half = critical_value(alpha, self.df) * self.error
        low, high = self.difference - half, self.difference + half
        return Interval(max(self.in_units(low), -self.widest), min(self.in_units(high), self.widest), 1 - alpha)

    def in_units(self, difference: float) -> float:
        """A difference as people read it: 0.1 is 10 % more."""
        return math.expm1(min(difference, 700.0)) if self.is_log else difference


@dataclass(frozen=True, slots=True)
class _Pair:
    measure: Measure
    base: BootstrapDistribution
    new: BootstrapDistribution

    @property
    def is_present(self) -> bool:
        """There is a figure to compare: what cost nothing on both sides, or never happened, is none."""
        nothing = {None, 0.0} if self.measure.metric.unit in {"money", "share"} else {None}
        return not {self.base.value, self.new.value} <= nothing

    def scale(self, *, log: bool) -> _Scale | None:
        """NEW − BASE; None where nothing is known about how sure either is, or a logarithm has no meaning."""
        base, new = self.base, self.new
        if base.value is None or new.value is None:
            return None
        first, second = (base.log_error, new.log_error) if log else (base.error, new.error)
        if first is None or second is None:
            return None
        difference = math.log(new.value / base.value) if log else new.value - base.value
        widest = _WIDEST.get(self.measure.metric.unit, math.inf) if not log else math.inf
        return _Scale(difference, math.hypot(first, second), _welch(first, base.df, second, new.df), log, widest)

    def natural(self) -> _Scale | None:
        """Relative where the figure can only be above 0 and may be any size, else in its unit."""
        if self.measure.metric.unit in {"share", "score"}:
            return self.scale(log=False)
        return self.scale(log=True) or self.scale(log=False)


@dataclass(frozen=True, slots=True)
class _Tested:
    pair: _Pair
    scale: _Scale | None
    alpha: float = ALPHA
    is_found: bool = False


def _corrected(pairs: Sequence[_Pair]) -> Iterator[_Tested]:
    """Every pair with the level that Holm's correction leaves it, and whether it holds at that level."""
    scales = [pair.natural() for pair in pairs]
    order = sorted((scale.p, place) for place, scale in enumerate(scales) if scale is not None)
    alphas, found = {}, set()
    level, stopped = ALPHA, False
    for rank, (p, place) in enumerate(order):
        if not stopped:
            level = ALPHA / (len(order) - rank)
            stopped = p > level
        alphas[place] = level
        if not stopped:
            found.add(place)
    for place, (pair, scale) in enumerate(zip(pairs, scales, strict=True)):
        yield _Tested(pair, scale, alphas.get(place, ALPHA), place in found)


def _difference(tested: _Tested, base: Sample, new: Sample) -> Difference:
    pair, scale, measure = tested.pair, tested.scale, tested.pair.measure
    sides = _side(pair.base), _side(pair.new)
    if scale is None:
        needed = [distribution.calls_needed for distribution in (pair.base, pair.new) if distribution.calls_needed]
        change, relative = _plain_change(pair)
        few = max(needed, default=None)
        return Difference(measure, *sides, Finding.TOO_FEW, relative, change, calls_needed=few)
    target = _target(measure, scale, pair.base.value or 0.0)
    return Difference(
        measure,
        *sides,
        finding=_finding(measure, scale) if tested.is_found else Finding.UNCLEAR,
        relative=scale.is_log,
        change=scale.in_units(scale.difference),
        interval=scale.interval(tested.alpha),
        p=scale.p,
        superiority=_superiority(_values(base, measure), _values(new, measure)),
        detectable=scale.in_units(target) if target else None,
        calls_needed=None if tested.is_found else _calls_needed(tested, target, (len(base), len(new))),
    )


def _side(distribution: BootstrapDistribution) -> Side:
    return Side(distribution.observed.value, distribution.observed.n, distribution.observed.calls)


def _plain_change(pair: _Pair) -> tuple[float | None, bool]:
    """The difference of figures of which it is not known how sure they are, and whether it is relative."""
    if pair.base.value is None or pair.new.value is None:
        return None, False
    if pair.base.value > 0 and pair.measure.metric.unit not in {"share", "score"}:
        return pair.new.value / pair.base.value - 1, True
    return pair.new.value - pair.base.value, False


def _finding(measure: Measure, scale: _Scale) -> Finding:
    better = measure.metric.better
    if better is None:
        return Finding.CHANGED
    return Finding.BETTER if (scale.difference < 0) == (better == "lower") else Finding.WORSE


def _target(measure: Measure, scale: _Scale, base: float) -> float:
    """The smallest difference that matters, on the scale of the test."""
    if scale.is_log:
        return math.log1p(DETECTABLE)
    match measure.metric.unit:
        case "share":
            return min(DETECTABLE_SHARE, max(min(base, 1 - base), MIN_SHARE) / 2)
        case "score":
            return DETECTABLE
        case _:
            return abs(base) * DETECTABLE


def _calls_needed(tested: _Tested, target: float, calls: tuple[int, int]) -> int | None:
    """Calls a side with which a difference of ``target`` would be found; None where there are as many."""
    if not target or tested.scale is None:
        return None
    normal = NormalDist()
    reach = normal.inv_cdf(1 - tested.alpha / 2) + normal.inv_cdf(POWER)
    needed = 0.0
    for distribution, there_are in zip((tested.pair.base, tested.pair.new), calls, strict=True):
        error = (distribution.log_error if tested.scale.is_log else distribution.error) or 0.0
        # Not every call has a part in the figure: the same share of more calls will.
        needed += error**2 * there_are * (reach / target) ** 2
    if needed <= min(calls):
        return None
    return min(math.ceil(needed), MAX_CALLS_NEEDED)


def _checked(fail_on: FailOn, pair: _Pair, alpha: float) -> CheckedChange:
    scale = _scale_of_limit(fail_on, pair)
    if scale is None:
        return CheckedChange(fail_on, LimitStatus.NOT_JUDGED, reason=_why_not(pair))
    interval = scale.interval(alpha)
    limit = fail_on.change
    is_ceiling = math.copysign(1, limit) > 0
    broken = interval.low > limit if is_ceiling else interval.high < limit
    certain = not interval.low <= limit <= interval.high
    status = LimitStatus.BROKEN if broken else LimitStatus.PASSED
    return CheckedChange(fail_on, status, scale.in_units(scale.difference), interval, certain)


def _scale_of_limit(fail_on: FailOn, pair: _Pair) -> _Scale | None:
    absolute = pair.scale(log=False)
    if not fail_on.relative or absolute is None:
        return absolute
    if log := pair.scale(log=True):
        return log
    base, new = pair.base, pair.new
    if not base.value or base.value < 0 or new.value is None or base.error is None or new.error is None:
        return None
    ratio = new.value / base.value
    error = math.hypot(new.error, ratio * base.error) / base.value
    return _Scale(ratio - 1, error, absolute.df, is_log=False)


def _why_not(pair: _Pair) -> str:
    for distribution, name in ((pair.base, "BASE"), (pair.new, "NEW")):
        if distribution.value is None:
            return f"{name} has nothing logged to judge it by"
    needed = [distribution.calls_needed for distribution in (pair.base, pair.new) if distribution.calls_needed]
    return f"too few calls, about {max(needed)} a side are needed" if needed else "BASE is not above 0"


def _welch(first: float, first_df: int, second: float, second_df: int) -> float:
    """The degrees of freedom of a difference (Welch and Satterthwaite)."""
    below = first**4 / first_df + second**4 / second_df
    return float((first**2 + second**2) ** 2 / below) if below else float(first_df + second_df)


def _values(sample: Sample, measure: Measure) -> Numbers:
    """What a figure is made of: the turns of a latency, the calls of everything else."""
    metric = measure.metric
    if not metric.ratios:
        return sample.turns[metric.name].values.astype(np.float64)
    ratio = metric.ratio(measure.statistic)
    above, below = sample.per_call(ratio.of), sample.per_call(ratio.per or "calls")
    if metric.unit == "money":  # of a call that used nothing
        above = np.nan_to_num(above)
    has = (below > 0) & ~np.isnan(above)
    quotients: Numbers = above[has] / below[has]
    return quotients


def _superiority(base: Numbers, new: Numbers) -> float | None:
    """The chance that a value of NEW, drawn at random, is above one of BASE; ties count half."""
    if not len(base) or not len(new):
        return None
    ordered = np.sort(base)
    drawn = np.sort(new)
    below = np.searchsorted(ordered, drawn, side="left").sum(dtype=np.float64)
    not_above = np.searchsorted(ordered, drawn, side="right").sum(dtype=np.float64)
    return float((below + not_above) / 2 / len(base) / len(new))
