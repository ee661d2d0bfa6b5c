"""Statistics over values of one unit."""

from __future__ import annotations

from voicetel.results import figure, result

PLACES = 6
"""Of an average or a percentile in ms: finer than any clock, coarse enough to be rid of the noise of binary fractions."""


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
