"""How far a figure would move if other calls of the same kind had come in: a bootstrap over calls.

Calls are drawn with replacement, each with all its turns, since turns of one call resemble each other. Above
``MAX_BLOCKS`` calls, they are dealt at random into that many blocks of equal size and blocks are drawn: the distribution of a
figure is the same, known to within some 5 %, and its cost no longer grows with the number of calls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from voicetel.gate.metric import INCOMPARABLE, PERCENTILES
from voicetel.gate.metrics import LINE_METRICS
from voicetel.gate.samples.observe import Observed, observe
from voicetel.gate.samples.sample import PER_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicetel.gate.metric import Measure, Metric
    from voicetel.gate.samples.sample import Numbers, Sample, TurnValues

DRAWS = 1000
MAX_BLOCKS = 1000
MAX_STEPS = 2048
"""Distinct values of a latency that are kept apart while drawing; more are put into steps, finer towards the upper end."""

MIN_CALLS = 5
MIN_VALUES_BEYOND = 10
"""Below so many calls, or values beyond a percentile, on either side of it, nothing is said about how sure a figure is."""


@dataclass(frozen=True, slots=True)
class BootstrapDistribution:
    """A figure with its uncertainty.

    ``error`` is its standard error, ``log_error`` that of its logarithm (None unless the figure and all draws are above
    0), ``df`` the degrees of freedom. ``error`` is None where too little is known; ``calls_needed`` then says how many
    calls would do, if that can be told.
    """

    observed: Observed
    value: float | None
    error: float | None = None
    log_error: float | None = None
    df: int = 0
    calls_needed: int | None = None


@dataclass(slots=True)
class Bootstrap:
    """A sample with the draws from it. The same sample and seed give the same figures."""

    sample: Sample
    seed: tuple[int, ...] = (0,)
    blocks: NDArray[np.int32] = field(init=False)
    weights: Numbers = field(init=False)
    _steps: tuple[str, _Steps] | None = field(init=False, default=None)
    """Of the latency that was asked for last: another of its percentiles comes next, as a rule."""

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        calls = len(self.sample)
        count = min(calls, MAX_BLOCKS)
        blocks = rng.permutation(calls) % count if calls > count else np.arange(calls)
        self.blocks = blocks.astype(np.int32)
        drawn = rng.integers(0, count, (DRAWS, count)) if count else np.zeros((DRAWS, 0), dtype=np.int64)
        rows = np.arange(DRAWS)[:, None] * count
        counts = np.bincount((drawn + rows).ravel(), minlength=DRAWS * count)
        self.weights = counts.reshape(DRAWS, count).astype(np.float64)

    def distribution(self, measure: Measure) -> BootstrapDistribution:
        """The figure and how far it would move."""
        observed = observe(self.sample, measure)
        if observed.value is None:
            return BootstrapDistribution(observed, None)
        value = float(observed.value)
        needed = _calls_needed(observed, measure.statistic)
        if needed is not None or measure.metric.name in LINE_METRICS or measure.statistic in INCOMPARABLE:
            return BootstrapDistribution(observed, value, calls_needed=needed)
        drawn = self._draws(measure)
        # Drawing n of n with replacement spreads a little less than the n calls did around the truth.
        small = math.sqrt(observed.calls / (observed.calls - 1))
        least = self._half_step(measure)
        error = math.hypot(float(np.std(drawn)) * small, least)
        log_error = None
        if value > 0 and (drawn > 0).all():
            log_error = math.hypot(float(np.std(np.log(drawn))) * small, least / value)
        if measure.metric.unit == "share":
            error = max(error, _least_error(value, observed.n))
        return BootstrapDistribution(observed, value, error, log_error, observed.calls - 1)

    def _draws(self, measure: Measure) -> Numbers:
        """The figure in each of the draws that have it."""
        metric = measure.metric
        if metric.ratios:
            ratio = metric.ratio(measure.statistic)
            above = self.weights @ self._of_blocks(self.sample.per_call(ratio.numerator)) * ratio.factor
            below = self.weights @ self._of_blocks(self.sample.per_call(ratio.denominator or "calls"))
            return above[below > 0] / below[below > 0]
        if measure.statistic == "avg":
            sums, counts = (self.weights @ each for each in self._sums(metric))
            return sums[counts > 0] / counts[counts > 0] / PER_MS
        if self._steps is None or self._steps[0] != metric.name:
            self._steps = None
            self._steps = metric.name, _Steps(self.sample.turns[metric.name], self.blocks, self.weights)
        return self._steps[1].percentiles(PERCENTILES[measure.statistic]) / PER_MS

    def _half_step(self, measure: Measure) -> float:
        """Half of what a percentile moves by at least, in ms: values logged in whole ms know no smaller step than 1."""
        if measure.statistic not in PERCENTILES:
            return 0.0
        return float(np.gcd.reduce(self.sample.turns[measure.metric.name].values)) / PER_MS / 2

    def _sums(self, metric: Metric) -> tuple[Numbers, Numbers]:
        """The sum of a latency over each block, and how many values it is of."""
        turns = self.sample.turns[metric.name]
        blocks = self.blocks[turns.calls]
        return self._added(blocks, turns.values.astype(np.float64)), self._added(blocks)

    def _of_blocks(self, of_calls: Numbers) -> Numbers:
        return self._added(self.blocks, np.nan_to_num(of_calls))

    def _added(self, blocks: NDArray[np.int32], values: Numbers | None = None) -> Numbers:
        """The sum of the values over each block, or how many there are."""
        sums: Numbers = np.bincount(blocks, values, self.weights.shape[1]).astype(np.float64)
        return sums


class _Steps:
    """The values of one latency in each draw, counted in steps from the lowest to the highest.

    A step is one value where there are few, else a narrow range within which values count as evenly distributed.
    """

    def __init__(self, turns: TurnValues, blocks: NDArray[np.int32], weights: Numbers) -> None:
        ordered = np.sort(turns.values)
        values = np.unique(ordered)
        if len(values) > MAX_STEPS:
            shares = np.union1d(np.linspace(0, 1, MAX_STEPS // 2 + 1), np.linspace(0.85, 1, MAX_STEPS // 2 + 1))
            values = np.unique(np.quantile(ordered, shares, method="higher"))
        step = np.searchsorted(values, turns.values)
        count = weights.shape[1]
        of_blocks = np.bincount(blocks[turns.calls] * len(values) + step, minlength=count * len(values))
        # Whole numbers far below 2**24: single precision is exact, and twice as fast.
        drawn = weights.astype(np.float32) @ of_blocks.reshape(count, len(values)).astype(np.float32)
        self._reached = np.cumsum(drawn, axis=1, dtype=np.float64)
        self._counts = self._reached[:, -1]
        begins = np.searchsorted(ordered, values[:-1], side="right")
        self._lowest = ordered[np.concatenate(([0], begins))]
        self._highest = values

    def percentiles(self, share: float) -> Numbers:
        """The percentile of each draw that has values, interpolated linearly between neighbours as the report does."""
        ranks = 1 + (self._counts - 1) * share
        below = np.floor(ranks)
        lower, upper = self._at(below), self._at(np.minimum(below + 1, self._counts))
        found: Numbers = (lower + (ranks - below) * (upper - lower))[self._counts > 0]
        return found

    def _at(self, ranks: Numbers) -> Numbers:
        """The value of that rank, from 1, in each draw."""
        step = np.minimum((self._reached < ranks[:, None]).sum(axis=1), len(self._highest) - 1)
        row = np.arange(len(ranks))
        before = np.where(step > 0, self._reached[row, step - 1], 0)
        others = np.maximum(self._reached[row, step] - before - 1, 1)
        lowest, highest = self._lowest[step], self._highest[step]
        values: Numbers = lowest + (highest - lowest) * (ranks - before - 1) / others
        return values


def _calls_needed(observed: Observed, statistic: str) -> int | None:
    """How many calls it would take to say anything at all; None where there are enough."""
    needed = MIN_CALLS if observed.calls < MIN_CALLS else 0
    if share := PERCENTILES.get(statistic):
        beyond = observed.n * min(share, 1 - share)
        if round(beyond, 6) < MIN_VALUES_BEYOND:
            needed = max(needed, math.ceil(observed.calls * MIN_VALUES_BEYOND / beyond)) if beyond else MIN_CALLS
    return needed or None


def _least_error(share: float, n: int) -> float:
    """The standard error of a share of ``n`` with one more on either side: a share of 0 is not known for certain either.

    Agresti and Caffo, The American Statistician 54 (2000), 280: an interval so widened keeps its promise in small samples.
    A ratio may be more than 1, as of cached tokens that are not among those of the input: it is no share of ``n``, and 0 is added.
    """
    widened = min(1.0, (share * n + 1) / (n + 2))
    return math.sqrt(widened * (1 - widened) / (n + 2))
