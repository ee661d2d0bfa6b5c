"""Numbers and days as invoices write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicetel.reconcile.numbers import decimal_mark, read_day, read_number


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("1234.5", ".", "1234.5"),
        ("1,234.50", ".", "1234.5"),
        ("1.234,50", ",", "1234.5"),
        ("1 234,50", ",", "1234.5"),
        ("1\u202f234,50", ",", "1234.5"),
        ("1'234.50", ".", "1234.5"),
        ("$3.20", ".", "3.2"),
        ("3,20 €", ",", "3.2"),
        ("USD 12", ".", "12"),
        ("(5.00)", ".", "-5"),
        ("($5.00)", ".", "-5"),
        ("$(5.00)", ".", "-5"),
        ("$ (1,005.00)", ".", "-1005"),
        ("(5.00) USD", ".", "-5"),
        ("USD (5.00)", ".", "-5"),
        ("(5,00) €", ",", "-5"),
        ("5.00 (USD)", ".", "5"),
        ("(USD) 5.00", ".", "5"),
        ("-$5.00", ".", "-5"),
        ("$-5.00", ".", "-5"),
        ("–5.00", ".", "-5"),
        ("EUR 12.50", ".", "12.5"),
        ("12.50 EUR", ".", "12.5"),
        ("12.50EUR", ".", "12.5"),
        ("eur12,50", ",", "12.5"),
        ("1.234,50 Euro", ",", "1234.5"),
        ("EUR 1e-6", ".", "0.000001"),
        ("1.5E+3", ".", "1500"),
        ("Rs. 500", ".", "500"),
        ("Rs.500.25", ".", "500.25"),
        ("500 руб.", ".", "500"),
        ("$.50", ".", "0.5"),
        ("1’234.50", ".", "1234.5"),
        ("-0.25", ".", "-0.25"),
        ("−0.25", ".", "-0.25"),
        ("1e-6", ".", "0.000001"),
        ("1,000,000", ".", "1000000"),
        (Decimal("0.06"), ".", "0.06"),
        (7, ",", "7"),
        (0.1, ".", "0.1"),
    ],
)
def test_a_number(text: object, mark: str, number: str) -> None:
    """Exactly, whatever stands around it."""
    assert read_number(text, mark) == Fraction(number)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "-", "—", None, "  "])
def test_nothing(text: object) -> None:
    """Missing is no zero."""
    assert read_number(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "12,34.5", "1.2.3", "n/a", "1,23", True, "1e999", "NaN", "EUR", "(5.00", "5.00)", "(-5.00)", "-(5.00)", "--5", "5.00-",
        "10:30", "1/2", "3 of 5",
    ],
)  # fmt: skip
def test_no_number(text: object) -> None:
    """Nothing is made of it."""
    with pytest.raises(ValueError, match=r"."):
        read_number(text)


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1.5", "2"], "."),
        (["1,5", "2"], ","),
        (["1,234.5"], "."),
        (["1.234,5"], ","),
        (["1,234"], None),
        (["1,234", "0,5"], ","),
        (["1,234", "1,234,567"], "."),
        (["1,234", "12.50"], "."),
        (["0.004"], "."),
        (["0,004"], ","),
        ([], "."),
        (["12", "13"], "."),
        (["1.234.567"], ","),
        (["EUR 1.234,50"], ","),
        (["12,50 EUR"], ","),
        (["Rs. 1,234"], None),
    ],
)
def test_the_decimal_mark_of_a_column(texts: list[str], mark: str | None) -> None:
    """One sure number decides; without one it stays open."""
    assert decimal_mark(texts) == mark


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3, allow_nan=False), st.sampled_from([".", ","]))
def test_what_is_written_is_read(number: Decimal, mark: str) -> None:
    """With groups of thousands, in either style."""
    written = f"{number:,}"
    if mark == ",":
        written = written.translate(str.maketrans(",.", ".,"))
    assert read_number(written, mark) == Fraction(number)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "zone", "day"),
    [
        ("2026-11-02", "UTC", date(2026, 11, 2)),
        ("2026-11-02T23:30:00Z", "UTC", date(2026, 11, 2)),
        ("2026-11-02T23:30:00Z", "Europe/Berlin", date(2026, 11, 3)),
        ("2026-11-02T23:30:00-08:00", "UTC", date(2026, 11, 3)),
        ("2026-11-02 23:30:00 UTC", "UTC", date(2026, 11, 2)),
        ("Mon, 02 Nov 2026 23:30:00 +0000", "UTC", date(2026, 11, 2)),
        ("Nov 2, 2026", "UTC", date(2026, 11, 2)),
        ("2 Nov 2026", "UTC", date(2026, 11, 2)),
        ("2026/11/02", "UTC", date(2026, 11, 2)),
        (1793577600, "UTC", date(2026, 11, 2)),
        (1793577600000, "UTC", date(2026, 11, 2)),
        ("1793577600", "America/Los_Angeles", date(2026, 11, 1)),
    ],
)
def test_a_day(value: object, zone: str, day: date) -> None:
    """In the zone of the invoice."""
    assert read_day(value, zone) == day


@pytest.mark.parametrize("value", ["11/02/2026", "", "soon", None, True, "2026-13-40", 1e300])
def test_no_day(value: object) -> None:
    """Also not one that could be read either way."""
    with pytest.raises(ValueError, match=r"."):
        read_day(value)
