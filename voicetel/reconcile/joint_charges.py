"""Charges for several quantities at once, shared out so that each quantity can be held against its line of an invoice."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from voicetel.pricing import amount_of, rounded_to_sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from voicetel.reconcile.causes import Ours
    from voicetel.reconcile.invoice import InvoiceLine
    from voicetel.reconcile.logged import LoggedUsage, UsageKey


def with_joint_charges(
    logged: LoggedUsage, claims: Sequence[tuple[InvoiceLine, Mapping[UsageKey, Ours]]]
) -> dict[UsageKey, Ours]:
    """The usage with its joint charges in its amounts, shared out in the proportion of what the invoice asks for each quantity.

    ``claims`` are the lines of the invoice with the usage that each is about. The shares of a charge add up to it, to the last digit.
    What no line asks money for has none; where that is so of all, the first quantity that a line is about has the whole, else the first.
    """
    rates = dict(_rates(claims))
    stated = {key for _, claimed in claims for key in claimed}
    usage = dict(logged.usage)
    for charge in logged.joint_charges:
        weights = [quantity * rates.get(key, 0) for key, quantity in charge.quantities.items()]
        if not any(weights):
            weights[next((index for index, key in enumerate(charge.quantities) if key in stated), 0)] = Fraction(1)
        shares = [charge.amount * weight / sum(weights) for weight in weights]
        for key, share in zip(charge.quantities, rounded_to_sum(shares, amount_of(charge.amount)), strict=True):
            usage[key] = replace(usage[key], amount=(usage[key].amount or Fraction(0)) + Fraction(share))
    return usage


def _rates(claims: Iterable[tuple[InvoiceLine, Mapping[UsageKey, Ours]]]) -> Iterator[tuple[UsageKey, Fraction]]:
    """What the invoice asks per unit of usage, in its currency; by the logged quantity where a line states none."""
    for line, claimed in claims:
        own = {key: used.quantity for key, used in claimed.items() if key.currency == line.currency}
        quantity = line.quantity or sum(own.values())
        if line.unit and line.amount and line.amount > 0 and quantity:
            for key in own:
                yield key, line.amount / quantity
