"""One operation and one rate → an exact amount, and the quantities that no rate covers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from voicetel.pricing.money import EXACT, QUANTITY_PLACES, ZERO, amount_of, exact_sum, round_half_up
from voicetel.pricing.units import AUDIO_STAGES, BILLABLES, Billable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voicetel.pricing.match import Rate

MAX_QUANTITY = 10**9
"""A quantity of one operation is below this (DECIMAL(15,6)); more, or less than 0, is read as unknown: see docs/decisions/decimal-types.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantities:
    """What one operation used, as logged: at least 0, None where it is unknown. The names are those of the log.

    ``calls`` is not logged: it is 1 on the first operation of a call that a table with a ``per_call`` rate
    applies to, so that the call is charged once, and None on all others.
    """

    input_tokens: Decimal | None = None
    cached_input_tokens: Decimal | None = None
    cache_write_tokens: Decimal | None = None
    input_audio_tokens: Decimal | None = None
    cached_input_audio_tokens: Decimal | None = None
    output_tokens: Decimal | None = None
    output_audio_tokens: Decimal | None = None
    audio_s: Decimal | None = None
    characters: Decimal | None = None
    session_s: Decimal | None = None
    requests: Decimal | None = None
    calls: Decimal | None = None

    @classmethod
    def logged(cls, operation: Mapping[str, object]) -> Quantities:
        """The quantities of an operation of the log, to 6 places; what cannot be one is unknown. Never raises."""
        return cls(**{field.name: quantity(operation.get(field.name)) for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of an operation's bill: ``billed`` units of ``quantity`` at ``rate``, which is exactly ``amount``."""

    quantity: str
    billed: Decimal
    rate: Fraction
    amount: Fraction


@dataclass(frozen=True, slots=True)
class Priced:
    """What an operation costs, in the card's currency.

    ``exact`` is the sum of ``lines``, and ``amount`` the same as a decimal. With no lines it is 0 and is not a price:
    either nothing was billable (``unpriced`` is empty too) or nothing of it has a rate. ``unpriced`` names the quantities
    that no rate covers.
    """

    exact: Fraction
    unpriced: tuple[str, ...] = ()
    lines: tuple[LineItem, ...] = ()

    @property
    def amount(self) -> Decimal:
        """Whole where it has a last digit, else half up at the 24th place; to be added to others take ``exact``."""
        return amount_of(self.exact)

    @property
    def billable(self) -> bool:
        """Whether the operation counts for coverage: something was used that has a rate or lacks one."""
        return bool(self.lines or self.unpriced)

    @property
    def covered(self) -> bool:
        """Whether all that is billable has a rate."""
        return bool(self.lines) and not self.unpriced


def price(rate: Rate | None, quantities: Quantities, *, stage: str | None = None) -> Priced:
    """Price an operation's quantities at a rate; None is no rate, and leaves all of them unpriced.

    Exact: nothing is rounded, and the plain sum of billed quantity × rate over ``units.BILLABLES`` is divided once.
    ``stage`` is read only where there is no rate: which kind of time is unpriced depends on it.
    """
    billed = billed_quantities(quantities, stage=rate.stage if rate else stage)
    unpriced = unpriced_quantities(rate, (name for name, amount in billed.items() if amount > 0))
    if rate is None:
        return Priced(Fraction(0), unpriced)
    lines = tuple(
        _line_item(rate, billable, billed[billable.quantity])
        for billable in BILLABLES
        if billable.quantity in billed and getattr(rate, billable.column) is not None
    )
    return Priced(sum((line.amount for line in lines), Fraction(0)), unpriced, lines)


def billed_quantities(quantities: Quantities, *, stage: str | None) -> dict[str, Decimal]:
    """What is billed of each logged quantity, in the order of ``units.BILLABLES``; what was not logged is left out.

    A whole is billed less its parts, and never below 0. ``stage`` None stands for a stage that is not known: either
    kind of time may then be what is billed.
    """
    billed: dict[str, Decimal] = {}
    for billable in BILLABLES:
        logged: Decimal | None = getattr(quantities, billable.quantity)
        if logged is not None and _is_billed(billable, quantities, stage):
            parts = exact_sum(billed.get(part, ZERO) for part in billable.parts)
            billed[billable.quantity] = max(EXACT.subtract(logged, parts), ZERO)
    return billed


def unpriced_quantities(rate: Rate | None, billed: Iterable[str]) -> tuple[str, ...]:
    """Which of an operation's billed quantities (those above 0) no rate covers, in the order of ``units.BILLABLES``.

    The bases (time, characters, tokens, requests, calls) are different measures of the same work: one that has a
    rate covers the others. Tokens are the exception among themselves: where a card prices any kind of token, every
    kind that was used needs a rate of its own.
    """
    names = set(billed)
    used = [billable for billable in BILLABLES if billable.quantity in names]
    if rate is None:
        return tuple(billable.quantity for billable in used)
    bases = {billable.basis for billable in BILLABLES if getattr(rate, billable.column) is not None}
    if "tokens" in bases:
        gaps = [b for b in used if b.basis == "tokens" and getattr(rate, b.column) is None]
        if gaps:
            return tuple(billable.quantity for billable in gaps)
    if "calls" in bases or any(billable.basis in bases for billable in used):
        return ()
    return tuple(billable.quantity for billable in used)


def quantity(value: object) -> Decimal | None:
    """A number of the log as a quantity: 6 places, half up; None where it is no number, below 0 or impossibly large."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or not 0 <= number < MAX_QUANTITY:
        return None
    return round_half_up(number, QUANTITY_PLACES)


def rounded_up(seconds: Decimal, step_s: Decimal | None) -> Decimal:
    """``seconds`` up to the next whole multiple of ``step_s``: how whole minutes are billed. None leaves them be."""
    if step_s is None:
        return seconds
    missing = EXACT.remainder(EXACT.subtract(step_s, EXACT.remainder(seconds, step_s)), step_s)
    return EXACT.add(seconds, missing)


def _line_item(rate: Rate, billable: Billable, billed: Decimal) -> LineItem:
    units = rounded_up(billed, rate.round_up_to_s) if billable.basis == "time" else billed
    per_unit: Fraction = getattr(rate, billable.column)
    return LineItem(billable.quantity, units, per_unit, Fraction(units) * per_unit)


def _is_billed(billable: Billable, quantities: Quantities, stage: str | None) -> bool:
    if billable.basis != "time" or stage is None:
        return True
    if stage not in AUDIO_STAGES:
        return billable.quantity == "session_s"
    return billable.quantity == "audio_s" or quantities.audio_s is None
