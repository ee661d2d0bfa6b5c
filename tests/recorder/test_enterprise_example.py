"""The example of the hooks runs, and its log says what its own figures say."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.recorded import events_of, named
from voicetel.pricing import Quantities, exact_sum, load_card, price

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, Any]]]:
    """What the example printed and what it logged."""
    log_dir = tmp_path_factory.mktemp("example") / "logs"
    program = f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r}); sys.argv = ['example', {str(log_dir)!r}]; runpy"
    program += f".run_path({str(ROOT / 'examples' / 'enterprise_voice_agent.py')!r}, run_name='__main__')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout, events_of(log_dir)


def priced(operations: Iterable[dict[str, Any]]) -> dict[str, Decimal]:
    """What the operations of each stage cost by the shipped card; an unpriced quantity fails."""
    card = load_card(ROOT / "pricing.toml")
    amounts: dict[str, list[Decimal]] = {}
    for operation in operations:
        rate = card.rate_on(datetime.now(UTC).date(), operation["stage"], operation["provider"], operation.get("model"))
        cost = price(rate, Quantities.logged(operation))
        assert cost.unpriced == ()
        amounts.setdefault(operation["stage"], []).append(cost.amount)
    return {stage: exact_sum(each) for stage, each in amounts.items()}


def test_its_breakdown_is_what_its_log_costs(example: tuple[str, list[dict[str, Any]]]) -> None:
    """Priced operation by operation the log costs, before rounding, exactly what the example printed."""
    printed, events = example
    exact = {name: Decimal(usd) for name, usd in re.findall(r"(cost_\w+) .* exactly (\S+)", printed)}
    logged = priced(operation for event in events for operation in event.get("operations", []))

    assert exact == {
        "cost_stt": logged["stt"],
        "cost_llm": logged["llm"],
        "cost_tts": logged["tts"],
        "cost_livekit": logged["transport"],
        "cost_total": exact_sum(logged.values()),
    }
    assert all(amount > 0 for amount in exact.values())


def test_its_log_tells_the_whole_call(example: tuple[str, list[dict[str, Any]]]) -> None:
    """A greeting and three exchanges, one of them cut short, each answered with a measured response."""
    printed, events = example
    turns = named(events, "turn")

    assert [event["event"] for event in events] == ["call_started", *["turn"] * 4, "call_ended"]
    assert [("user" in turn, turn["agent"]["interrupted"]) for turn in turns] == [
        (False, False), (True, False), (True, True), (True, False),
    ]  # fmt: skip
    assert [len([o for o in turn["operations"] if o["stage"] == "llm"]) for turn in turns] == [1, 1, 2, 1]
    assert ["eou_latency_ms" in turn for turn in turns] == [False, True, True, True]
    assert all(turn["eou_latency_ms"] >= 69 for turn in turns[1:])
    assert (events[-1]["outcome"], events[-1]["final_state"]) == ("success", "appointment_booked")
    assert "1 of 4 agent turns interrupted" in printed
