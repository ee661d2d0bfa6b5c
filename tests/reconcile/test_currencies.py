"""Invoices in another currency than the card's: what providers charged in it is compared in it, and nothing is converted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.invoices import CARD, cause_list, operation_at, reconciled
from support.logs import write_log
from voicetel.errors import ExitCode
from voicetel.reconcile.providers.columns import parse_columns

if TYPE_CHECKING:
    from pathlib import Path

    from support.logs import Event
    from voicetel.reconcile import Reconciliation
    from voicetel.reconcile.results import ReconciledLine

DAY, LATER, NEXT = "2026-11-02T09:00:00Z", "2026-11-02T10:00:00Z", "2026-11-03T09:00:00Z"
COLUMNS = "day=day,model=model,quantity=used,unit=unit,amount=amount,currency=currency"


def billed(*rows: str) -> str:
    """An invoice of OpenAI's with these rows: day of November, quantity, amount, currency."""
    lines = [
        f"2026-11-{day},gpt-x,{used},input tokens,{amount},{currency}"
        for day, used, amount, currency in (row.split() for row in rows)
    ]
    return "\n".join(["day,model,used,unit,amount,currency", *lines])


def charged(cost: str, tokens: int = 10**6, ts: str = DAY, currency: str = "EUR", **used: Any) -> Event:
    """Tokens that the provider itself charged ``cost`` for."""
    return operation_at(ts, "llm", "openai", "gpt-x", input_tokens=tokens, cost=cost, currency=currency, **used)


def priced(tokens: int, ts: str = LATER) -> Event:
    """Tokens that the card prices, a million at 0.4 USD."""
    return operation_at(ts, "llm", "openai", "gpt-x", input_tokens=tokens)


def held(folder: Path, logged: list[Event], invoice: str, **about: Any) -> Reconciliation:
    """The invoice against the log."""
    pairs = dict(pair.split("=", 1) for pair in COLUMNS.split(","))
    return reconciled(folder, logged, invoice, columns=parse_columns(pairs, "--columns"), provider="openai", **about)


def amounts(found: Reconciliation) -> list[tuple[str, str | None, str | None, str, list[str]]]:
    """(currency, ours, theirs, difference, causes) of each line, by currency."""
    return sorted(
        (
            line.currency,
            _text(line.amount_ours),
            _text(line.amount_theirs),
            _text(line.difference) or "",
            [part.cause for part in line.causes],
        )
        for line in found.lines
    )


def quantities(line: ReconciledLine) -> tuple[str | None, str | None]:
    """Logged and billed."""
    return _text(line.quantity_ours), _text(line.quantity_theirs)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount.normalize():f}"


@pytest.mark.parametrize("written", ["EUR", "eur"])
def test_what_was_charged_in_the_currency_of_the_invoice(tmp_path: Path, written: str) -> None:
    """3 EUR for a million of tokens: billed so, and for a tenth more."""
    logged = [charged("3", currency=written)]
    assert amounts(held(tmp_path, logged, billed("02 1000000 3 EUR"))) == [("EUR", "3", "3", "0", [])]
    found = held(tmp_path, logged, billed("02 1000000 3.30 EUR"))
    assert amounts(found) == [("EUR", "3", "3.3", "0.3", ["rate"])]
    assert quantities(found.lines[0]) == ("1000000", "1000000")
    assert (found.lines[0].rate_ours, found.lines[0].rate_theirs) == (Decimal("0.000003"), Decimal("0.0000033"))
    (total,) = found.totals
    assert (total.currency, total.amount_ours, total.amount_theirs) == ("EUR", Decimal(3), Decimal("3.3"))
    # A rate in EUR belongs into no card in USD.
    assert found.rates == ()


def test_causes_of_quantities_are_found_in_it(tmp_path: Path) -> None:
    """At 3 EUR a million: half a million that was cancelled; a million and a half that the logs lack; a day's million on the next."""
    cancelled = [charged("3"), charged("1.5", 500_000, ts=LATER, status="cancelled")]
    assert cause_list(held(tmp_path, cancelled, billed("02 1000000 3 EUR"))) == [("cancelled", "-1.5")]
    assert cause_list(held(tmp_path, [charged("3")], billed("02 2500000 7.5 EUR"))) == [("missing_in_logs", "4.5")]
    days = [charged("3"), charged("3", ts=LATER), charged("3", ts=NEXT)]
    found = held(tmp_path, days, billed("02 1000000 3 EUR", "03 2000000 6 EUR"))
    assert cause_list(found) == [("day_boundary", "-3"), ("day_boundary", "3")]


def test_time_is_rounded_up_at_the_rate_that_was_charged(tmp_path: Path) -> None:
    """49 and 61 s are 110 s for 0.11 EUR; three whole minutes are billed: 70 s more, 0.07."""
    logged = [
        operation_at(DAY, "transport", "twilio", session_s=49, cost="0.049", currency="EUR"),
        operation_at(DAY, "transport", "twilio", session_s=61, cost="0.061", currency="EUR"),
    ]
    record = {
        "category": "calls", "description": "calls", "usage": "3", "usage_unit": "minutes", "price": "0.18",
        "price_unit": "eur", "start_date": "2026-11-02", "end_date": "2026-11-02",
    }  # fmt: skip
    found = reconciled(tmp_path, logged, {"usage_records": [record]})
    assert cause_list(found) == [("rounding_up", "0.07")]
    assert found.lines[0].causes[0].step_s == 60


def test_what_the_card_prices_cannot_be_compared(tmp_path: Path) -> None:
    """Of 3 million that are billed one was charged in EUR; the other two are 0.8 USD by the card."""
    logged = [charged("3"), priced(2 * 10**6)]
    found = held(tmp_path, logged, billed("02 3000000 10 EUR"))
    assert amounts(found) == [("EUR", "3", "10", "7", ["currency"]), ("USD", "0.8", None, "-0.8", ["currency"])]
    assert [quantities(line) for line in found.lines] == [("1000000", "3000000"), ("2000000", None)]


def test_what_the_invoice_does_not_count_is_not_in_it(tmp_path: Path) -> None:
    """The million that is billed is the one that was charged: what the card prices is missing in the invoice, in its own currency."""
    found = held(tmp_path, [charged("3"), priced(2 * 10**6)], billed("02 1000000 3 EUR"))
    assert amounts(found) == [("EUR", "3", "3", "0", []), ("USD", "0.8", None, "-0.8", ["not_in_invoice"])]


@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_a_charge_without_a_quantity_leaves_theirs_to_the_others(tmp_path: Path, currency: str) -> None:
    """A million for 3 and a request for 0.5 that counts nothing are a million for 3.5, and no quantity of different units."""
    without = operation_at(NEXT, "llm", "openai", "gpt-x", cost="0.5", currency=currency)
    logged = [charged("3", ts=NEXT, currency=currency), without]
    (line,) = held(tmp_path, logged, billed(f"03 1000000 3.5 {currency}")).lines
    assert quantities(line) == ("1000000", "1000000")
    assert (line.rate_ours, line.difference) == (Decimal("0.0000035"), Decimal(0))
    (line,) = held(tmp_path, logged, billed(f"03 2000000 7 {currency}")).lines
    assert [part.cause for part in line.causes] == ["missing_in_logs"]


def test_a_charge_without_a_quantity_is_no_reason_to_look_in_other_currencies(tmp_path: Path) -> None:
    """The million that is billed in EUR is logged in EUR: what the card prices is of no bill."""
    logged = [charged("3"), operation_at(DAY, "llm", "openai", "gpt-x", cost="0.5", currency="EUR"), priced(2 * 10**6)]
    found = held(tmp_path, logged, billed("02 1000000 3.5 EUR"))
    assert amounts(found) == [("EUR", "3.5", "3.5", "0", []), ("USD", "0.8", None, "-0.8", ["not_in_invoice"])]


@pytest.mark.parametrize("rows", [("02 1000000 3 EUR", "02 2000000 0.8 USD"), ("02 2000000 0.8 USD", "02 1000000 3 EUR")])  # fmt: skip
def test_two_currencies_of_one_model_and_day(tmp_path: Path, rows: tuple[str, ...]) -> None:
    """Each with what is in it, in whatever order they stand; also where nothing was charged, and the EUR are of nothing."""
    found = held(tmp_path, [charged("3"), priced(2 * 10**6)], billed(*rows))
    assert amounts(found) == [("EUR", "3", "3", "0", []), ("USD", "0.8", "0.8", "0", [])]
    found = held(tmp_path, [priced(2 * 10**6)], billed(*rows))
    assert amounts(found) == [("EUR", None, "3", "3", ["not_in_logs"]), ("USD", "0.8", "0.8", "0", [])]


def test_an_invoice_in_the_currency_of_the_card(tmp_path: Path) -> None:
    """What it bills in USD was charged in EUR: neither is left out, and neither is another's difference."""
    found = held(tmp_path, [charged("3")], billed("02 1000000 3.2 USD"))
    assert amounts(found) == [("EUR", "3", None, "-3", ["currency"]), ("USD", None, "3.2", "3.2", ["currency"])]


def test_a_card_in_the_currency_of_the_invoice(tmp_path: Path) -> None:
    """What was charged and what the card prices are one amount then: 3 + 2 × 0.4."""
    card = 'currency = "EUR"\n[llm.openai]\neur_per_1m_input_tokens = 0.4\n'
    found = held(tmp_path, [charged("3"), priced(2 * 10**6)], billed("02 3000000 3.9 EUR"), card=card)
    assert amounts(found) == [("EUR", "3.8", "3.9", "0.1", ["rate"])]


def test_what_no_invoice_bills(tmp_path: Path) -> None:
    """What was charged in EUR on a day that an invoice is about, and of another model, is missing in it."""
    other = operation_at(DAY, "llm", "openai", "gpt-y", input_tokens=5, cost="2", currency="EUR")
    found = held(tmp_path, [priced(10**6), other], billed("02 1000000 0.4 USD"))
    assert amounts(found) == [("EUR", "2", None, "-2", ["not_in_invoice"]), ("USD", "0.4", "0.4", "0", [])]


def test_what_the_logs_know_nothing_of_is_no_matter_of_currencies(tmp_path: Path) -> None:
    """Billed in EUR on a day of which nothing was logged."""
    found = held(tmp_path, [charged("3")], billed("02 1000000 3 EUR", "03 1000000 2 EUR"))
    assert cause_list(found) == [("not_in_logs", "2")]


def test_amounts_alone(tmp_path: Path) -> None:
    """A day's whole in EUR, with a fee per call that only the card knows: 0.1 a minute and 0.05 a call are 0.15 USD."""
    card = CARD + "[platform.acme]\nusd_per_minute = 0.1\nusd_per_call = 0.05\n"
    minutes = [
        operation_at(DAY, "platform", "acme", session_s=60, cost="0.12", currency="EUR"),
        operation_at(DAY, "platform", "acme", cost="0.03", currency="EUR"),
    ]
    day = "day,model,used,unit,amount,currency\n2026-11-02,,,,{},EUR\n"
    by_columns = {"columns": parse_columns({"day": "day", "amount": "amount", "currency": "currency"}, "--columns")}
    about: dict[str, Any] = {"card": card, "provider": "acme", **by_columns}
    assert amounts(reconciled(tmp_path, minutes, day.format("0.15"), **about)) == [("EUR", "0.15", "0.15", "0", [])]
    found = reconciled(tmp_path, minutes, day.format("0.2"), **about)
    assert amounts(found) == [("EUR", "0.15", "0.2", "0.05", ["amount_only"])]
    minutes.append(operation_at(LATER, "platform", "acme", session_s=60))
    found = reconciled(tmp_path, minutes, day.format("0.2"), **about)
    assert amounts(found) == [
        ("EUR", "0.15", "0.2", "0.05", ["currency"]),
        ("USD", "0.15", None, "-0.15", ["currency"]),
    ]


def test_quantities_alone_are_valued_in_the_currency_that_was_charged(tmp_path: Path) -> None:
    """ElevenLabs states characters: 1,000 were charged 0.06 EUR, so 500 more are 0.03."""
    spoken = [operation_at(DAY, "tts", "elevenlabs", "m", characters=1_000, cost="0.06", currency="EUR")]
    usage = {"time": [1_793_577_600], "usage": {"m": [1_500]}}
    found = reconciled(tmp_path, spoken, usage)
    assert amounts(found) == [("EUR", "0.06", None, "0.03", ["missing_in_logs"])]
    spoken.append(operation_at(LATER, "tts", "elevenlabs", "m", characters=400))
    found = reconciled(tmp_path, spoken, usage)
    # 1,000 of them are those that were charged; of the other 500 the card prices 400, at 0.05 a thousand.
    assert amounts(found) == [("EUR", "0.06", None, "0", []), ("USD", "0.02", None, "0.005", ["missing_in_logs"])]
    assert {line.currency: quantities(line) for line in found.lines} == {"EUR": ("1000", "1000"), "USD": ("400", "500")}
    assert {line.day for line in found.lines} == {date(2026, 11, 2)}


def test_a_limit_is_held_in_every_currency(tmp_path: Path) -> None:
    """What agrees in EUR passes any limit; it had been all of the invoice."""
    write_log(tmp_path / "logs" / "a.jsonl", [charged("3")])
    (tmp_path / "invoice.csv").write_text(billed("02 1000000 3 EUR"), "utf-8")
    options = ("--provider", "openai", "--columns", COLUMNS, "--max-difference", "0")
    ran = run("reconcile", tmp_path / "invoice.csv", tmp_path / "logs", *options)
    assert ran.code == ExitCode.OK, ran.err
    assert "EUR: ours 3.0000, theirs 3.0000, difference 0.0000" in ran.out
