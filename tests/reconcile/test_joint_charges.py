"""One charge for several quantities against an invoice that has a line for each: what is compared is worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from support.invoices import operation_at, reconciled
from voicetel.reconcile.providers.columns import parse_columns

if TYPE_CHECKING:
    from pathlib import Path

    from support.logs import Event
    from voicetel.reconcile import Reconciliation

DAY, LATER = "2026-11-02T09:00:00Z", "2026-11-02T10:00:00Z"
COLUMNS = {"day": "day", "model": "model", "quantity": "used", "unit": "unit", "amount": "amount", "currency": "currency"}  # fmt: skip
CURRENCIES = pytest.mark.parametrize("currency", ["EUR", "USD"])


def charged(cost: str, currency: str, ts: str = DAY, **used: int) -> Event:
    """One request, of a million input and output tokens where nothing else is said."""
    tokens = used or {"input_tokens": 10**6, "output_tokens": 10**6}
    return operation_at(ts, "llm", "openai", "gpt-x", cost=cost, currency=currency, **tokens)


def held(folder: Path, logged: list[Event], currency: str, *rows: str) -> Reconciliation:
    """Rows of quantity, unit and amount, against the log."""
    cells = [row.split("/") for row in rows]
    lines = [f"2026-11-02,gpt-x,{used},{unit},{amount},{currency}" for used, unit, amount in cells]
    invoice = "\n".join(["day,model,used,unit,amount,currency", *lines])
    return reconciled(folder, logged, invoice, columns=parse_columns(COLUMNS, "--columns"), provider="openai")


def lines_of(found: Reconciliation) -> list[tuple[str | None, str, list[tuple[str, str]]]]:
    """(unit, our amount, causes with their amounts), by unit."""
    return sorted(
        (
            line.unit,
            f"{(line.amount_ours or Decimal(0)).normalize():f}",
            [(part.cause, f"{part.amount.normalize():f}") for part in line.causes],
        )
        for line in found.lines
    )


@CURRENCIES
def test_a_charge_is_shared_out_as_the_invoice_prices_it(tmp_path: Path, currency: str) -> None:
    """3 for both: 2 of them for the input and 1 for the output, and nothing differs; it had been 3 and 0, at another rate each."""
    found = held(tmp_path, [charged("3", currency)], currency, "1000000/input tokens/2", "1000000/output tokens/1")
    assert lines_of(found) == [("input_tokens", "2", []), ("output_tokens", "1", [])]


@CURRENCIES
def test_another_rate_is_one_of_both(tmp_path: Path, currency: str) -> None:
    """2.7 are nine tenths of what is billed. No rate of the card would change what was charged: none is to be pasted."""
    found = held(tmp_path, [charged("2.7", currency)], currency, "1000000/input tokens/2", "1000000/output tokens/1")
    assert lines_of(found) == [("input_tokens", "1.8", [("rate", "0.2")]), ("output_tokens", "0.9", [("rate", "0.1")])]
    assert found.rates == ()


@CURRENCIES
def test_a_request_that_is_not_billed(tmp_path: Path, currency: str) -> None:
    """Two requests, one of which the invoice has."""
    logged = [charged("3", currency), charged("3", currency, LATER)]
    found = held(tmp_path, logged, currency, "1000000/input tokens/2", "1000000/output tokens/1")
    assert lines_of(found) == [
        ("input_tokens", "4", [("missing_in_invoice", "-2")]),
        ("output_tokens", "2", [("missing_in_invoice", "-1")]),
    ]


def test_shares_without_a_last_digit_add_up(tmp_path: Path) -> None:
    """A third of 1 for each of three quantities."""
    logged = [charged("1", "EUR", input_tokens=30, cached_input_tokens=10, cache_write_tokens=10)]
    rows = ("10/input tokens/5", "10/cached input tokens/5", "10/cache_write_tokens/5")
    found = held(tmp_path, logged, "EUR", *rows)
    assert len(found.lines) == 3
    assert {round(line.amount_ours or 0, 12) for line in found.lines} == {Decimal("0.333333333333")}
    (total,) = found.totals
    assert (total.amount_ours, total.amount_theirs, total.difference) == (Decimal(1), Decimal(15), Decimal(14))


def test_what_the_invoice_does_not_tell_apart(tmp_path: Path) -> None:
    """One line for the whole model, a line for one quantity alone, and a day of which it says nothing of this model."""
    logged = [charged("3", "EUR")]
    assert lines_of(held(tmp_path, logged, "EUR", "//3.5")) == [(None, "3", [("amount_only", "0.5")])]
    assert lines_of(held(tmp_path, logged, "EUR", "1000000/output tokens/3")) == [("output_tokens", "3", [])]
    assert lines_of(held(tmp_path, logged, "EUR", "5/characters/1")) == [
        ("characters", "0", [("not_in_logs", "1")]),
        ("input_tokens", "3", [("not_in_invoice", "-3")]),
    ]


def test_amounts_by_line_item_without_quantities(tmp_path: Path) -> None:
    """OpenAI's costs without its usage: they say what each of the two costs, and not of how many tokens."""
    costs = [
        {"object": "organization.costs.result", "line_item": f"gpt-x, {what}", "amount": {"value": value, "currency": "eur"}}
        for what, value in (("input", 2), ("output", 1))
    ]  # fmt: skip
    bucket = {"object": "bucket", "start_time": 1_793_577_600, "end_time": 1_793_664_000, "results": costs}
    found = reconciled(tmp_path, [charged("2.4", "EUR")], {"object": "page", "data": [bucket]})
    assert lines_of(found) == [
        ("input_tokens", "1.6", [("amount_only", "0.4")]),
        ("output_tokens", "0.8", [("amount_only", "0.2")]),
    ]


@CURRENCIES
def test_quantities_alone_are_of_what_was_charged(tmp_path: Path, currency: str) -> None:
    """ElevenLabs states characters, and the log their audio as well: 1,000 were charged 0.06, so 500 more are 0.03, and nothing is unbilled."""
    used = {"characters": 1_000, "audio_s": 60}
    spoken = [operation_at(DAY, "tts", "elevenlabs", "m", cost="0.06", currency=currency, **used)]
    found = reconciled(tmp_path, spoken, {"time": [1_793_577_600], "usage": {"m": [1_500]}})
    assert lines_of(found) == [("characters", "0.06", [("missing_in_logs", "0.03")])]


def test_charges_for_one_quantity_each_stay_with_it(tmp_path: Path) -> None:
    """A minute for 1 and ten requests for 0.5 are two charges, though of one model and day."""
    logged = [charged("1", "EUR", session_s=60), charged("0.5", "EUR", LATER, requests=10)]
    found = held(tmp_path, logged, "EUR", "1/minutes/1")
    assert lines_of(found) == [("requests", "0.5", [("not_in_invoice", "-0.5")]), ("session_s", "1", [])]


def test_a_rate_of_the_card_is_still_told(tmp_path: Path) -> None:
    """A million at 0.4 by the card, billed at 0.5."""
    logged = [operation_at(DAY, "llm", "openai", "gpt-x", input_tokens=10**6)]
    (rate,) = held(tmp_path, logged, "USD", "1000000/input tokens/0.5").rates
    assert (rate.value, rate.card_value) == (Decimal("0.5"), Decimal("0.4"))
