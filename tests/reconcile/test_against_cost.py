"""What reconcile says that the logs cost is what ``cost`` says that they do, however it was charged or priced."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.logs import write_log

if TYPE_CHECKING:
    from pathlib import Path

CARD = """
currency = "USD"
list_check = false
[llm.groq]
usd_per_1m_input_tokens = 1
[llm.multi]
usd_per_1m_input_tokens = 1
usd_per_1m_output_tokens = 1
[llm.openai]
usd_per_1m_input_tokens = 2.5
[platform.acme]
usd_per_minute = 0.10
usd_per_call = 0.05
[transport.twilio]
usd_per_minute = 0.013
round_up_to_s = 60
"""

USED: list[tuple[dict[str, Any], ...]] = [
    # Charged without any quantity.
    ({"stage": "platform", "provider": "retell", "model": "elevenlabs_tts", "cost": "0.30", "currency": "USD"},),
    # Charged in another currency: that is in no amount in dollars.
    ({"stage": "llm", "provider": "openai", "model": "gpt", "input_tokens": 10**6, "cost": "3", "currency": "EUR"},),
    # A fee per call, once for two operations.
    ({"stage": "platform", "provider": "acme", "session_s": 60}, {"stage": "platform", "provider": "acme", "session_s": 60}),
    # Priced in part.
    ({"stage": "llm", "provider": "groq", "model": "m", "input_tokens": 10**6, "output_tokens": 10**6},),
    # Charged, and priced by the card.
    (
        {"stage": "llm", "provider": "multi", "input_tokens": 10, "output_tokens": 20, "cost": "0.5", "currency": "usd"},
        {"stage": "llm", "provider": "multi", "output_tokens": 5},
        {"stage": "llm", "provider": "multi", "output_tokens": 5, "cost": "1E-7", "currency": "USD"},
    ),
    ({"stage": "transport", "provider": "twilio", "session_s": 61}, {"stage": "transport", "provider": "twilio", "session_s": 0.5}),
]  # fmt: skip


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A call for each, and the card beside them."""
    (tmp_path / "card.toml").write_text(CARD, "utf-8")
    events = [
        {"v": 1, "event": "usage", "ts": "2026-11-02T12:00:00Z", "call_id": f"c-{number}", "operations": list(used)}
        for number, used in enumerate(USED)
    ]
    write_log(tmp_path / "logs" / "a.jsonl", events)
    return tmp_path / "logs"


def held_against(logs: Path, invoice: str, columns: str) -> list[dict[str, Any]]:
    """The lines of a reconciliation."""
    (logs.parent / "invoice.csv").write_text(invoice, "utf-8")
    ran = run(
        "reconcile",
        logs.parent / "invoice.csv",
        logs,
        "--columns",
        columns,
        "--pricing",
        logs.parent / "card.toml",
        "--json",
    )
    lines: list[dict[str, Any]] = ran.json["lines"]
    return lines


def test_amounts_are_those_of_cost(logs: Path) -> None:
    """For each provider, and so in total: worked out by hand, and as ``cost`` has it; and in the other currency as well."""
    providers = ["retell", "openai", "acme", "groq", "multi", "twilio"]
    invoice = "Day,Provider,Amount\n" + "".join(f"2026-11-02,{name},1\n" for name in providers)
    lines = held_against(logs, invoice, "day=Day,provider=Provider,amount=Amount")
    ours = {line["provider"]: line["amount_ours"] for line in lines if line["currency"] == "USD"}
    assert ours == {
        "retell": "0.3",
        "openai": None,
        "acme": "0.25",
        "groq": "1",
        "multi": "0.5000051",
        "twilio": "0.039",
    }
    cost = run("cost", logs, "--by", "provider", "--pricing", logs.parent / "card.toml", "--json").json
    assert ours == {line["provider"]: line["amount"] for line in cost["lines"]}
    assert Decimal(cost["cost"]["total"]) == sum(Decimal(amount) for amount in ours.values() if amount)
    in_euros = {line["provider"]: line["amount_ours"] for line in lines if line["currency"] == "EUR"}
    assert in_euros == {"openai": "3"}
    assert cost["cost"]["billed_in_other_currencies"] == {"EUR": "3"}


def test_fees_per_call_are_counted_in_calls(logs: Path) -> None:
    """Two minutes by the minute, and one call by the call: a bill with both, in units of its own."""
    invoice = "Day,Used,Unit,Amount\n2026-11-02,2,minutes,0.2\n2026-11-02,,,0.05\n"
    lines = held_against(logs, invoice, "day=Day,quantity=Used,unit=Unit,amount=Amount,provider==acme")
    assert [(line["unit"], line["amount_ours"], line["difference"]) for line in lines] == [
        (None, "0.05", "0"),
        ("session_s", "0.2", "0"),
    ]
