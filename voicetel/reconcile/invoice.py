"""One line of an invoice, whoever sent it, and the error of an invoice that cannot be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from voicetel.errors import UsageError

if TYPE_CHECKING:
    from datetime import date
    from fractions import Fraction


class InvoiceError(UsageError):
    """An invoice that cannot be read or cannot mean anything: one line with file, place and what to do."""


class Charge(StrEnum):
    """What a line of an invoice is for."""

    USAGE = "usage"
    """Something that was used, and what it cost."""
    CREDIT = "credit"
    """A credit, a discount or a refund: its amount is below 0."""
    MINIMUM = "minimum_fee"
    """A minimum, a subscription or another amount that no quantity explains."""
    TAX = "tax"


_CREDIT = re.compile(
    r"\b(?:credit(?! (?:card|us(?:e|ed|age)|consum\w+)\b)|discounts?|promo(?:tion(?:al)?)?s?|refunds?)\b"
)
"""Not the credits that a provider counts its usage in, nor a rate that is discounted: these lines are of usage."""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """What a provider says about one model on some days.

    ``quantity`` is counted in what the log counts: ``unit`` is the name of a quantity of the log (audio_s, input_tokens, …),
    None where the invoice states amounts alone. ``amount`` is in ``currency``, None where it states quantities alone.
    ``stage`` and ``model`` are None where the invoice does not tell them apart, ``first_day`` where it names no day.
    """

    provider: str
    stage: str | None = None
    model: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    """The last day that the line is about, itself included. None: it is about one day."""
    unit: str | None = None
    quantity: Fraction | None = None
    amount: Fraction | None = None
    currency: str = "USD"
    charge: Charge = Charge.USAGE


def charge_of(text: str, amount: Fraction | None) -> Charge:
    """What a line is for, by the words of its description and by its sign.

    What costs something is not of a free tier, but beyond it.
    """
    words = " ".join(re.findall(r"[^\W_]+", text.casefold()))
    if (amount or 0) < 0 or _CREDIT.search(words) or ("free tier" in words and not amount):
        return Charge.CREDIT
    if any(
        word in words
        for word in ("minimum", "subscription", "platform fee", "commitment", "monthly fee", "support plan")
    ):
        return Charge.MINIMUM
    if any(word in words.split() for word in ("tax", "taxes", "vat", "gst", "ндс")):
        return Charge.TAX
    return Charge.USAGE
