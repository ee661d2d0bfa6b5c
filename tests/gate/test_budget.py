"""Spend against a budget: by hand, across the end of a month and a change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from voicetel.errors import UsageError
from voicetel.gate.budget import Budget, budget_report, parse_budget, period_of


def days(first: date, *amounts: int) -> dict[date, Fraction]:
    """One amount a day."""
    return {first + timedelta(days=i): Fraction(amount) for i, amount in enumerate(amounts)}


def test_a_month_by_hand() -> None:
    """On the 11th at noon: 10 a day for ten days and 4 today are 104; at 10 a day 20.5 days more cost 205."""
    spend = days(date(2026, 10, 1), *[10] * 10, 4)
    now = datetime(2026, 10, 11, 12, tzinfo=UTC)
    found = budget_report(Budget(Decimal(200), "month"), spend, now, "UTC", "USD")
    assert (found.begins, found.ends) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (found.spent, found.per_day, found.expected) == (Decimal(104), Decimal(10), Decimal(309))
    # The seven days are alike: the interval is a point.
    assert (found.expected_low, found.expected_high) == (Decimal(309), Decimal(309))
    # 96 are left: 9.6 days from noon of the 11th on.
    assert found.used_up_on == date(2026, 10, 21)
    assert not found.is_over


def test_the_pace_is_of_seven_days_across_the_months_end() -> None:
    """On the 2nd at midnight six of the seven days are October's: 7 a day, although November's first day cost 14."""
    spend = days(date(2026, 10, 20), *[100] * 6, 7, 7, 7, 0, 7, 7, 14)
    assert max(spend) == date(2026, 11, 1)
    found = budget_report(Budget(Decimal(500), "month"), spend, datetime(2026, 11, 2, tzinfo=UTC), "UTC", "USD")
    assert (found.spent, found.per_day) == (Decimal(14), Decimal(7))
    assert found.expected == Decimal(14 + 7 * 29)
    # s² = (0+0+0+49+0+0+49)/6, t of 6 degrees 2.4469; 29 days to come: t·√(s²·(29 + 29²/7)).
    assert found.expected_high is not None
    half = found.expected_high - found.expected
    assert float(half) == pytest.approx(2.446912 * (98 / 6 * (29 + 29**2 / 7)) ** 0.5, rel=1e-5)
    assert found.expected_low == found.expected - half
    assert found.used_up_on is None


def test_the_day_on_which_the_clocks_are_set_back_has_25_hours() -> None:
    """Berlin, 25 October: at 0:00 of the day 25 hours are left, which are 25/24 of a day's pace."""
    spend = days(date(2026, 10, 18), *[24] * 7)
    midnight = datetime(2026, 10, 24, 22, tzinfo=UTC)
    found = budget_report(Budget(Decimal(100), "day"), spend, midnight, "Europe/Berlin", "EUR")
    assert (found.begins, found.ends, found.spent) == (date(2026, 10, 25), date(2026, 10, 25), Decimal(0))
    assert found.expected == Decimal(25)


def test_what_is_over_is_over_since_a_day() -> None:
    """30 of 50 on Monday, 25 on Tuesday: since Tuesday."""
    spend = days(date(2026, 11, 2), 30, 25, 1)
    found = budget_report(Budget(Decimal(50), "week"), spend, datetime(2026, 11, 4, 9, tzinfo=UTC), "UTC", "USD")
    assert (found.is_over, found.used_up_on, found.spent) == (True, date(2026, 11, 3), Decimal(56))
    just = budget_report(Budget(Decimal(56), "week"), spend, datetime(2026, 11, 4, 9, tzinfo=UTC), "UTC", "USD")
    assert (just.is_over, just.used_up_on) == (False, date(2026, 11, 4))


def test_without_a_whole_day_there_is_no_pace() -> None:
    """One day in the logs, and it is today; one whole day has a pace and no interval."""
    today = budget_report(
        Budget(Decimal(5), "month"), days(date(2026, 11, 4), 1), datetime(2026, 11, 4, 9, tzinfo=UTC), "UTC", "USD"
    )
    assert (today.spent, today.per_day, today.expected, today.used_up_on) == (Decimal(1), None, None, None)
    one = budget_report(
        Budget(Decimal(5), "month"), days(date(2026, 11, 3), 1), datetime(2026, 11, 4, tzinfo=UTC), "UTC", "USD"
    )
    assert (one.per_day, one.expected_low) == (Decimal(1), None)
    assert one.used_up_on == date(2026, 11, 8)


def test_periods() -> None:
    """Weeks begin on Monday, months on the first, also in December."""
    assert period_of(date(2026, 11, 8), "week") == (date(2026, 11, 2), date(2026, 11, 9))
    assert period_of(date(2026, 12, 31), "month") == (date(2026, 12, 1), date(2027, 1, 1))
    assert period_of(date(2028, 2, 29), "month") == (date(2028, 2, 1), date(2028, 3, 1))
    assert period_of(date(2026, 11, 8), "day") == (date(2026, 11, 8), date(2026, 11, 9))


def test_a_budget_is_an_amount_for_a_period() -> None:
    """Anything else is one line."""
    assert parse_budget("500/month") == Budget(Decimal(500), "month")
    assert parse_budget(" 12.50 / day ") == Budget(Decimal("12.50"), "day")
    for text in ("500", "0/day", "500/year", "-3/day", "x/day", "1,5/day", "1.2.3/week"):
        with pytest.raises(UsageError, match="is no budget"):
            parse_budget(text)
