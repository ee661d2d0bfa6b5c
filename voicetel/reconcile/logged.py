"""What the logs say that was used, by provider, model and day of a zone, and what the card makes of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from voicetel.analyzers.core.local_time import set_local_time
from voicetel.pricing.units import BILLABLES, billed_sql, rounded_up_sql
from voicetel.reconcile.causes import Ours

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    import duckdb

    from voicetel.pricing import Rate, RateCard

ROUNDING_STEPS_S = (1, 15, 60)
"""Up to how many seconds providers round the time of a request."""

_BILLED = tuple(billable for billable in BILLABLES if billable.quantity != "calls")
_TIMES = tuple(billable.quantity for billable in _BILLED if billable.basis == "time")


class UsageKey(NamedTuple):
    """One kind of usage on one day: ``unit`` is the name of the quantity."""

    provider: str
    stage: str
    model: str | None
    day: date
    unit: str


@dataclass(slots=True)
class _Sums:
    quantity: Fraction = Fraction(0)
    amount: Fraction | None = None
    cancelled: Fraction = Fraction(0)
    rounded: defaultdict[int, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    connected: Fraction | None = None

    def ours(self) -> Ours:
        return Ours(self.quantity, self.amount, self.cancelled, dict(self.rounded), self.connected)


def logged_usage(
    connection: duckdb.DuckDBPyConnection, card: RateCard, providers: Iterable[str], zone: str
) -> dict[UsageKey, Ours]:
    """The usage of these providers in the selected calls (the relation ``selected_calls``), day by day of ``zone``.

    Amounts are by the card, whose rates go by UTC days; what a provider charged for an operation itself beats it.
    """
    wanted = {card.provider(name) for name in providers}
    own_steps = [rate.round_up_to_s for rate in card.rates() if rate.round_up_to_s]
    steps: list[Decimal] = sorted({*map(Decimal, ROUNDING_STEPS_S), *own_steps})
    set_local_time(connection, zone)
    rows = connection.execute(_sql(steps), {"currency": card.currency})
    names = [column[0] for column in rows.description or ()]
    found: defaultdict[UsageKey, _Sums] = defaultdict(_Sums)
    for values in rows.fetchall():
        row = dict(zip(names, values, strict=True))
        provider = card.provider(row["provider"] or "")
        if provider in wanted:
            _add(found, row, provider, card, steps)
    return {key: sums.ours() for key, sums in found.items()}


def _add(
    found: defaultdict[UsageKey, _Sums], row: dict[str, Any], provider: str, card: RateCard, steps: Sequence[Decimal]
) -> None:
    rate = card.rate_on(row["utc_day"], row["stage"], row["provider"], row["model"])
    charged = None if row["charged"] is None else Fraction(row["charged"])
    for unit, column in _units(row):
        sums = found[UsageKey(provider, row["stage"], row["model"], row["day"], unit)]
        quantity = Fraction(row[unit])
        priced = _priced(row, unit, column, rate, steps)
        if rate is not None and rate.round_up_to_s and unit in _TIMES:
            quantity = Fraction(row[f"{unit}_{steps.index(rate.round_up_to_s)}"])
        sums.quantity += quantity
        if row["cancelled"]:
            sums.cancelled += quantity
        if row["is_charged"]:
            sums.amount = (sums.amount or Fraction(0)) + (charged or Fraction(0))
            charged = None
        elif priced is not None:
            sums.amount = (sums.amount or Fraction(0)) + priced
        if unit in _TIMES:
            for i, step in enumerate(steps):
                if step in ROUNDING_STEPS_S:
                    sums.rounded[int(step)] += Fraction(row[f"{unit}_{i}"])
        if unit == "audio_s" and row["connected_s"]:
            sums.connected = (sums.connected or Fraction(0)) + Fraction(row["connected_s"])


def _units(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(unit, column of rates) of what the operations of a row used."""
    for billable in _BILLED:
        if row[billable.quantity]:
            yield billable.quantity, billable.column


def _priced(
    row: dict[str, Any], unit: str, column: str, rate: Rate | None, steps: Sequence[Decimal]
) -> Fraction | None:
    per_unit = getattr(rate, column) if rate is not None else None
    if rate is None or per_unit is None:
        return None
    rounds = rate.round_up_to_s and unit in _TIMES
    quantity = row[f"{unit}_{steps.index(rate.round_up_to_s)}"] if rounds else row[unit]
    return Fraction(quantity) * Fraction(per_unit)


def _sql(steps: Sequence[Decimal]) -> str:
    """One row per stage, provider, model, day and kind of operation: sums of what is billed of each quantity."""
    billed = ", ".join(f"CAST({billed_sql(each)} AS DECIMAL(15, 6)) AS billed_{each.quantity}" for each in _BILLED)
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
                CASE WHEN upper(currency) = $currency AND TRY_CAST(cost AS DECIMAL(38, 18)) BETWEEN 0 AND 99999
                    THEN TRY_CAST(cost AS DECIMAL(38, 18)) END AS charge
            FROM operations SEMI JOIN selected_calls USING (call_id)
            WHERE provider IS NOT NULL AND stage IS NOT NULL
        )
        SELECT
            stage, provider, model, day, utc_day, cancelled, charge IS NOT NULL AS is_charged,
            sum(charge) AS charged, sum(session_s) AS connected_s, {", ".join(sums)}
        FROM operation
        GROUP BY ALL
        ORDER BY ALL
    """
