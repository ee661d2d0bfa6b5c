"""How sure a share of independent calls is.

E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209: unlike share ± 2 errors it never leaves 0 to 1, and
says something of a share of 0 or 1 too.
"""

from __future__ import annotations

import math

CONFIDENCE = 0.95
_Z = 1.959963984540054
"""The standard normal distribution's 97.5 % quantile."""


def wilson_interval(part: int, whole: int) -> tuple[float, float] | None:
    """(low, high), between which the share ``part`` ÷ ``whole`` of other such calls lies 19 times out of 20; None of none."""
    if not whole:
        return None
    share, weight = part / whole, _Z**2 / whole
    middle = (share + weight / 2) / (1 + weight)
    half = math.sqrt(share * (1 - share) / whole + weight / (4 * whole)) * _Z / (1 + weight)
    return (0.0 if part == 0 else middle - half, 1.0 if part == whole else middle + half)
