"""Why an amount of an invoice is another than the log's: parts that add up to the difference, from the arithmetic alone.

With q for quantities, r for rates and a for amounts, *ours* from log and card and *theirs* from the invoice,

    theirs.a − ours.a = (theirs.q − ours.q) × ours.r  +  (theirs.a − theirs.q × ours.r)

is exact: the first term is what another quantity makes, the second what another rate does. The quantity's is taken apart
further where a figure of the log explains it: operations that were cancelled, time rounded up for every request, connected
time in place of audio, another day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_AS_GOOD_AS = Fraction(1, 10**4)
"""Quantities that differ by less than this share are the same: invoices round theirs."""

ROUNDED = Fraction(1, 10**6)
"""What is left of a difference is the rounding of the invoice's figures where it is at most this share of them."""


class Cause(StrEnum):
    """Why two amounts differ."""

    MISSING_IN_LOGS = "missing_in_logs"
    """The invoice counts more than was logged: calls or operations are missing from the logs."""
    MISSING_IN_INVOICE = "missing_in_invoice"
    """The invoice counts less than was logged: not everything is billed, or not yet."""
    CANCELLED = "cancelled"
    """What was cancelled was logged, and is not billed."""
    ROUNDING_UP = "rounding_up"
    """The time of each request is billed up to whole seconds, or whole minutes."""
    SILENCE = "silence"
    """Connected time is billed where audio was logged."""
    DAY_BOUNDARY = "day_boundary"
    """The other side counts it on the day before or after: its days begin at another time."""
    RATE = "rate"
    """The same quantity at another rate."""
    NO_RATE = "no_rate"
    """The card has no rate for it."""
    NOT_IN_LOGS = "not_in_logs"
    """The logs know nothing of this model or day."""
    NOT_IN_INVOICE = "not_in_invoice"
    """The invoice knows nothing of this model or day."""
    AMOUNT_ONLY = "amount_only"
    """The invoice states no quantity: whether that or the rate differs, it does not say."""
    PRECISION = "precision"
    """The figures of the invoice are rounded: it differs in their seventh digit or beyond."""
    CURRENCY = "currency"
    """It is billed in one currency, and charged or priced by the card in another: amounts are never converted."""
    CREDIT = "credit"
    MINIMUM_FEE = "minimum_fee"
    TAX = "tax"


@dataclass(frozen=True, slots=True)
class Ours:
    """What the logs say of something, and what the card makes of it.

    ``amount`` is None where the card has no rate. ``cancelled`` is the part of ``quantity`` that was cancelled, ``rounded``
    what ``quantity`` would be if every operation were rounded up to so many seconds, ``connected`` the connected time.
    """

    quantity: Fraction = Fraction(0)
    amount: Fraction | None = None
    cancelled: Fraction = Fraction(0)
    rounded: Mapping[int, Fraction] = field(default_factory=dict)
    connected: Fraction | None = None
    usual_rate: Fraction | None = None
    """That of the days around, where there is no quantity of its own."""
    is_charged: bool = False
    """Whether any of ``amount`` is what the provider itself charged."""

    @property
    def rate(self) -> Fraction | None:
        """Amount ÷ quantity."""
        return self.amount / self.quantity if self.quantity and self.amount is not None else self.usual_rate


@dataclass(frozen=True, slots=True)
class Theirs:
    """What the invoice says. Of quantity and amount one may be None: it does not state it."""

    quantity: Fraction | None = None
    amount: Fraction | None = None

    @property
    def rate(self) -> Fraction | None:
        """Amount ÷ quantity: the rate that the invoice implies."""
        return self.amount / self.quantity if self.quantity and self.amount is not None else None


@dataclass(frozen=True, slots=True)
class Part:
    """One cause and what it makes of the difference. ``step_s``: up to how many seconds time is rounded."""

    cause: Cause
    amount: Fraction
    quantity: Fraction | None = None
    step_s: int | None = None


def difference(ours: Ours | None, theirs: Theirs | None) -> Fraction:
    """The invoice's amount less ours. Where it states quantities alone, theirs at our rate; what has no rate counts 0."""
    mine = ours.amount or Fraction(0) if ours else Fraction(0)
    if theirs is None:
        return -mine
    if theirs.amount is not None:
        return theirs.amount - mine
    rate = ours.rate if ours else None
    return ((theirs.quantity or Fraction(0)) - ours.quantity) * rate if ours and rate is not None else Fraction(0)


def causes(ours: Ours | None, theirs: Theirs | None, shifted: Fraction = Fraction(0)) -> list[Part]:
    """The parts of ``difference``. ``shifted``: how much of their quantity is of a neighbouring day of ours."""
    total = difference(ours, theirs)
    if theirs is None:
        return _whole(Cause.NOT_IN_INVOICE, total, -ours.quantity if ours else None)
    if ours is None or (not ours.quantity and not ours.amount and not shifted):
        return _whole(Cause.NOT_IN_LOGS, total, theirs.quantity)
    if ours.amount is None:
        return _whole(Cause.NO_RATE, total, theirs.quantity)
    if theirs.quantity is None or ours.rate is None:
        return _whole(Cause.AMOUNT_ONLY, total, None)
    parts = [
        Part(cause, quantity * ours.rate, quantity, step_s)
        for cause, quantity, step_s in _of_quantity(ours, theirs.quantity, shifted)
        if quantity
    ]
    rest = total - sum((part.amount for part in parts), Fraction(0))
    if rest:
        is_rounded = theirs.amount is not None and abs(rest) <= abs(theirs.amount) * ROUNDED
        cause = Cause.PRECISION if is_rounded else Cause.RATE if theirs.quantity else Cause.MINIMUM_FEE
        parts.append(Part(cause, rest))
    return parts


def _whole(cause: Cause, amount: Fraction, quantity: Fraction | None) -> list[Part]:
    return [Part(cause, amount, quantity)] if amount or quantity else []


def _of_quantity(ours: Ours, billed: Fraction, shifted: Fraction) -> list[tuple[Cause, Fraction, int | None]]:
    """(cause, quantity, step) of what the quantities differ by; the quantities add up to it."""
    found: list[tuple[Cause, Fraction, int | None]] = [(Cause.DAY_BOUNDARY, shifted, None)]
    rest = billed - ours.quantity - shifted
    explained = next((each for each in _explanations(ours) if _same(each[1], rest, billed)), None)
    if explained:
        found.append(explained)
        rest -= explained[1]
    missing = Cause.MISSING_IN_LOGS if rest > 0 else Cause.MISSING_IN_INVOICE
    found.append((Cause.PRECISION if abs(rest) <= abs(billed) * ROUNDED else missing, rest, None))
    return found


def _explanations(ours: Ours) -> list[tuple[Cause, Fraction, int | None]]:
    """What figures of the log could explain, the simplest first; differences of 0 explain nothing."""
    found: list[tuple[Cause, Fraction, int | None]] = [(Cause.CANCELLED, -ours.cancelled, None)]
    found += [(Cause.ROUNDING_UP, rounded - ours.quantity, step) for step, rounded in sorted(ours.rounded.items())]
    if ours.connected is not None:
        found.append((Cause.SILENCE, ours.connected - ours.quantity, None))
    return [each for each in found if each[1]]


def _same(explained: Fraction, rest: Fraction, billed: Fraction) -> bool:
    """Whether what is explained is what is to be explained, as far as an invoice's rounded quantities tell."""
    return abs(explained - rest) <= abs(billed) * _AS_GOOD_AS and abs(explained - rest) < abs(explained) / 4


def shifts(differences: list[Fraction]) -> list[Fraction]:
    """How much of the differences of consecutive days is of a neighbour: what one day lacks and the next has too much.

    They add up to 0. Only days whose differences have opposite signs take part, each with the next.
    """
    left = list(differences)
    found = [Fraction(0)] * len(left)
    for i in range(len(left) - 1):
        if left[i] * left[i + 1] < 0:
            moved = min(abs(left[i]), abs(left[i + 1])) * (1 if left[i] > 0 else -1)
            for j, amount in ((i, moved), (i + 1, -moved)):
                found[j] += amount
                left[j] -= amount
    return found
