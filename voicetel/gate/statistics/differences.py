"""Two figures held against each other: how far apart they are, and how likely equals would be as far apart.

Welch's t on the standard errors that a bootstrap gives, of logarithms where a difference is read as a ratio. Over many
pairs Holm's correction keeps the chance that anything at all is found between equals at ``ALPHA`` (S. Holm, Scandinavian
Journal of Statistics 6 (1979), 65).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from voicetel.gate.results import Interval
from voicetel.gate.statistics.t_distribution import critical_value, two_sided

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from voicetel.gate.metric import Measure
    from voicetel.gate.statistics.bootstrap import BootstrapDistribution

ALPHA = 0.05
"""The chance that anything at all is found between equals."""

_WIDEST = {"share": 1.0, "score": 2.0}
"""The largest difference that two values of a unit can have."""


@dataclass(frozen=True, slots=True)
class EstimatedDifference:
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
class FigurePair:
    """One figure of BASE and of NEW, each with its bootstrap distribution."""

    measure: Measure
    base: BootstrapDistribution
    new: BootstrapDistribution

    @property
    def is_present(self) -> bool:
        """There is a figure to compare: what cost nothing on both sides, or never happened, is none."""
        nothing = {None, 0.0} if self.measure.metric.unit in {"money", "share"} else {None}
        return not {self.base.value, self.new.value} <= nothing

    def estimate(self, *, log: bool) -> EstimatedDifference | None:
        """NEW − BASE; None where nothing is known about how sure either is, or a logarithm has no meaning."""
        base, new = self.base, self.new
        if base.value is None or new.value is None:
            return None
        first, second = (base.log_error, new.log_error) if log else (base.error, new.error)
        if first is None or second is None:
            return None
        difference = math.log(new.value / base.value) if log else new.value - base.value
        widest = _WIDEST.get(self.measure.metric.unit, math.inf) if not log else math.inf
        return EstimatedDifference(
            difference, math.hypot(first, second), _welch(first, base.df, second, new.df), log, widest
        )

    def usual_estimate(self) -> EstimatedDifference | None:
        """Relative where the figure can only be above 0 and may be any size, else in its unit."""
        if self.measure.metric.unit in {"share", "score"}:
            return self.estimate(log=False)
        return self.estimate(log=True) or self.estimate(log=False)

    def relative_estimate(self) -> EstimatedDifference | None:
        """NEW / BASE − 1, by logarithms where both figures and all draws are above 0."""
        absolute = self.estimate(log=False)
        if absolute is None:
            return None
        if log := self.estimate(log=True):
            return log
        base, new = self.base, self.new
        if not base.value or base.value < 0 or new.value is None or base.error is None or new.error is None:
            return None
        ratio = new.value / base.value
        error = math.hypot(new.error, ratio * base.error) / base.value
        return EstimatedDifference(ratio - 1, error, absolute.df, is_log=False)


@dataclass(frozen=True, slots=True)
class TestedPair:
    """A pair with the outcome of its test at the level ``alpha``. ``estimate`` is None where too little is known."""

    pair: FigurePair
    estimate: EstimatedDifference | None
    alpha: float = ALPHA
    is_found: bool = False


def tested_pairs(pairs: Sequence[FigurePair]) -> Iterator[TestedPair]:
    """Every pair with the level that Holm's correction leaves it, and whether its difference is found at that level."""
    estimates = [pair.usual_estimate() for pair in pairs]
    order = sorted((estimate.p, index) for index, estimate in enumerate(estimates) if estimate is not None)
    alphas, found = {}, set()
    level, stopped = ALPHA, False
    for rank, (p, index) in enumerate(order):
        if not stopped:
            level = ALPHA / (len(order) - rank)
            stopped = p > level
        alphas[index] = level
        if not stopped:
            found.add(index)
    for index, (pair, estimate) in enumerate(zip(pairs, estimates, strict=True)):
        yield TestedPair(pair, estimate, alphas.get(index, ALPHA), index in found)


def superiority(base: NDArray[Any], new: NDArray[Any]) -> float | None:
    """The chance that a value of NEW, drawn at random, is above one of BASE; ties count half."""
    if not len(base) or not len(new):
        return None
    ordered = np.sort(base)
    drawn = np.sort(new)
    below = np.searchsorted(ordered, drawn, side="left").sum(dtype=np.float64)
    not_above = np.searchsorted(ordered, drawn, side="right").sum(dtype=np.float64)
    return float((below + not_above) / 2 / len(base) / len(new))


def _welch(first: float, first_df: int, second: float, second_df: int) -> float:
    """The degrees of freedom of a difference (Welch and Satterthwaite)."""
    below = first**4 / first_df + second**4 / second_df
    return float((first**2 + second**2) ** 2 / below) if below else float(first_df + second_df)
