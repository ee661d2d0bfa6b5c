"""Statistics over values of one unit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from voicetel.results import figure, result

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

DECIMALS = 6
"""Of an average or a percentile in ms: finer than any clock, coarse enough to be rid of the noise of binary fractions."""

PERCENTILES = (0.5, 0.9, 0.95, 0.99)

NORMAL_97_5 = 1.959963984540054
"""The standard normal distribution's 97.5 % quantile."""


@result
class Statistics:
    """Of ``n`` values in ms. Percentiles interpolate linearly. All None where ``n`` is 0."""

    n: int = figure("How many values count.", default=0)
    avg: float | None = figure("Their mean.", unit="ms", default=None)
    min: float | None = figure("The lowest.", unit="ms", default=None)
    p50: float | None = figure("The median.", unit="ms", default=None)
    p90: float | None = figure("The 90th percentile.", unit="ms", default=None)
    p95: float | None = figure("The 95th percentile.", unit="ms", default=None)
    p99: float | None = figure("The 99th percentile.", unit="ms", default=None)
    max: float | None = figure("The highest.", unit="ms", default=None)


def statistics_of(
    n: int, total: Decimal | float, lowest: Decimal | float, highest: Decimal | float, percentiles: Sequence[float]
) -> Statistics:
    """Statistics of ``n`` values from their sum, bounds and PERCENTILES, rounded to DECIMALS."""
    p50, p90, p95, p99 = (round(value, DECIMALS) for value in percentiles)
    return Statistics(int(n), round(float(total) / int(n), DECIMALS), float(lowest), p50, p90, p95, p99, float(highest))


def wilson_interval(share: float, n: float, z: float = NORMAL_97_5) -> tuple[float, float]:
    """(low, high), between which a share of ``n`` independent calls lies in other such calls; 19 times out of 20 with the default ``z``.

    E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209: unlike share ± 2 errors it never leaves 0 to 1, and
    says something of a share of 0 or 1 too. ``n`` is above 0.
    """
    weight = z**2 / n
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / n + weight / (4 * n))
    return max(0.0, middle - half) if share > 0 else 0.0, min(1.0, middle + half) if share < 1 else 1.0
