"""Numbers as people read them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from voicetel.reporters import formatting
from voicetel.reporters.table import Column, for_people
from voicetel.results import CellFormat, digits


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0.25805", "0.2581"),
        ("0.00005", "0.0001"),
        ("0.000049", "0.000049"),
        ("0.0000425", "0.000043"),
        ("0", "0.0000"),
        ("1234567.1", "1,234,567.1000"),
    ],
)
def test_money_rounds_half_up_to_four_places(amount: str, shown: str) -> None:
    """A half goes up, whatever the digit before it; what is not zero is not shown as zero."""
    assert formatting.money(Decimal(amount)) == shown


def test_what_rounds_to_zero_has_no_sign() -> None:
    """A score is not shown as −0; a small amount that is given back is shown."""
    assert (formatting.rounded(-0.003, 2), formatting.money(Decimal("-0.00001"))) == ("0.00", "-0.000010")
    assert formatting.rounded(-0.03, 2) == "-0.03"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        ("0", "0 s"),
        ("48", "48 s"),
        ("59.94", "59.9 s"),
        ("750", "12.5 min"),
        ("6840", "1.9 h"),
        ("4500000", "1,250.0 h"),
    ],
)
def test_lengths_of_time_pick_their_unit(seconds: str, shown: str) -> None:
    """Seconds below a minute, minutes below an hour, else hours."""
    assert formatting.length_of_time(Decimal(seconds)) == shown


@pytest.mark.parametrize(
    ("first", "last", "zone", "shown"),
    [
        ("2026-11-02T09:00", "2026-11-02T10:00", "UTC", "2 Nov 2026 UTC"),
        ("2026-11-02T09:00", "2026-11-06T10:00", "UTC", "2 – 6 Nov 2026 UTC"),
        ("2026-10-31T09:00", "2026-11-06T10:00", "UTC", "31 Oct – 6 Nov 2026 UTC"),
        ("2025-12-31T09:00", "2026-01-01T10:00", "UTC", "31 Dec 2025 – 1 Jan 2026 UTC"),
        ("2026-11-02T23:30", "2026-11-02T23:40", "Europe/Berlin", "3 Nov 2026 CET"),
    ],
)
def test_periods_name_no_more_than_they_must(first: str, last: str, zone: str, shown: str) -> None:
    """Month and year stand once where they are the same; days are those of the zone."""
    begin, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    assert formatting.period(begin, end, ZoneInfo(zone)) == shown


@pytest.mark.parametrize(
    ("counts", "shown"), [((), ""), ((0, 0), "  "), ((1, 0, 1000), "▁ █"), ((1, 2, 4, 8), "▁▂▄█"), ((5,), "█")]
)
def test_histograms_scale_to_their_highest_count(counts: tuple[int, ...], shown: str) -> None:
    """The most is a full block, the least that is not nothing the lowest one."""
    assert formatting.blocks(counts) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0E-24", "0"), ("1.500", "1.5"), ("1E+3", "1000"), ("-0.000", "0"), ("1E-18", "0.000000000000000001")],
)
def test_exact_amounts_have_every_digit_and_no_exponent(value: str, shown: str) -> None:
    """Zeros at the end go, nothing else does."""
    assert digits(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (CellFormat.MS, 1234.5, "1,235"),
        (CellFormat.MS, None, "n/a"),
        (CellFormat.SHARE, 0.0418, "4.2 %"),
        (CellFormat.SECONDS, Decimal("61.25"), "61.3"),
        (CellFormat.SCORE, 0.925, "0.93"),
        (CellFormat.COUNT, 1234567, "1,234,567"),
        (CellFormat.QUANTITY, Decimal("1234.5678"), "1,234.568"),
        (CellFormat.MEAN, 139.303483, "139.3"),
        (CellFormat.MEAN, 80.0, "80"),
        (CellFormat.MEAN, 0.0432, "0.043"),
        (CellFormat.MEAN, 0, "0"),
        (CellFormat.TIME, datetime.fromisoformat("2026-11-02T09:00:00.999"), "2026-11-02 09:00:00"),
        (CellFormat.TEXT, None, ""),
        (CellFormat.KEY, None, "(not logged)"),
        (CellFormat.MONEY, "unpriced", "unpriced"),
    ],
)
def test_cells_are_written_as_their_column_says(kind: CellFormat, value: float | str | None, shown: str) -> None:
    """Each kind has one way of being written, and unknown is never 0."""
    assert for_people(Column("x", "x", kind), value) == shown
