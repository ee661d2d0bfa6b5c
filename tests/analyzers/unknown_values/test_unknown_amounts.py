"""What is not known is no figure: amounts that cannot be read, outcomes that nobody knows, calls without a length."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.logs import store_of
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.overview.analyze import analyze
from voicetel.gate.metric import Measure
from voicetel.gate.metrics import METRICS
from voicetel.gate.samples.observe import observe
from voicetel.gate.samples.take import sample
from voicetel.pricing import parse_card
from voicetel.pricing.units import BILLABLES
from voicetel.store.column_types import UNREADABLE_AMOUNT_BIT

if TYPE_CHECKING:
    from pathlib import Path

    from support.logs import Event

CARD = parse_card(
    'currency = "USD"\n[llm.groq]\nusd_per_1m_input_tokens = 1.0\nusd_per_1m_output_tokens = 2.0\n'
    "[transport.livekit]\nusd_per_minute = 0.06\n",
    source="card",
)
GOOD = {"stage": "llm", "provider": "groq", "model": "m", "input_tokens": 1_000_000}

UNREADABLE: tuple[dict[str, Any], ...] = (
    {"input_tokens": True},
    {"input_tokens": "1000000"},
    {"input_tokens": 1_500_000_000},
    {"input_tokens": -1},
    {"input_tokens": [1]},
    {"input_tokens": float("inf")},
    {"output_tokens": float("nan")},
    {"output_tokens": "many"},
    {"requests": {}},
    {"audio_s": 1e300},
    {"cost": "0.12"},
    {"cost": "0.12", "currency": None},
    {"cost": "0.05", "currency": "US$"},
    {"cost": "0.05", "currency": ""},
    {"cost": "0.05", "currency": 840},
    {"cost": 0.05, "currency": "USD"},
    {"cost": "free", "currency": "USD"},
    {"cost": "-1", "currency": "USD"},
    {"cost": "100000", "currency": "USD"},
    {"cost": "90000000000000000000", "currency": "USD"},
    {"cost": True, "currency": "USD"},
)


def usage(call: str, *operations: dict[str, Any], **ended: object) -> list[Event]:
    """A call with the operations, and its end where there is anything to say of it."""
    head = {"v": 1, "call_id": call, "ts": "2026-11-02T09:00:00Z"}
    events: list[Event] = [{**head, "event": "usage", "operations": list(operations)}]
    return [*events, {**head, "event": "call_ended", "ts": "2026-11-02T09:05:00Z", **ended}] if ended else events


@pytest.mark.parametrize("amount", UNREADABLE, ids=str)
def test_an_amount_that_cannot_be_read_lowers_coverage(tmp_path: Path, amount: dict[str, Any]) -> None:
    """One operation of two is priced, and the other is listed as one whose amount cannot be read; what can be read is priced."""
    odd = GOOD | {"input_tokens": 0} | amount
    with store_of(tmp_path, usage("c", GOOD, odd)) as store:
        cost = analyze(store, CARD).total.cost
        found = sample(store, CARD)
    assert cost.total == Decimal(1)
    assert cost.coverage == 0.5
    assert [(each.operations, each.unreadable_operations) for each in cost.unpriced] == [(1, 1)]
    assert observe(found, Measure(METRICS["coverage"], "share")).value == 0.5


NOT_OPERATIONS: tuple[Any, ...] = (
    [{"provider": "groq", "model": "m", "input_tokens": 5}],
    [{"stage": 5, "provider": "groq", "input_tokens": 5}],
    [{"stage": ["llm"], "provider": "groq", "input_tokens": 5}],
    [{"stage": None, "provider": "groq", "input_tokens": True}],
    ['{"stage":"llm","provider":"groq","input_tokens":5}'],
    [["llm", "groq", 5]],
    [17],
    '[{"stage":"llm","provider":"groq","input_tokens":5}]',
    {"stage": "llm", "provider": "groq", "input_tokens": 5},
    {"llm": {"provider": "groq", "input_tokens": 5}},
    True,
)


@pytest.mark.parametrize("operations", NOT_OPERATIONS, ids=str)
def test_what_stands_for_operations_and_is_none_lowers_coverage(tmp_path: Path, operations: Any) -> None:
    """Whatever it used has no price, and the report does not say that all of it has one."""
    odd = {"v": 1, "call_id": "c", "ts": "2026-11-02T09:00:01Z", "event": "usage", "operations": operations}
    with store_of(tmp_path, [*usage("c", GOOD), odd]) as store:
        cost = analyze(store, CARD).total.cost
    assert (cost.total, cost.coverage) == (Decimal(1), 0.5)
    assert [(each.stage, each.operations) for each in cost.unpriced] == [("unknown", 1)]


@pytest.mark.parametrize("operations", [[], {}, "", None, 0, False, [None], [{}], [[], "", 0]], ids=str)
def test_no_operation_lowers_no_coverage(tmp_path: Path, operations: Any) -> None:
    """An empty list in any spelling says that nothing was used."""
    odd = {"v": 1, "call_id": "c", "ts": "2026-11-02T09:00:01Z", "event": "usage", "operations": operations}
    with store_of(tmp_path, [*usage("c", GOOD), odd]) as store:
        cost = analyze(store, CARD).total.cost
    assert (cost.total, cost.coverage) == (Decimal(1), 1.0)


@pytest.mark.parametrize("stage", [{}, {"stage": None}, {"stage": 5}, {"stage": ["llm"]}], ids=str)
@pytest.mark.parametrize("event", ["usage", "turn", "call_ended"])
def test_a_charge_counts_whatever_it_was_for(tmp_path: Path, stage: dict[str, Any], event: str) -> None:
    """What a provider says that it charged was paid, though the operation does not say of which stage it was."""
    odd = {"v": 1, "call_id": "c", "ts": "2026-11-02T09:00:01Z", "event": event}
    odd["operations"] = [{**stage, "cost": "0.25", "currency": "USD"}]
    with store_of(tmp_path, [*usage("c", GOOD), odd]) as store:
        cost = analyze(store, CARD).total.cost
    assert (cost.total, cost.coverage, cost.unpriced) == (Decimal("1.25"), 1.0, ())


def test_amounts_stay_unreadable_when_lines_come_twice(tmp_path: Path) -> None:
    """What is added up anew, because a duplicate is left out, says the same."""
    events = usage("c", GOOD, GOOD | {"input_tokens": "1"})
    with store_of(tmp_path, [*events, *events, *usage("d", GOOD)]) as store:
        cost = analyze(store, CARD).total.cost
    assert (cost.total, cost.coverage) == (Decimal(2), 2 / 3)


def test_a_charge_beats_a_quantity_that_cannot_be_read(tmp_path: Path) -> None:
    """What the provider charged is the price of it all."""
    with store_of(tmp_path, usage("c", GOOD | {"input_tokens": True, "cost": "0.5", "currency": "usd"})) as store:
        cost = analyze(store, CARD).total.cost
    assert (cost.total, cost.coverage) == (Decimal("0.5"), 1.0)


def test_the_bit_of_unreadable_amounts() -> None:
    """unpriced_usage.sql has it as a number."""
    assert UNREADABLE_AMOUNT_BIT == 4096 == 1 << len(BILLABLES)


def minutes(call: str, seconds: int, length: int | None, agent: str = "one") -> list[Event]:
    """A call connected for so many seconds, which is over, with a length or without one."""
    head = {"v": 1, "call_id": call}
    operations = [{"stage": "transport", "provider": "livekit", "session_s": seconds}]
    events: list[Event] = [
        {**head, "event": "call_started", "ts": "2026-11-02T09:00:00Z", "agent_name": agent},
        {**head, "event": "usage", "ts": "2026-11-02T09:00:01Z", "operations": operations},
    ]
    if length is not None:
        events.append({**head, "event": "call_ended", "ts": "2026-11-02T12:00:00Z", "duration_s": length})
    return events


def test_a_cost_per_minute_is_of_the_calls_that_have_minutes(tmp_path: Path) -> None:
    """Two minutes at 0.06 and ten of a call without a length: 0.06 a minute, and 0.72 in all; of an agent without any, nothing."""
    log = [*minutes("a", 60, 60), *minutes("b", 60, 60), *minutes("c", 600, None), *minutes("d", 60, None, "two")]
    with store_of(tmp_path, log) as store:
        report = analyze(store, CARD, Selection(by=("agent_name",)))
        found = sample(store, CARD)
    assert report.total.cost.total == Decimal("0.78")
    assert report.total.cost.per_minute == Decimal("0.06")
    assert [group.figures.cost.per_minute for group in report.groups] == [Decimal("0.06"), None]
    assert observe(found, Measure(METRICS["cost"], "per_minute")).value == Decimal("0.06")
    assert observe(found, Measure(METRICS["cost.transport"], "per_minute")).value == Decimal("0.06")
    assert observe(found, Measure(METRICS["cost"], "total")).value == Decimal("0.78")


@pytest.mark.parametrize(
    "rate", ["usd_per_minute = 0.06\nround_up_to_s = 60", "usd_per_call = 0.03\nusd_per_minute = 0.03"]
)
def test_cost_per_minute_by_rates_of_operations_and_calls(tmp_path: Path, rate: str) -> None:
    """The same where each operation is rounded up, and where a call costs something of its own."""
    card = parse_card(f'currency = "USD"\n[transport.livekit]\n{rate}\n', source="card")
    with store_of(tmp_path, [*minutes("a", 60, 60), *minutes("c", 600, None)]) as store:
        cost = analyze(store, card).total.cost
    assert cost.per_minute == Decimal("0.06")


def spoken(call: str, **ended: object) -> list[Event]:
    """An answered call, how it ended as given."""
    head = {"v": 1, "call_id": call}
    turn = {"turn": 1, "user": {"text": "hm", "end_ms": 1}, "agent": {"text": "?", "start_ms": 5}}
    return [
        {**head, "event": "turn", "ts": "2026-11-02T09:00:01Z", **turn},
        {**head, "event": "call_ended", "ts": "2026-11-02T09:05:00Z", **ended},
    ]


RATES = [
    "success_rate rate",
    "outcome.success share",
    "outcome.fail share",
    "outcome.voicemail share",
    "outcome.busy share",
]


@pytest.mark.parametrize("name", RATES)
def test_a_rate_of_outcomes_that_nobody_knows_is_none(tmp_path: Path, name: str) -> None:
    """It is not 0 %, as long as not one is known; unknown is a share of its own."""
    metric, statistic = name.split()
    measure = Measure(METRICS[metric], statistic)
    with store_of(tmp_path, [*spoken("a"), *spoken("b")]) as store:
        found = sample(store, CARD)
    assert observe(found, measure).value is None
    assert observe(found, Measure(METRICS["outcome.unknown"], "share")).value == 1.0
    with store_of(tmp_path, [*spoken("a"), *spoken("b", outcome="fail")]) as store:
        found = sample(store, CARD)
    assert observe(found, measure).value == (0.5 if metric == "outcome.fail" else 0.0)
