"""Decimal arithmetic that never loses a digit until it is asked to.

Python's own decimal context keeps 28 digits; an exact amount (a rate of 18 places times a quantity of 6) may
have 38. Whoever adds up amounts outside SQL uses ``exact_sum``, never ``sum``.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
"""Wide enough that no product or sum of amounts is rounded."""

RATE_PLACES = 18
QUANTITY_PLACES = 6

ZERO = Decimal(0)


def round_half_up(amount: Decimal, places: int) -> Decimal:
    """``amount`` to ``places`` decimal places; a half goes away from zero, as in SQL's ``round``."""
    return amount.quantize(Decimal((0, (1,), -places)), rounding=ROUND_HALF_UP, context=EXACT)


def round_fraction(exact: Fraction, places: int) -> Decimal:
    """A fraction of at least 0 to ``places`` decimal places, half up, in one rounding."""
    scaled = (exact * 10**places + Fraction(1, 2)).__floor__()
    return Decimal(scaled).scaleb(-places, context=EXACT)


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of ``amounts`` with every digit kept; 0 of none."""
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
