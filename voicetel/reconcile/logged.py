"""What the logs say that was used, by provider, model and day of a zone, and what the card makes of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from voicetel.analyzers.core.local_time import set_local_time
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.priced_usage.usage import prepare_rates
from voicetel.pricing.money import NINTHS
from voicetel.pricing.units import BILLABLES, rounded_up_sql
from voicetel.reconcile.causes import Ours

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import Rate, RateCard

ROUNDING_STEPS_S = (1, 15, 60)
"""Up to how many seconds providers round the time of a request."""

_BILLED = tuple(billable for billable in BILLABLES if billable.quantity != "calls")
_TIMES = tuple(billable.quantity for billable in _BILLED if billable.basis == "time")


class UsageKey(NamedTuple):
    """One kind of usage on one day, as far as its amount is in one currency.

    ``unit`` is the name of the quantity, ``calls`` for fees per call; None for what was charged without any quantity.
    ``currency`` is that of what the provider itself charged, else the card's.
    """

    provider: str
    stage: str
    model: str | None
    day: date
    unit: str | None
    currency: str


@dataclass(frozen=True, slots=True)
class JointCharge:
    """What a provider charged in one sum for several quantities: usage → how much of it."""

    amount: Fraction
    quantities: Mapping[UsageKey, Fraction]


@dataclass(frozen=True, slots=True)
class LoggedUsage:
    """What was used. Its amounts have nothing of ``joint_charges``: in which of their quantities those are the logs do not say."""

    usage: Mapping[UsageKey, Ours]
    joint_charges: Sequence[JointCharge] = ()


@dataclass(slots=True)
class _Sums:
    quantity: Fraction = Fraction(0)
    amount: Fraction | None = None
    cancelled: Fraction = Fraction(0)
    rounded: defaultdict[int, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    connected: Fraction | None = None
    is_charged: bool = False

    def ours(self) -> Ours:
        return Ours(
            self.quantity,
            self.amount,
            self.cancelled,
            dict(self.rounded),
            self.connected,
            is_charged=self.is_charged,
        )

    def add_amount(self, amount: Fraction) -> None:
        self.amount = (self.amount or Fraction(0)) + amount


def logged_usage(context: AnalysisContext, card: RateCard, providers: Iterable[str], zone: str) -> LoggedUsage:
    """The usage of these providers in the selected calls of ``context``, day by day of ``zone``.

    Amounts are by the card, whose rates go by UTC days; what a provider charged for an operation itself beats it, in whatever currency.
    """
    wanted = {card.provider(name) for name in providers}
    own_steps = [rate.round_up_to_s for rate in card.rates() if rate.round_up_to_s]
    steps: list[Decimal] = sorted({*map(Decimal, ROUNDING_STEPS_S), *own_steps})
    set_local_time(context.connection, zone)
    found: defaultdict[UsageKey, _Sums] = defaultdict(_Sums)
    joint_charges = []
    for row in context.records(_sql(steps), currency=card.currency):
        row["provider_of_card"] = card.provider(row["provider"] or "")
        if row["provider_of_card"] in wanted:
            quantities = _add(found, row, card, steps)
            if len(quantities) > 1 and row["charged"] is not None:
                joint_charges.append(JointCharge(Fraction(row["charged"]), quantities))
    _add_fees(found, context, card, wanted)
    return LoggedUsage({key: sums.ours() for key, sums in found.items()}, joint_charges)


def _add(
    found: defaultdict[UsageKey, _Sums], row: dict[str, Any], card: RateCard, steps: Sequence[Decimal]
) -> dict[UsageKey, Fraction]:
    """Add a row to what was found, but for a charge for several quantities. Gives back its quantities."""
    rate = card.rate_on(row["utc_day"], row["stage"], row["provider"], row["model"])
    quantities: dict[UsageKey, Fraction] = {}
    for unit, column in _units(row):
        key = _key(row, unit)
        sums = found[key]
        quantity = Fraction(row[unit])
        if rate is not None and rate.round_up_to_s and unit in _TIMES:
            quantity = Fraction(row[f"{unit}_{steps.index(rate.round_up_to_s)}"])
        quantities[key] = quantity
        sums.quantity += quantity
        if row["cancelled"]:
            sums.cancelled += quantity
        if row["charged"] is None and (priced := _priced(quantity, column, rate)) is not None:
            sums.add_amount(priced)
        if unit in _TIMES:
            for i, step in enumerate(steps):
                if step in ROUNDING_STEPS_S:
                    sums.rounded[int(step)] += Fraction(row[f"{unit}_{i}"])
        if unit == "audio_s" and row["connected_s"]:
            sums.connected = (sums.connected or Fraction(0)) + Fraction(row["connected_s"])
    if row["charged"] is not None:
        of_one = Fraction(row["charged"]) if len(quantities) <= 1 else Fraction(0)
        for key in quantities or [_key(row, None)]:
            found[key].is_charged = True
            found[key].add_amount(of_one)
    return quantities


def _key(row: dict[str, Any], unit: str | None) -> UsageKey:
    return UsageKey(row["provider_of_card"], row["stage"], row["model"], row["day"], unit, row["currency"])


def _add_fees(found: defaultdict[UsageKey, _Sums], context: AnalysisContext, card: RateCard, wanted: set[str]) -> None:
    """Fees per call: each call once for each table that has one, on the day of the first operation that the table prices."""
    if all(rate.per_call is None for rate in card.rates()):
        return
    prepare_rates(context, card)
    for stage, named, model, day, ninths, calls in context.rows(load_sql(__name__, "fees_per_call.sql")):
        provider = card.provider(named)
        if provider in wanted:
            sums = found[UsageKey(provider, stage, model, day, "calls", card.currency)]
            sums.quantity += calls
            sums.add_amount(calls * Fraction(ninths) / NINTHS)


def _units(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(unit, column of rates) of what the operations of a row used."""
    for billable in _BILLED:
        if row[billable.quantity]:
            yield billable.quantity, billable.column


def _priced(quantity: Fraction, column: str, rate: Rate | None) -> Fraction | None:
    per_unit = getattr(rate, column) if rate is not None else None
    return None if per_unit is None else quantity * Fraction(per_unit)


def _sql(steps: Sequence[Decimal]) -> str:
    """One row per stage, provider, model, day, currency and kind of operation: sums of what is billed of each quantity.

    Charges for other quantities are in other rows.
    """
    billed = ", ".join(f"billed_{each.quantity}" for each in _BILLED)
    sums = [f"sum(billed_{each.quantity}) AS {each.quantity}" for each in _BILLED]
    sums += [
        f"sum({rounded_up_sql(f'billed_{unit}', f'CAST({step} AS DECIMAL(15, 6))')}) AS {unit}_{i}"
        for unit in _TIMES
        for i, step in enumerate(steps)
    ]
    return f"""
        WITH operation AS (
            SELECT
                stage, provider, model, CAST(local_time(ts) AS DATE) AS day, CAST(ts AS DATE) AS utc_day,
                coalesce(CAST(status AS VARCHAR) = 'cancelled', false) AS cancelled, session_s, {billed},
                coalesce(charged_currency, $currency) AS currency, charged AS charge,
                CASE WHEN charged IS NOT NULL THEN quantity_bits END AS charged_for
            FROM selected_operations
            WHERE provider IS NOT NULL AND stage IS NOT NULL
        )
        SELECT
            stage, provider, model, day, utc_day, currency, cancelled, charged_for,
            sum(charge) AS charged, sum(session_s) AS connected_s, {", ".join(sums)}
        FROM operation
        GROUP BY ALL
        ORDER BY ALL
    """
