"""Every key of a rate card, through TOML, the matcher and SQL, against the same rules in plain fractions."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, example, given, settings

from support.example_logs.priced_logs import bills, component, priced_logs, total
from support.logs import Event, store_of
from support.reference.definitions import COMPONENTS, in_order
from support.reference.prices import Card, Entry, bill, card_toml, is_amount_of, is_part_of
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.cost.bill import cost_table
from voicetel.analyzers.cost.costs import costs
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.pricing import cost_of, exact_sum, parse_card

if TYPE_CHECKING:
    from collections.abc import Iterable


def summed_up(amounts: Iterable[Decimal | None]) -> Decimal:
    """Their sum with every digit."""
    return Decimal(0) if (known := [each for each in amounts if each]) == [] else exact_sum(known)


PER_CALL_FROM_THE_SECOND_DAY = (
    Card(
        "USD",
        {
            ("tool", "p", None): [
                Entry({"per_request": Decimal(1)}),
                Entry({"per_call": Decimal(5)}, effective_from=date(2026, 11, 3)),
            ]
        },
    ),
    [
        {"v": 1, "event": "usage", "ts": f"2026-11-0{day}T10:00:00Z", "call_id": "c0"}
        | {"operations": [{"stage": "tool", "provider": "p", "requests": 1}]}
        for day in (2, 3, 4)
    ],
)


WHOLE_MINUTES = (
    Card("USD", {("stt", "p", None): [Entry({"per_minute": Decimal("0.6")}, round_up_to_s=Decimal(60))]}),
    [
        {"v": 1, "event": "usage", "ts": "2026-11-02T10:00:00Z", "call_id": "c0"}
        | {"operations": [{"stage": "stt", "provider": "p", "audio_s": seconds} for seconds in (1, 60, 60.5)]}
    ],
)


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(priced_logs())
@example(PER_CALL_FROM_THE_SECOND_DAY)
@example(WHOLE_MINUTES)
def test_sql_prices_every_key_as_plain_fractions_do(made: tuple[Card, list[Event]]) -> None:
    """Per call and component, per day and over all: amounts to the last digit, coverage, other currencies."""
    reference, events = made
    card = parse_card(card_toml(reference), source="card")
    expected = bills(reference, events)
    with tempfile.TemporaryDirectory() as directory, store_of(Path(directory), events) as store:
        rows = calls(store, card).to_pylist()
        context = analysis_context(store)
        price_usage(context, card, of_each_call=False)
        summed = costs(context, card)[None]
        price_usage(context, card)
        table = cost_table(context, card, ("component",))
        report = analyze(store, card).total

    for row in rows:
        mine = [(operation, each) for call, operation, each in expected if call == row["call_id"]]
        assert is_amount_of(row["cost_total"], total([each for _, each in mine]))
        for name in (*COMPONENTS, "other"):
            part = total([each for op, each in mine if component(op) == name])
            assert is_part_of(row[f"cost_{name}"], part), name
        assert summed_up(row[f"cost_{name}"] for name in (*COMPONENTS, "other")) == (row["cost_total"] or 0)
        assert row["unpriced_operations"] == sum(each.billable and not each.covered for _, each in mine)
    everything = [each for *_, each in expected]
    for line in table.lines:
        mine_here = [each for _, op, each in expected if component(op) == line.key["component"]]
        assert is_part_of(line.amount, total(mine_here))
        assert line.operations == len(mine_here)
    elsewhere: defaultdict[str, Fraction] = defaultdict(Fraction)
    for each in everything:
        if each.elsewhere:
            elsewhere[each.elsewhere[0]] += each.elsewhere[1]
    billable = sum(each.billable for each in everything)
    for cost in (summed, table.cost, report.cost):
        assert is_amount_of(cost.total or Decimal(0), total(everything) or Fraction(0))
        assert summed_up(cost.components.values()) == (cost.total or 0)
        assert {name: Fraction(amount) for name, amount in cost.billed_in_other_currencies.items()} == elsewhere
        covered = sum(each.covered and each.billable for each in everything)
        assert cost.coverage == (covered / billable if billable else None)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(priced_logs())
def test_an_agent_prices_every_key_as_plain_fractions_do(made: tuple[Card, list[Event]]) -> None:
    """The same operations one by one, as a recorder prices them while the call goes on."""
    reference, events = made
    card = parse_card(card_toml(reference), source="card")
    begun: set[tuple[str, str]] = set()
    for event in sorted(events, key=lambda event: event["ts"]):
        day = date.fromisoformat(event["ts"][:10])
        for operation in in_order(event["operations"]):
            rate = card.rate_on(day, operation["stage"], operation.get("provider"), operation.get("model"))
            starts = rate is not None and rate.per_call is not None and (event["call_id"], rate.key) not in begun
            found = cost_of(operation, card, day, carries_call_fee=starts)
            # An agent has the charge in its hands: one without a currency is none, and not one that could not be read.
            priced = operation if "currency" in operation else {k: v for k, v in operation.items() if k != "cost"}
            expected = bill(priced, reference, day, set() if starts else AlreadyBegun())
            if expected.elsewhere:
                assert (found.currency, found.exact) == expected.elsewhere
            elif expected.amount:
                assert found.exact == expected.amount
            else:
                assert not found.amount
            assert bool(found.unpriced) == (expected.billable and not expected.covered), operation
            if rate is not None and starts and found.source != "billed":
                begun.add((event["call_id"], rate.key))


class AlreadyBegun(set[object]):
    """Every table has charged its call before."""

    def __contains__(self, table: object) -> bool:
        """Whatever it is."""
        return True
