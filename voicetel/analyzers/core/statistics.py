"""Statistics over values of one unit."""

from __future__ import annotations

from dataclasses import dataclass

PLACES = 6
"""Of an average or a percentile in ms: finer than any clock, coarse enough to be rid of the noise of binary fractions."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of ``n`` values, in their unit. Percentiles interpolate linearly. All None where ``n`` is 0."""

    n: int = 0
    avg: float | None = None
    min: float | None = None
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None
    max: float | None = None
