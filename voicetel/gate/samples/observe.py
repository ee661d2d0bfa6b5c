"""Figures of a sample: one number for each metric and statistic, as the report has it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from voicetel.analyzers.core.statistics import DECIMALS
from voicetel.gate.details.peak import peak
from voicetel.gate.metric import PEAK, PERCENTILES
from voicetel.gate.samples.sample import PER_MS
from voicetel.pricing.money import RATE_PLACES, amount_of, round_fraction

if TYPE_CHECKING:
    from decimal import Decimal

    from numpy.typing import NDArray

    from voicetel.gate.metric import Measure
    from voicetel.gate.samples.sample import Sample

LENGTHS = ("duration_s", "waited_ms", "audio_s", "played_s")
"""Columns that a figure is divided by and that count nothing."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A figure of a sample as the report has it, from ``n`` values of ``calls`` calls. None where there is no value."""

    value: float | Decimal | None
    n: int
    calls: int


def observe(sample: Sample, measure: Measure) -> Observed:
    """The figure itself: exact money, latencies in ms, shares from 0 to 1."""
    metric, statistic = measure.metric, measure.statistic
    if not metric.ratios:
        turns = sample.turns[metric.name]
        n = len(turns.values)
        calls = int(np.count_nonzero(np.bincount(turns.calls, minlength=1)))
        return Observed(_of_turns(turns.values, statistic) if n else None, n, calls)
    if statistic == PEAK:
        most, timed = peak(sample.calls)
        return Observed(most, timed, timed)
    ratio = metric.ratio(statistic)
    above = sample.total(ratio.numerator)
    below = sample.total(ratio.denominator) if ratio.denominator else 1
    n = int(below or 0) if ratio.denominator and ratio.denominator not in LENGTHS else len(sample)
    calls = (
        len(sample)
        if ratio.denominator in {None, "calls", "lines"}
        else int(np.count_nonzero(sample.per_call(ratio.denominator or "") > 0))
    )
    if ratio.known and not sample.total(ratio.known):
        return Observed(None, 0, calls)
    if above is None or not below:
        return Observed(None, n if above is not None else 0, calls)
    if metric.unit == "money":
        exact = Fraction(above) * ratio.factor / Fraction(below)
        return Observed(round_fraction(exact, RATE_PLACES) if ratio.denominator else amount_of(exact), n, calls)
    return Observed(float(above) / float(below) * ratio.factor, n, calls)


def _of_turns(values: NDArray[Any], statistic: str) -> float:
    match statistic:
        case "avg":
            return round(int(values.sum()) / len(values) / PER_MS, DECIMALS)
        case "min":
            return int(values.min()) / PER_MS
        case "max":
            return int(values.max()) / PER_MS
        case _:
            return round(float(np.quantile(values, PERCENTILES[statistic])) / PER_MS, DECIMALS)
