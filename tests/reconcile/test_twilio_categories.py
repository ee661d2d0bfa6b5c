"""Twilio's usage records: categories within categories, each counted once."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from voicetel.reconcile import InvoiceOptions, invoice_lines

if TYPE_CHECKING:
    from pathlib import Path


def record_of(category: str, usage: str, price: str, day: str = "2026-11-02") -> dict[str, Any]:
    """One of Twilio's daily records."""
    return {
        "category": category, "description": category, "usage": usage, "usage_unit": "minutes", "price": price,
        "price_unit": "usd", "start_date": day, "end_date": day,
    }  # fmt: skip


def twilio_lines(folder: Path, *pages: list[dict[str, Any]]) -> tuple[Decimal, Decimal]:
    """(minutes, amount) of all lines of Twilio's records, page after page."""
    path = folder / "records.json"
    path.write_text("\n".join(json.dumps({"usage_records": records}) for records in pages), encoding="utf-8")
    lines = list(invoice_lines(path, InvoiceOptions()))
    used, amount = (
        sum(filter(None, each)) for each in zip(*((line.quantity, line.amount) for line in lines), strict=True)
    )
    return Decimal(str(float(used / 60))), Decimal(str(float(amount)))


LEAVES = [
    record_of("calls-inbound-local", "2", "0.02"),
    record_of("calls-inbound-tollfree", "1", "0.03"),
    record_of("calls-outbound", "4", "0.06"),
    record_of("calls-sip-inbound", "3", "0.01"),
]
SUMS = [
    record_of("calls", "10", "0.12"),
    record_of("calls-inbound", "3", "0.05"),
    record_of("calls-sip", "3", "0.01"),
    record_of("totalprice", "0.12", "0.12"),
]


def test_twilios_categories_within_categories(tmp_path: Path) -> None:
    """Each once, in whichever order and on whichever page; sums alone count as they are."""
    once = (Decimal(10), Decimal("0.12"))
    assert twilio_lines(tmp_path, LEAVES) == once
    assert twilio_lines(tmp_path, SUMS + LEAVES) == once
    assert twilio_lines(tmp_path, LEAVES, SUMS) == once
    assert twilio_lines(tmp_path, SUMS[:1]) == once
    assert twilio_lines(tmp_path, SUMS[:3] + LEAVES[:2]) == once
    nothing = [record_of("calls-client", "0", "0"), record_of("calls-inbound-mobile", "0", "0")]
    assert twilio_lines(tmp_path, SUMS + nothing) == once


def test_what_twilios_subcategories_do_not_add_up_to(tmp_path: Path) -> None:
    """It stays; and where they are more than their category, they are what was charged."""
    some = [record_of("calls", "10", "0.12"), record_of("calls-inbound", "3", "0.05")]
    assert twilio_lines(tmp_path, some) == (Decimal(10), Decimal("0.12"))
    more = [record_of("calls", "3", "0.05"), *LEAVES[:3]]
    assert twilio_lines(tmp_path, more) == (Decimal(7), Decimal("0.11"))


def test_twilios_categories_of_other_days(tmp_path: Path) -> None:
    """A category is no sum of what was used on another day, nor of one whose name merely begins like its own."""
    next_day = record_of("calls-inbound", "3", "0.05", "2026-11-03")
    assert twilio_lines(tmp_path, [SUMS[0], next_day]) == (Decimal(13), Decimal("0.17"))
    alike = [record_of("calls", "10", "0.12"), record_of("callsign", "3", "0.05")]
    assert twilio_lines(tmp_path, alike) == (Decimal(13), Decimal("0.17"))
