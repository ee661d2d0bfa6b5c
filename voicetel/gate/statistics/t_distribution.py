"""Student's t distribution: how sure one may be of a mean that comes from few calls.

The tail is the regularised incomplete beta function, I_x(df/2, 1/2) at x = df / (df + t²), by its continued fraction
(Abramowitz and Stegun, Handbook of Mathematical Functions, 26.5.8 and 26.7.1).
"""

from __future__ import annotations

import math

_TINY = 1e-300
_ENOUGH = 1e-15
_STEPS = 300
_BISECTIONS = 80


def two_sided(t: float, df: float) -> float:
    """The probability that chance alone leads at least as far from 0 as ``t``, with ``df`` degrees of freedom."""
    if math.isinf(t):
        return 0.0
    return _incomplete_beta(df / (df + t * t), df / 2, 0.5)


def critical_value(alpha: float, df: float) -> float:
    """The t that chance alone exceeds, on either side together, with the probability ``alpha``."""
    low, high = 0.0, 1.0
    while two_sided(high, df) > alpha:
        low, high = high, high * 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if two_sided(middle, df) > alpha else (low, middle)
    return high


def _incomplete_beta(x: float, a: float, b: float) -> float:
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, evaluated from the front (Lentz's method)."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    result = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            result *= c * d
        if abs(c * d - 1) < _ENOUGH:
            break
    return result


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
