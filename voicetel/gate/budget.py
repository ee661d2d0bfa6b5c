"""Spend against a budget: what the calls of a day, week or month have cost, and what they will have cost at its end.

A call counts on the day of its start in the zone that is asked for. What is to come is expected from the pace of the last
seven whole days, the days without a call included; its interval is Student's t over these seven.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from voicetel.analyzers.cost.rate_notes import rate_notes
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.errors import NoDataError, UsageError
from voicetel.gate.statistics.t_distribution import critical_value
from voicetel.pricing.money import NINTHS, amount_of
from voicetel.results import figure, result

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from voicetel.analyzers.request import Request

PACE_DAYS = 7
_ALPHA = 0.05
_FARTHEST_DAYS = 366

Period = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Budget:
    """So much money for each period."""

    amount: Decimal
    period: Period


@result
class BudgetReport:
    """What was spent of a budget so far, and what will have been at the end of its period."""

    currency: str = figure("Of every amount.")
    budget: Decimal = figure("For the period.", unit="money")
    period: str = figure("day, week or month.", choices=("day", "week", "month"))
    begins: date = figure("First day of the period, in the zone of the answer.")
    ends: date = figure("Last day of it.")
    spent: Decimal = figure("By the calls that started in it so far.", unit="money")
    per_day: Decimal | None = figure(
        "Mean of the last seven whole days; null: there is none in the logs.", unit="money"
    )
    expected: Decimal | None = figure("By the end of the period, at that pace.", unit="money")
    expected_low: Decimal | None = figure("Lower end of its 95 % interval.", unit="money")
    expected_high: Decimal | None = figure("Upper end of it.", unit="money")
    used_up_on: date | None = figure("The day on which the budget is used up; null: not at that pace.")
    is_over: bool = figure("Whether more is spent than the budget.")
    rate_notes: tuple[str, ...] = figure("Rates far off their list price.", default=())


def parse_budget(text: str) -> Budget:
    """``500/month`` as a budget. Raises UsageError."""
    found = re.fullmatch(r"\s*([\d.,]+)\s*/\s*(day|week|month)\s*", text)
    try:
        amount = Decimal(found[1]) if found else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not found or not amount.is_finite() or amount <= 0:
        raise UsageError(f"{text!r} is no budget", hint="write an amount for a day, week or month: 500/month")
    period: dict[str, Period] = {"day": "day", "week": "week", "month": "month"}
    return Budget(amount, period[found[2]])


def budget_spent(request: Request, budget: Budget, now: datetime) -> BudgetReport:
    """Where a budget stands at ``now``, by the calls that are asked for, the rate card, and the days of the selection's zone.

    Raises NoDataError where nothing that these calls used has a price: what was spent is then not known, and is not 0.
    """
    context, card = request.context(), request.rate_card
    price_usage(context, card)
    if context.has_calls and context.rows("SELECT count(ninths) FROM priced_usage") == [(0,)]:
        raise NoDataError(
            "what was spent is not known: nothing that these calls used has a price",
            hint="`voicetel cost` says what they used, and `voicetel pricing suggest` what is missing in the card",
        )
    found = budget_report(budget, daily_spend(context.connection), now, request.selection.tz, card.currency)
    return replace(found, rate_notes=rate_notes(context, card))


def daily_spend(connection: duckdb.DuckDBPyConnection) -> dict[date, Fraction]:
    """Day → what the calls that started on it cost, in the zone of the selection. Reads priced_usage, selected_calls."""
    rows = connection.execute(
        "SELECT CAST(started_local AS DATE) AS local_day, sum(ninths) FROM priced_usage JOIN selected_calls USING (call_id)"
        " WHERE started_local IS NOT NULL GROUP BY local_day"
    ).fetchall()
    return {day: Fraction(ninths or 0) / NINTHS for day, ninths in rows}


def budget_report(
    budget: Budget, spend: Mapping[date, Fraction], now: datetime, zone: str, currency: str
) -> BudgetReport:
    """Where a budget stands at ``now``, by what was spent day by day of ``zone``."""
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    begins, next_begins = period_of(today, budget.period)
    spent = sum((amount for day, amount in spend.items() if begins <= day <= today), Fraction(0))
    days_left = Fraction((_midnight(next_begins, local) - now).total_seconds()) / 86_400
    pace = _pace(spend, today)
    mean = sum(pace, Fraction(0)) / len(pace) if pace else None
    expected = None if mean is None else spent + mean * days_left
    half = _half_width(pace, float(days_left))
    return BudgetReport(
        currency=currency,
        budget=budget.amount,
        period=budget.period,
        begins=begins,
        ends=next_begins - timedelta(days=1),
        spent=amount_of(spent),
        per_day=None if mean is None else amount_of(mean, 18),
        expected=None if expected is None else amount_of(expected, 18),
        expected_low=None if expected is None or half is None else amount_of(max(expected - half, spent), 18),
        expected_high=None if expected is None or half is None else amount_of(expected + half, 18),
        used_up_on=_used_up_on(Fraction(budget.amount) - spent, mean, now, local, next_begins)
        if spent < budget.amount
        else _reached_on(Fraction(budget.amount), spend, begins, today),
        is_over=spent > Fraction(budget.amount),
    )


def period_of(day: date, period: Period) -> tuple[date, date]:
    """(first day of the period that a day is in, first day of the next). Weeks begin on Monday."""
    match period:
        case "day":
            return day, day + timedelta(days=1)
        case "week":
            first = day - timedelta(days=day.weekday())
            return first, first + timedelta(days=7)
        case "month":
            first = day.replace(day=1)
            return first, (first + timedelta(days=31)).replace(day=1)


def _pace(spend: Mapping[date, Fraction], today: date) -> list[Fraction]:
    """What the last seven whole days cost, those before the first call left out."""
    first = min(spend, default=today)
    days = (today - timedelta(days=back) for back in range(PACE_DAYS, 0, -1))
    return [spend.get(day, Fraction(0)) for day in days if day >= first]


def _half_width(pace: list[Fraction], days_left: float) -> Fraction | None:
    """Half of the interval of the sum of the days to come."""
    if len(pace) <= 1:
        return None
    mean = float(sum(pace, Fraction(0))) / len(pace)
    variance = sum((float(each) - mean) ** 2 for each in pace) / (len(pace) - 1)
    error = math.sqrt(variance * (days_left + days_left**2 / len(pace)))
    return Fraction(critical_value(_ALPHA, len(pace) - 1) * error)


def _used_up_on(
    left: Fraction, per_day: Fraction | None, now: datetime, zone: ZoneInfo, next_begins: date
) -> date | None:
    """The day to come on which what is left is used up at the pace; None where that is not before the period's end."""
    if not per_day or left / per_day > _FARTHEST_DAYS:
        return None
    reached = (now + timedelta(days=float(left / per_day))).astimezone(zone).date()
    return reached if reached < next_begins else None


def _reached_on(budget: Fraction, spend: Mapping[date, Fraction], begins: date, today: date) -> date:
    """The day on which what was spent reached the budget."""
    total, day = Fraction(0), begins
    while day < today:
        total += spend.get(day, Fraction(0))
        if total >= budget:
            return day
        day += timedelta(days=1)
    return today


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
