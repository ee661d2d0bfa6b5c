"""Random rate cards with logs that they price, and what plain Python makes of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from support.reference.definitions import COMPONENTS, QUANTITIES, in_order
from support.reference.prices import UNITS, Bill, Card, Entry, bill

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from support.logs import Event

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
    st.integers(0, 30_000),
    st.floats(0, 500, allow_nan=False).map(lambda x: round(x, 4)),
    st.sampled_from([0, 60, 54.6, 0.000001, 7919.000003, 999_999_999]),
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
