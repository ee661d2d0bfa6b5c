"""Budgets and reconciliations in CI: exit codes, and JUnit that the common readers take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from support.command import Ran, run
from support.example_logs.gate_logs import log_of
from support.invoices import operation_at
from voicetel.errors import ExitCode

JUNIT = xmlschema.XMLSchema(str(Path(__file__).parents[2] / "support" / "junit.xsd"))
CARD = 'currency = "USD"\n[transport.twilio]\nusd_per_minute = 0.5\n[llm.openai]\nusd_per_1m_input_tokens = 2\n'


NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)


class _Clock(datetime):
    """The hours of one Wednesday at noon."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp(NOW.timestamp(), tz)


@pytest.fixture(autouse=True)
def _card_of_its_own(surroundings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pricing.toml").write_text(CARD, encoding="utf-8")
    monkeypatch.setenv("VOICETEL_PRICING", "pricing.toml")
    monkeypatch.setattr("voicetel.cli.commands.costs.cost.datetime", _Clock)


def suite() -> ET.Element:
    """The one suite of the file that was written, which is valid."""
    JUNIT.validate("junit.xml")
    return ET.parse("junit.xml").getroot()[0]


def spent(*days_ago: int) -> str:
    """A log with a call of 10 minutes, 5 USD, so many days ago, each."""
    moments = [f"{NOW - timedelta(days=back):%Y-%m-%dT%H:%M:%SZ}" for back in days_ago]
    events = [operation_at(ts, "transport", "twilio", session_s=600) for ts in moments]
    return log_of(Path("logs"), events)


@pytest.mark.parametrize(("budget", "code", "problems"), [("4/day", 3, ["failure"]), ("5/day", 0, [])])
def test_a_budget_is_a_case(budget: str, code: int, problems: list[str]) -> None:
    """5 USD were spent today: more than 4, and not more than 5."""
    ran = run("cost", spent(0), "--budget", budget, "--junit", "junit.xml")
    assert ran.code == code
    found = suite()
    (case,) = found.findall("testcase")
    assert [child.tag for child in case] == problems
    assert case.attrib["name"] == f"cost within USD {budget[0]} a day, 2026-11-04 to 2026-11-04"
    since = "Over by USD 1.0000, since 2026-11-04." if code else "At this pace it is used up on 2026-11-04."
    doubtful, spent_line = found.findtext("system-out", "").splitlines()
    assert doubtful.startswith("warning: transport.twilio: 0.5 per minute is ")
    assert spent_line == f"spent USD 5.0000. {since}"


def test_a_budget_as_json_beside_junit() -> None:
    """Both at once, and the figures are the same."""
    ran = run("cost", spent(0, 1), "--budget", "5/day", "--junit", "junit.xml", "--json")
    assert (ran.code, ran.json["spent"], ran.json["per_day"], ran.json["is_over"]) == (0, "5", "5", False)
    assert suite().attrib["failures"] == "0"


INVOICE = "day,model,input_tokens,amount,currency\n2026-11-02,gpt-x,1000000,2.10,USD\n2026-11-02,gpt-x,0,1.00,EUR\n"
COLUMNS = "day=day,model=model,quantity=input_tokens,unit==input tokens,amount=amount,currency=currency"


def reconcile(limit: str | None, *more: Any) -> Ran:
    """An invoice of USD 2.10, and of EUR 1, for what costs USD 2 by the card."""
    Path("invoice.csv").write_text(INVOICE, encoding="utf-8")
    logs = log_of(Path("logs"), [operation_at("2026-11-02T09:00:00Z", "llm", "openai", "gpt-x", input_tokens=10**6)])
    limits = () if limit is None else ("--max-difference", limit)
    return run("reconcile", "invoice.csv", logs, "--provider", "openai", "--columns", COLUMNS, *limits, *more)


@pytest.mark.parametrize(
    ("limit", "failing"), [("4%", ["EUR", "USD"]), ("0.04", ["EUR", "USD"]), ("5%", ["EUR"]), ("100%", [])]
)
def test_each_currency_is_a_case(limit: str, failing: list[str]) -> None:
    """0.10 of 2.10 is 4.8 %; of the EUR the logs know nothing, which is all of it."""
    ran = reconcile(limit, "--junit", "junit.xml")
    assert ran.code == (ExitCode.LIMIT_BROKEN if failing else ExitCode.OK)
    cases = {case.attrib["name"]: [child.tag for child in case] for case in suite().findall("testcase")}
    assert cases == {
        f"invoices in {currency} within {limit}": ["failure"] if currency in failing else []
        for currency in ("EUR", "USD")
    }
    assert [line[:3] for line in ran.err.splitlines() if "the amounts differ by" in line] == failing


def test_without_a_limit_nothing_can_fail() -> None:
    """A JUnit file that cannot fail is refused; without it the command succeeds whatever differs."""
    assert reconcile(None).code == ExitCode.OK
    for ran in (reconcile(None, "--junit", "junit.xml"), run("cost", spent(0), "--junit", "junit.xml")):
        assert ran.code == ExitCode.USAGE
        assert "--junit is for --" in ran.err
        assert not Path("junit.xml").exists()


def test_no_log_and_no_invoice_is_written_over() -> None:
    """What is read is not written to."""
    ran = reconcile("5%", "--junit", "invoice.csv")
    assert (ran.code, Path("invoice.csv").read_text("utf-8")) == (ExitCode.USAGE, INVOICE)
    ran = run("cost", spent(0), "--budget", "1/day", "--junit", "logs/calls.jsonl")
    assert ran.code == ExitCode.USAGE
