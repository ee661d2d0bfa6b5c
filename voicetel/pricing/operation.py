"""What one operation of the log costs: what the provider charged, else what the card says."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from voicetel.pricing.money import CURRENCY_CODE, RATE_PLACES, amount_of, round_half_up
from voicetel.pricing.price import LineItem, Quantities, price

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from voicetel.pricing.match import RateCard


MAX_CHARGED = 100_000
"""What a provider charges for one operation is less, or unknown, like a rate; see docs/decisions/decimal-types.md."""


@dataclass(frozen=True, slots=True)
class OperationCost:
    """An operation's cost and where it comes from.

    ``source`` is ``billed`` (the provider's own figure, in its own ``currency``: an amount in another currency than
    the card's is never converted and never added to others), ``card``, or None where no amount is known.
    ``exact`` is what ``amount`` is before it was made a decimal: to be added up. ``unpriced`` names the quantities that
    no rate covers.
    """

    exact: Fraction | None
    currency: str
    source: Literal["billed", "card"] | None
    unpriced: tuple[str, ...] = ()
    lines: tuple[LineItem, ...] = ()

    @property
    def amount(self) -> Decimal | None:
        """Whole where it has a last digit, else half up at the 24th place."""
        return None if self.exact is None else amount_of(self.exact)


def cost_of(
    operation: Mapping[str, object], card: RateCard, day: date, *, carries_call_fee: bool = False
) -> OperationCost:
    """The cost of an operation as it stands in an event, on the UTC day of that event. Never raises.

    ``carries_call_fee``: it is the first of its call that its table of the card applies to, on which ``per_call`` falls.
    """
    charged = charged_cost(operation)
    if charged is not None:
        amount, currency = charged
        return OperationCost(Fraction(amount), currency, "billed")
    stage, provider, model = (_text(operation.get(name)) for name in ("stage", "provider", "model"))
    quantities = replace(Quantities.logged(operation), calls=Decimal(1) if carries_call_fee else None)
    rate = card.rate_on(day, stage or "", provider, model)
    if rate is None or rate.per_call is None:
        quantities = replace(quantities, calls=None)
    priced = price(rate, quantities, stage=stage)
    has_fee = rate is not None and rate.per_call is not None
    if not has_fee and not any(line.billed for line in priced.lines):
        return OperationCost(None, card.currency, None, priced.unpriced)
    return OperationCost(priced.exact, card.currency, "card", priced.unpriced, priced.lines)


def charged_cost(operation: Mapping[str, object]) -> tuple[Decimal, str] | None:
    """``cost`` and ``currency`` as the provider charged them, the amount to 18 places half up.

    None unless both can be read: an amount without a currency is no price.
    """
    cost, currency = operation.get("cost"), _text(operation.get("currency"))
    if isinstance(cost, bool) or not isinstance(cost, str | int | float | Decimal) or currency is None:
        return None
    try:
        amount = Decimal(str(cost))
    except (InvalidOperation, ValueError):
        return None
    if not amount.is_finite() or not 0 <= amount < MAX_CHARGED or not re.fullmatch(CURRENCY_CODE, currency):
        return None
    return round_half_up(amount, RATE_PLACES), currency.upper()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
