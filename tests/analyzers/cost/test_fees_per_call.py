"""A fee per call stands on the call's first operation of its table, whichever report shows it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import voicetel
from support.command import run
from support.logs import turn_event, write_log

if TYPE_CHECKING:
    from pathlib import Path

CARD = """
currency = "USD"
[transport.twilio]
usd_per_call = 1
usd_per_minute = 0.6
"""


def leg(model: str, seconds: int, **fields: Any) -> dict[str, Any]:
    """A leg of a call: at 0.6 a minute each second costs 0.01."""
    return {"stage": "transport", "provider": "twilio", "model": model, "session_s": seconds} | fields


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A call whose first leg, by time and in its turn by start, is the last by its model's name."""
    late, early = leg("b-late", 2, start_ms=900), leg("z-first", 3, start_ms=100)
    turns = [
        turn_event(1, "c", state_id="greeting", operations=[late, early]),
        turn_event(2, "c", state_id="booking", operations=[leg("a-last", 4)]),
    ]
    write_log(tmp_path / "logs" / "calls.jsonl", turns)
    (tmp_path / "card.toml").write_text(CARD)
    return tmp_path


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        ("model", {"z-first": "1.03", "b-late": "0.02", "a-last": "0.04"}),
        ("state_id", {"greeting": "1.05", "booking": "0.04"}),
        ("turn", {"1": "1.05", "2": "0.04"}),
    ],
)
def test_the_first_operation_of_a_call_carries_the_fee(folder: Path, dimension: str, expected: dict[str, str]) -> None:
    """By hand: 3 s are 0.03, and the fee of 1 is added to the leg that began first; the others cost their seconds."""
    logs, card = str(folder / "logs"), str(folder / "card.toml")

    bill = json.loads(run("cost", logs, "--pricing", card, "--by", dimension, "--json").out)["lines"]
    groups = json.loads(run("analyze", logs, "--pricing", card, "--by", dimension, "--json").out)["groups"]

    assert {line[dimension]: line["amount"] for line in bill} == expected
    assert {each["group"][dimension]: each["cost"]["total"] for each in groups} == expected


def test_models_and_single_operations_have_it_on_the_same_one(folder: Path) -> None:
    """What each leg costs is the same in `models`, in `sql` and in the bill by model."""
    logs, card = str(folder / "logs"), str(folder / "card.toml")
    query = "SELECT model, cost FROM operations ORDER BY cost DESC"

    models = json.loads(run("models", logs, "--pricing", card, "--json").out)["lines"]
    rows = run("sql", query, logs, "--pricing", card, "--format", "csv").out.splitlines()[1:]
    bill = voicetel.load(logs, cache=False).cost(by="model", pricing=card)

    assert rows == ["z-first,1.03", "a-last,0.04", "b-late,0.02"]
    assert {line["model"]: line["cost"] for line in models} == {"z-first": "1.03", "a-last": "0.04", "b-late": "0.02"}
    amounts = dict(zip(bill["model"], bill["amount"], strict=True))
    assert amounts == {"z-first": Decimal("1.03"), "a-last": Decimal("0.04"), "b-late": Decimal("0.02")}
