"""Calls of which no quantity was logged that anybody bills: what they cost is not known, and is not 0."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.logs import store_of
from voicetel.analyzers.conversation.conversation import conversation
from voicetel.analyzers.cost.bill import answer as bill
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.analyzers.request import Request
from voicetel.analyzers.turns.turn_rows import operation_rows, turn_rows
from voicetel.errors import NoDataError
from voicetel.gate.budget import budget_spent, parse_budget
from voicetel.gate.metric import Measure
from voicetel.gate.metrics import METRICS
from voicetel.gate.samples.observe import observe
from voicetel.gate.samples.take import sample
from voicetel.pricing import parse_card
from voicetel.pricing.units import COMPONENTS
from voicetel.reporters.layouts.costs.cost import cost_document

if TYPE_CHECKING:
    from pathlib import Path

    from support.logs import Event

CARD = parse_card(
    'currency = "USD"\n[llm.groq]\nusd_per_1m_input_tokens = 1.0\n[tts.cartesia]\nusd_per_1k_characters = 1.0\n',
    source="card",
)
FEE = parse_card(
    'currency = "USD"\n[llm.groq]\nusd_per_call = 0.5\nusd_per_1m_input_tokens = 1.0\n', source="card with a fee"
)
LLM: dict[str, Any] = {"stage": "llm", "provider": "groq", "model": "m"}
NO_USAGE: dict[str, list[dict[str, Any]]] = {
    "no operation": [],
    "no quantity": [LLM],
    "zero": [LLM | {"input_tokens": 0}, {"stage": "tts", "provider": "cartesia", "characters": 0}],
}


def call(*operations: dict[str, Any]) -> list[Event]:
    """A call of a minute, with one turn of these operations."""
    head = {"v": 1, "call_id": "a", "ts": "2026-11-02T09:00:00Z"}
    turn = {**head, "event": "turn", "turn": 1, "operations": list(operations)}
    return [turn, {**head, "event": "call_ended", "ts": "2026-11-02T09:01:00Z", "duration_s": 60}]


@pytest.mark.parametrize("operations", NO_USAGE.values(), ids=NO_USAGE)
def test_without_usage_no_cost_is_known(tmp_path: Path, operations: list[dict[str, Any]]) -> None:
    """Neither in all nor in part, per call, minute or answered call; coverage is null too, and nothing is unpriced."""
    with store_of(tmp_path, call(*operations)) as store:
        cost = analyze(store, CARD).total.cost
        line = bill(Request(store, card=CARD))
        found = sample(store, CARD)
    assert (cost.total, cost.per_call_avg, cost.per_minute, cost.per_answered) == (None, None, None, None)
    assert (cost.components, cost.coverage, cost.unpriced) == (dict.fromkeys(COMPONENTS), None, ())
    assert all(each.amount is None and not each.unpriced_operations for each in line.lines)
    (section,) = cost_document(line).sections
    assert section.table is not None
    assert "no usage" in [*section.table.texts()][-1]
    assert observe(found, Measure(METRICS["cost"], "per_call")).value is None


def test_beside_usage_that_costs_the_rest_adds_nothing(tmp_path: Path) -> None:
    """3 million tokens at 1.0: what has no quantity is not in the cost, and a component that was not used is 0 in it."""
    tts = {"stage": "tts", "provider": "cartesia", "characters": 0}
    with store_of(tmp_path, call(LLM | {"input_tokens": 3_000_000}, tts)) as store:
        cost = analyze(store, CARD).total.cost
    assert (cost.total, cost.components["llm"], cost.components["tts"]) == (Decimal(3), Decimal(3), Decimal(0))
    assert cost.coverage == 1.0


def test_what_was_charged_in_another_currency_alone_is_no_amount_of_the_cards(tmp_path: Path) -> None:
    """It is listed in its own, and has a price: the total in US dollars is not known."""
    with store_of(tmp_path, call(LLM | {"cost": "1.50", "currency": "RUB"})) as store:
        cost = analyze(store, CARD).total.cost
    assert (cost.total, cost.per_call_avg, cost.coverage) == (None, None, 1.0)
    assert cost.billed_in_other_currencies == {"RUB": Decimal("1.50")}


def test_a_budget_of_what_has_no_price(tmp_path: Path) -> None:
    """It is not said to last."""
    with store_of(tmp_path, call(LLM)) as store:
        request = Request(store, card=CARD)
        with pytest.raises(NoDataError, match="not known: nothing that these calls used has a price"):
            budget_spent(request, parse_budget("500/month"), datetime(2026, 11, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("card", "costs"),
    [(CARD, [None, None, Decimal("0.000001")]), (FEE, [Decimal("0.5"), Decimal(0), Decimal("0.000001")])],
)
def test_one_operation_costs_the_same_by_itself_and_in_an_export(tmp_path: Path, card: Any, costs: list[Any]) -> None:
    """Quantities of 0 and none cost nothing that is known, but where the first of them carries the table's fee, which covers all."""
    operations = [
        LLM | {"input_tokens": 0, "start_ms": 1},
        LLM | {"start_ms": 2},
        LLM | {"input_tokens": 1, "start_ms": 3},
    ]
    with store_of(tmp_path, call(*operations)) as store:
        shown = conversation(store, card, "a").turns[0].operations
        context = analysis_context(store)
        turn_rows(context)
        price_usage(context, card)
        operation_rows(context, card)
        exported = context.rows("SELECT cost FROM operation_rows ORDER BY operation_index")
    assert [each.cost for each in shown] == costs
    assert [cost for (cost,) in exported] == costs
