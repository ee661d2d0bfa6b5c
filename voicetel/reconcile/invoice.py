"""One line of an invoice, whoever sent it, and the error of an invoice that cannot be read."""

from __future__ import annotations

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
    """What a line is for, by the words of its description and by its sign."""
    words = text.casefold()
    if any(word in words for word in ("credit", "discount", "promo", "refund", "free tier")) or (amount or 0) < 0:
        return Charge.CREDIT
    if any(
        word in words
        for word in ("minimum", "subscription", "platform fee", "commitment", "monthly fee", "support plan")
    ):
        return Charge.MINIMUM
    if any(word in words.split() for word in ("tax", "vat", "gst", "ндс")):
        return Charge.TAX
    return Charge.USAGE
