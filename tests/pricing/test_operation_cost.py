"""What an operation of the log costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from voicetel.pricing import charged_cost, cost_of, parse_card

CARD = parse_card(
    """
currency = "USD"
[[stt.deepgram]]
usd_per_second = 2
effective_from = 2026-11-01
[platform.vapi]
usd_per_call = 0.5
usd_per_minute = 0.06
""",
    source="card",
)
DAY = date(2026, 11, 2)


def test_the_card_prices_what_was_logged() -> None:
    """Stage, provider, model and day find the rate; the logged quantities are multiplied with it."""
    operation = {"stage": "stt", "provider": "deepgram", "model": "nova-3", "audio_s": 2.1}
    cost = cost_of(operation, CARD, DAY)
    assert (cost.amount, cost.currency, cost.source) == (Decimal("4.2"), "USD", "card")


@pytest.mark.parametrize("currency", ["USD", "eur"])
def test_what_the_provider_charged_beats_the_card(currency: str) -> None:
    """An operation's own cost stands as billed, in its own currency, whatever the card says."""
    operation = {"stage": "stt", "provider": "deepgram", "audio_s": 2.1, "cost": "0.00213", "currency": currency}
    cost = cost_of(operation, CARD, DAY)
    assert (cost.amount, cost.currency, cost.source) == (Decimal("0.00213"), currency.upper(), "billed")
    assert cost.unpriced == ()


@pytest.mark.parametrize(
    ("cost", "currency"),
    [
        ("0.1", None),
        (None, "USD"),
        ("free", "USD"),
        ("-1", "USD"),
        ("NaN", "USD"),
        ("1e9", "USD"),
        (True, "USD"),
        ("0.1", "dollars"),
        ("0.1", 5),
    ],
)
def test_a_charge_that_cannot_be_read_is_none(cost: object, currency: object) -> None:
    """Without a readable amount and currency there is no charge, and the card prices the operation."""
    operation = {"stage": "stt", "provider": "deepgram", "audio_s": 1, "cost": cost, "currency": currency}
    assert charged_cost(operation) is None
    assert cost_of(operation, CARD, DAY).source == "card"


def test_what_has_no_rate_has_no_amount() -> None:
    """Unpriced is None with the quantities named, never 0: an unknown provider, and a day before the first rate."""
    unknown = cost_of({"stage": "stt", "provider": "other", "audio_s": 1, "session_s": 2}, CARD, DAY)
    assert (unknown.amount, unknown.source, unknown.unpriced) == (None, None, ("audio_s",))
    early = cost_of({"stage": "stt", "provider": "deepgram", "audio_s": 1}, CARD, date(2026, 10, 31))
    assert (early.amount, early.unpriced) == (None, ("audio_s",))


def test_nothing_logged_is_neither_priced_nor_unpriced() -> None:
    """A tool call, or an operation that says nothing of what it used, has no amount and lists nothing."""
    for operation in ({"stage": "tool", "name": "look_up"}, {"stage": "stt", "provider": "deepgram"}, {}):
        cost = cost_of(operation, CARD, DAY)
        assert (cost.amount, cost.source, cost.unpriced) == (None, None, ())


def test_the_fee_per_call_is_charged_once() -> None:
    """The first operation of the call carries the fee, the next ones only what they used."""
    operation = {"stage": "platform", "provider": "vapi", "session_s": 60}
    assert cost_of(operation, CARD, DAY, carries_call_fee=True).amount == Decimal("0.56")
    assert cost_of(operation, CARD, DAY).amount == Decimal("0.06")
    first = cost_of({"stage": "stt", "provider": "other", "audio_s": 1}, CARD, DAY, carries_call_fee=True)
    assert first.unpriced == ("audio_s",)


def test_a_hostile_operation_is_unpriced_not_an_error() -> None:
    """Values of the wrong type are unknown."""
    operation = {"stage": 5, "provider": ["x"], "model": {}, "audio_s": "many", "input_tokens": float("nan")}
    assert cost_of(operation, CARD, DAY).amount is None
