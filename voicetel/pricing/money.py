"""Arithmetic of money that never loses a digit until it is asked to.

A price per minute is a sixtieth per second, and a sixtieth has no last digit. So rates and amounts are fractions, whose
denominators hold no other factor than 2, 5 and 9: in SQL they are decimals that count ninths. They are added up as such and
divided once, at the end, by ``amount_of``. Whoever adds up decimal amounts outside SQL uses ``exact_sum``, never ``sum``.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
"""Wide enough that no product or sum of amounts is rounded."""

NINTHS = 9
"""A rate is a whole number of ninths of the currency's 10⁻¹⁸ part: per hour is a ninth of per 400 seconds."""

RATE_PLACES = 18
QUANTITY_PLACES = 6
AMOUNT_PLACES = RATE_PLACES + QUANTITY_PLACES
"""An amount that has a last digit has no more places than these."""

CURRENCY_CODE = "[A-Za-z]{3}"
"""The pattern of a currency, in logs and in rate cards, in Python and in SQL. Whether there is such a currency nobody asks."""

ZERO = Decimal(0)


def round_half_up(amount: Decimal, places: int) -> Decimal:
    """``amount`` to ``places`` decimal places; a half goes away from zero, as in SQL's ``round``."""
    return amount.quantize(Decimal((0, (1,), -places)), rounding=ROUND_HALF_UP, context=EXACT)


def round_fraction(exact: Fraction, places: int) -> Decimal:
    """A fraction of at least 0 to ``places`` decimal places, half up, in one rounding."""
    scaled = (exact * 10**places + Fraction(1, 2)).__floor__()
    return Decimal(scaled).scaleb(-places, context=EXACT)


def rate_of(exact: Fraction) -> Fraction:
    """A rate as it is counted: the nearest whole number of ninths of 10⁻¹⁸, which nearly every rate is itself."""
    return Fraction(round_fraction(exact * NINTHS, RATE_PLACES)) / NINTHS


def ninths_of(exact: Fraction) -> Decimal:
    """How many ninths a rate is: a decimal of 18 places."""
    return round_fraction(exact * NINTHS, RATE_PLACES)


def amount_of(exact: Fraction, places: int = AMOUNT_PLACES) -> Decimal:
    """An exact amount as a decimal: whole where it has a last digit, else half up at the 24th place."""
    return round_fraction(exact, places)


def rounded_to_sum(
    parts: Sequence[Fraction], total: Decimal | None = None, places: int = AMOUNT_PLACES
) -> list[Decimal]:
    """Each part as a decimal, so that they add up to the last digit: to ``total``, else to ``amount_of`` of their sum.

    Each is within two units of the 24th place of what it is, and what has a last digit loses it to none but a
    neighbour that has not. A part of 0 stays 0.
    """
    running, counted, found = Fraction(0), ZERO, []
    for part in parts:
        running += part
        upto = amount_of(running, places)
        found.append(EXACT.subtract(upto, counted))
        counted = upto
    if total is not None and total != counted:
        largest = max(range(len(parts)), key=parts.__getitem__)
        found[largest] = EXACT.add(found[largest], EXACT.subtract(total, counted))
    return found


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of ``amounts`` with every digit kept; 0 of none."""
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
