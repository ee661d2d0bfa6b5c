"""Every key of a rate card, through TOML, the matcher and SQL, against the same rules in plain fractions."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from support.logs import Event, store_of
from support.reference import COMPONENTS, QUANTITIES, in_order
from support.reference_prices import UNITS, Bill, Card, Entry, bill, card_toml, is_amount_of, is_part_of
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.cost.bill import cost_table
from voicetel.analyzers.cost.costs import costs
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.pricing import cost_of, exact_sum, parse_card

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FIRST = date(2026, 11, 2)
PRICED_STAGES = ("stt", "llm", "tts", "realtime", "eot", "tool", "transport", "platform")
TIME_KEYS = {"per_second", "per_minute", "per_hour"}


def decimals(least: str, most: str, places: int) -> st.SearchStrategy[Decimal]:
    """Numbers as people write them in a card."""
    return st.decimals(Decimal(least), Decimal(most), places=places, allow_nan=False).map(lambda x: x.normalize())


@st.composite
def entries(draw: st.DrawFn, day: date | None) -> Entry:
    """Any keys that do not price the same thing twice."""
    keys = draw(st.lists(st.sampled_from(list(UNITS)), min_size=1, max_size=7, unique_by=lambda key: UNITS[key][0]))
    rates = {key: draw(decimals("0.000001", "99", 6)) for key in keys}
    return Entry(
        rates,
        multiplier=draw(st.none() | st.sampled_from([Decimal("0.8"), Decimal("1.2"), Decimal("0.333333")])),
        round_up_to_s=draw(st.none() | st.sampled_from([Decimal(60), Decimal("0.5"), Decimal(7)]))
        if TIME_KEYS & set(keys)
        else None,
        effective_from=day,
    )


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """A few tables: providers, models and patterns, some with a history, and an alias."""
    names = draw(
        st.lists(
            st.tuples(
                st.sampled_from(PRICED_STAGES),
                st.sampled_from(["p", "q"]),
                st.sampled_from([None, "m-1", "m-*", "m-1*"]),
            ),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )
    tables = {}
    for name in names:
        days: list[date | None] = draw(
            st.sampled_from(
                [
                    [None],
                    [None],
                    [None, FIRST + timedelta(1)],
                    [FIRST + timedelta(1)],
                    [None, FIRST, FIRST + timedelta(2)],
                ]
            )
        )
        tables[name] = [draw(entries(day)) for day in days]
    return Card(draw(st.sampled_from(["USD", "EUR"])), tables, {"api.p.com": names[0][1]})


quantities = st.one_of(
    st.integers(0, 30_000), st.floats(0, 500, allow_nan=False).map(lambda x: round(x, 4)), st.just(0), st.just(60)
)
charges = st.sampled_from(
    [{}, {}, {}, {"cost": "0.0123", "currency": "usd"}, {"cost": "7", "currency": "EUR"}, {"cost": "1"}]
)


@st.composite
def operations(draw: st.DrawFn, card: Card) -> dict[str, Any]:
    """Mostly what the card has a table for."""
    stage, provider, model = draw(st.sampled_from(sorted(card.tables, key=str)))
    used = draw(st.lists(st.sampled_from(QUANTITIES), max_size=6, unique=True))
    made = {
        "stage": draw(st.sampled_from([stage, stage, stage, *PRICED_STAGES, "mystery"])),
        "provider": draw(st.sampled_from([provider, provider, provider.upper(), "api.p.com", "unknown", None])),
        "model": draw(st.sampled_from([model and model.replace("*", ""), "m-1", "m-10", "m-2", "other", None])),
        **{name: draw(quantities) for name in used},
        **draw(charges),
    }
    return {name: value for name, value in made.items() if value is not None}


@st.composite
def priced_logs(draw: st.DrawFn) -> tuple[Card, list[Event]]:
    """A card, and up to three calls over four days."""
    card = draw(cards())
    events: list[Event] = []
    for call in range(draw(st.integers(1, 3))):
        for seq in range(draw(st.integers(1, 4))):
            ts = datetime(2026, 11, 2, 20, tzinfo=UTC) + timedelta(hours=9 * seq, minutes=call)
            events.append(
                {"v": 1, "event": "usage", "ts": ts.isoformat().replace("+00:00", "Z"), "call_id": f"c{call}"}
                | {"writer": f"w{call}", "seq": seq, "operations": draw(st.lists(operations(card), max_size=5))}
            )
    return card, events


def bills(card: Card, events: Iterable[Event]) -> list[tuple[str, dict[str, Any], Bill]]:
    """(call, operation, bill) of every operation, in the order of time."""
    begun: defaultdict[str, set[object]] = defaultdict(set)
    return [
        (
            event["call_id"],
            dict(operation),
            bill(operation, card, date.fromisoformat(event["ts"][:10]), begun[event["call_id"]]),
        )
        for event in sorted(events, key=lambda event: event["ts"])
        for operation in in_order(event["operations"])
    ]


def total(amounts: Sequence[Bill]) -> Fraction | None:
    """The sum of what has a price; None where nothing has."""
    known = [each.amount for each in amounts if each.amount is not None]
    return sum(known, Fraction(0)) if known else None


def component(operation: dict[str, Any]) -> str:
    """The part of a cost that an operation is shown in."""
    stage = operation["stage"]
    return stage if stage in COMPONENTS else "other"


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
        price_usage(context, card, per_call=False)
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
            found = cost_of(operation, card, day, starts_call=starts)
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
