"""Prices worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from voicetel.pricing import (
    Quantities,
    Rate,
    amount_of,
    exact_sum,
    load_card,
    parse_card,
    price,
    round_half_up,
    rounded_to_sum,
)


def rate_of(table: str, stage: str = "llm", currency: str = "USD") -> Rate:
    """The rate of a card with a single table."""
    (rate,) = parse_card(f'currency = "{currency}"\n[{stage}.x]\n{table}', source="card").match(stage, "x", None)
    return rate


REALTIME = """
usd_per_1m_input_tokens = 4
usd_per_1m_cached_input_tokens = 0.4
usd_per_1m_output_tokens = 16
usd_per_1m_input_audio_tokens = 32
usd_per_1m_cached_input_audio_tokens = 0.4
usd_per_1m_output_audio_tokens = 64
"""


def test_the_shipped_card_gives_the_published_breakdown() -> None:
    """60 s, 1000 and 2000 tokens, 5000 characters and 120 s cost 0.2580, 0.0002, 0.0750 and 0.0080: 0.3412."""
    card = load_card(env={}, cwd=None)
    parts = [
        price(card.match("stt", "deepgram", "nova-3")[0], Quantities(audio_s=Decimal(60))),
        price(card.match("llm", "groq", "any")[0], Quantities(input_tokens=Decimal(1000), output_tokens=Decimal(2000))),
        price(card.match("tts", "cartesia", "sonic-2")[0], Quantities(characters=Decimal(5000))),
        price(card.match("transport", "livekit", None)[0], Quantities(session_s=Decimal(120))),
    ]
    rounded = [round_half_up(part.amount, 4) for part in parts]
    assert rounded == [Decimal("0.2580"), Decimal("0.0002"), Decimal("0.0750"), Decimal("0.0080")]
    assert round_half_up(exact_sum(part.amount for part in parts), 4) == Decimal("0.3412")


@pytest.mark.parametrize(
    ("key", "quantities", "amount"),
    [
        ("usd_per_second = 0.0043", Quantities(session_s=Decimal(60)), "0.258"),
        ("usd_per_minute = 0.6", Quantities(session_s=Decimal("61.5")), "0.615"),
        ("usd_per_hour = 0.36", Quantities(session_s=Decimal(1)), "0.0001"),
        ("usd_per_1k_characters = 0.015", Quantities(characters=Decimal(31)), "0.000465"),
        ("usd_per_1m_characters = 15", Quantities(characters=Decimal(31)), "0.000465"),
        ("usd_per_1m_input_tokens = 0.05", Quantities(input_tokens=Decimal(812)), "0.0000406"),
        ("usd_per_1m_output_tokens = 0.08", Quantities(output_tokens=Decimal(24)), "0.00000192"),
        ("usd_per_request = 12", Quantities(requests=Decimal(3)), "36"),
        ("usd_per_call = 15", Quantities(calls=Decimal(1)), "15"),
        ("usd_per_call = 15", Quantities(session_s=Decimal(90)), "0"),
        ("usd_per_minute = 0.6\nmultiplier = 0.8", Quantities(session_s=Decimal(60)), "0.48"),
        ("usd_per_minute = 0.6\nround_up_to_s = 60", Quantities(session_s=Decimal("60.000001")), "1.2"),
        ("usd_per_minute = 0.6\nround_up_to_s = 60", Quantities(session_s=Decimal(120)), "1.2"),
        ("usd_per_minute = 0.6\nround_up_to_s = 0.5", Quantities(session_s=Decimal("0.2")), "0.005"),
        ("usd_per_minute = 0.6\nround_up_to_s = 60", Quantities(session_s=Decimal(0)), "0"),
    ],
)
def test_each_key_prices_its_own_quantity(key: str, quantities: Quantities, amount: str) -> None:
    """A key is the price of the unit in its name, and nothing else."""
    priced = price(rate_of(key), quantities)
    assert priced.amount == Decimal(amount)
    assert priced.unpriced == ()


def test_a_rate_is_kept_as_what_it_is() -> None:
    """A minute is 60 seconds and an hour 3,600, also where a second's price has no last digit."""
    assert rate_of("usd_per_minute = 0.004").per_second == Fraction("0.004") / 60
    assert rate_of("usd_per_hour = 0.1\nmultiplier = 0.7").per_second == Fraction("0.07") / 3600
    assert rate_of("usd_per_1m_input_tokens = 0.123456").per_input_token == Fraction("0.000000123456")


def test_of_a_rate_with_too_many_digits_the_18th_place_is_kept_in_ninths() -> None:
    """5e-19 is four and a half ninths of 1e-18: five, half up."""
    assert rate_of("usd_per_1m_input_tokens = 0.000000000001\nmultiplier = 0.5").per_input_token == Fraction(
        5, 9 * 10**18
    )
    assert rate_of("usd_per_1m_input_tokens = 0.0000000000014").per_input_token == Fraction(13, 9 * 10**18)


@pytest.mark.parametrize(
    ("key", "seconds", "amount"),
    [
        ("usd_per_minute = 0.004", "54.6", "0.00364"),
        ("usd_per_minute = 0.004", "94.2", "0.00628"),
        ("usd_per_minute = 0.004", "1", "0.000066666666666666666667"),
        ("usd_per_minute = 0.01", "20", "0.003333333333333333333333"),
        ("usd_per_hour = 0.46", "7.2", "0.00092"),
        ("usd_per_hour = 1", "1", "0.000277777777777777777778"),
        ("usd_per_hour = 1", "3600", "1"),
        ("usd_per_minute = 0.0077\nmultiplier = 0.9", "60", "0.00693"),
    ],
)
def test_an_amount_that_has_a_last_digit_has_no_other(key: str, seconds: str, amount: str) -> None:
    """It is divided once, at the end; what has no last digit is rounded half up at the 24th place."""
    priced = price(rate_of(key, "transport"), Quantities(session_s=Decimal(seconds)))
    assert priced.amount == Decimal(amount)


def test_three_thirds_are_one() -> None:
    """Three times 20 s at 0.01 a minute are 0.01: what is added up is not rounded before."""
    rate = rate_of("usd_per_minute = 0.01", "transport")
    thirds = [price(rate, Quantities(session_s=Decimal(20))).exact for _ in range(3)]
    assert amount_of(sum(thirds, Fraction(0))) == Decimal("0.01")
    assert [str(part) for part in rounded_to_sum(thirds)] == [
        "0.003333333333333333333333", "0.003333333333333333333334", "0.003333333333333333333333",
    ]  # fmt: skip


def test_each_token_is_priced_once() -> None:
    """Of 1000 input tokens 400 are audio, 300 cached, 100 of those both: 300 audio, 200 + 100 cached, 400 text."""
    quantities = Quantities(
        input_tokens=Decimal(1000),
        input_audio_tokens=Decimal(400),
        cached_input_tokens=Decimal(300),
        cached_input_audio_tokens=Decimal(100),
        output_tokens=Decimal(50),
        output_audio_tokens=Decimal(40),
    )
    priced = price(rate_of(REALTIME, "realtime"), quantities)
    millionths = 400 * 4 + 200 * Decimal("0.4") + 300 * 32 + 100 * Decimal("0.4") + 10 * 16 + 40 * 64
    assert priced.amount == millionths / 1_000_000
    assert {line.quantity: line.billed for line in priced.lines} == {
        "cached_input_audio_tokens": 100,
        "cached_input_tokens": 200,
        "input_audio_tokens": 300,
        "input_tokens": 400,
        "output_audio_tokens": 40,
        "output_tokens": 10,
    }


def test_cache_reads_and_writes_without_a_rate_cost_as_much_as_input() -> None:
    """Where a card has no cached and no write rate the whole input is at the input rate."""
    rate = rate_of("usd_per_1m_input_tokens = 3\nusd_per_1m_output_tokens = 0")
    priced = price(
        rate, Quantities(input_tokens=Decimal(100), cached_input_tokens=Decimal(40), cache_write_tokens=Decimal(10))
    )
    assert priced.amount == Decimal("0.0003")


def test_cache_writes_have_a_rate_of_their_own() -> None:
    """100 input tokens with 40 read from and 10 written to the cache: 50 at 1, 40 at 0.1, 10 at 1.25."""
    rate = rate_of(
        "usd_per_1m_input_tokens = 1\nusd_per_1m_cached_input_tokens = 0.1\nusd_per_1m_cache_write_tokens = 1.25"
    )
    priced = price(
        rate, Quantities(input_tokens=Decimal(100), cached_input_tokens=Decimal(40), cache_write_tokens=Decimal(10))
    )
    assert priced.amount == Decimal("66.5") / 1_000_000


def test_cached_audio_falls_back_to_the_audio_rate_and_never_to_text() -> None:
    """Audio from the cache costs as much as audio, unless the card gives it a rate."""
    quantities = Quantities(
        input_tokens=Decimal(10),
        input_audio_tokens=Decimal(10),
        cached_input_tokens=Decimal(4),
        cached_input_audio_tokens=Decimal(4),
    )
    audio = rate_of(
        "usd_per_1m_input_tokens = 1\nusd_per_1m_cached_input_tokens = 0.1\nusd_per_1m_input_audio_tokens = 30"
    )
    assert price(audio, quantities).amount == Decimal("0.0003")
    text = rate_of("usd_per_1m_input_tokens = 1\nusd_per_1m_cached_input_tokens = 0.1")
    priced = price(text, quantities)
    assert priced.amount == 0
    assert priced.unpriced == ("cached_input_audio_tokens", "input_audio_tokens")


def test_audio_without_a_rate_is_unpriced_and_the_rest_is_priced() -> None:
    """A text-only card prices the text of an audio answer and names what it leaves out."""
    rate = rate_of("usd_per_1m_input_tokens = 1\nusd_per_1m_output_tokens = 2")
    priced = price(
        rate, Quantities(input_tokens=Decimal(10), output_tokens=Decimal(30), output_audio_tokens=Decimal(20))
    )
    assert priced.amount == Decimal("0.00003")
    assert priced.unpriced == ("output_audio_tokens",)
    assert priced.billable
    assert not priced.covered


def test_parts_larger_than_their_whole_are_believed_and_nothing_is_negative() -> None:
    """150 cached of 100 input tokens: 150 are billed as cached and none as text, as a provider that counts apart bills."""
    rate = rate_of("usd_per_1m_input_tokens = 1\nusd_per_1m_cached_input_tokens = 0.1\nusd_per_1m_output_tokens = 1")
    priced = price(
        rate,
        Quantities(
            input_tokens=Decimal(100),
            cached_input_tokens=Decimal(150),
            output_tokens=Decimal(5),
            output_audio_tokens=Decimal(9),
        ),
    )
    assert priced.amount == Decimal("0.000015")
    assert priced.unpriced == ("output_audio_tokens",)


@pytest.mark.parametrize("stage", ["stt", "tts"])
def test_speech_is_billed_by_its_audio_and_by_the_session_where_no_audio_was_logged(stage: str) -> None:
    """A time rate of stt and tts takes audio_s, and session_s of providers that bill the connection; never both."""
    rate = rate_of("usd_per_second = 1", stage)
    assert price(rate, Quantities(audio_s=Decimal(2), session_s=Decimal(90))).amount == 2
    assert price(rate, Quantities(session_s=Decimal(90))).amount == 90


@pytest.mark.parametrize("stage", ["realtime", "transport", "platform", "eot", "llm", "tool"])
def test_other_stages_are_billed_by_their_session(stage: str) -> None:
    """A time rate outside of speech takes session_s; audio is no measure there and not billable."""
    rate = rate_of("usd_per_second = 1", stage)
    assert price(rate, Quantities(audio_s=Decimal(2), session_s=Decimal(90))).amount == 90
    assert not price(rate, Quantities(audio_s=Decimal(2))).billable


def test_no_rate_leaves_everything_unpriced() -> None:
    """Without a rate every quantity used is listed, and the sum is not a price."""
    priced = price(None, Quantities(input_tokens=Decimal(812), output_tokens=Decimal(24)))
    assert priced.unpriced == ("input_tokens", "output_tokens")
    assert priced.lines == ()
    assert priced.billable
    assert not priced.covered


def test_the_stage_says_which_time_is_unpriced() -> None:
    """With the stage known, only the kind of time that a rate could price is listed."""
    both = Quantities(audio_s=Decimal(2), session_s=Decimal(3))
    assert price(None, both, stage="stt").unpriced == ("audio_s",)
    assert price(None, both, stage="transport").unpriced == ("session_s",)
    assert price(None, both).unpriced == ("audio_s", "session_s")


def test_nothing_used_is_not_billable() -> None:
    """A tool call, or an operation whose quantities are all zero and without a rate, does not count for coverage."""
    assert not price(None, Quantities(), stage="tool").billable
    assert not price(None, Quantities(audio_s=Decimal(0)), stage="stt").billable
    assert not price(rate_of("usd_per_request = 1"), Quantities()).billable


def test_one_basis_that_has_a_rate_covers_the_others() -> None:
    """Characters and seconds of the same speech are two measures of one thing: a rate for either is enough."""
    rate = rate_of("usd_per_1k_characters = 0.05", "tts")
    assert price(rate, Quantities(characters=Decimal(31), audio_s=Decimal("1.9"))).covered
    assert price(rate, Quantities(audio_s=Decimal("1.9"))).unpriced == ("audio_s",)


def test_a_rate_per_call_covers_the_whole_operation() -> None:
    """A flat fee per call leaves nothing unpriced, on the operation that carries it and on the others."""
    rate = rate_of("usd_per_call = 1", "platform")
    assert price(rate, Quantities(session_s=Decimal(90))).unpriced == ()


def test_a_free_rate_is_a_price() -> None:
    """0 in a card is a rate: covered, and exactly nothing."""
    priced = price(rate_of("usd_per_minute = 0"), Quantities(session_s=Decimal(90)))
    assert priced.covered
    assert priced.amount == 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (812, Decimal(812)),
        (2.1, Decimal("2.1")),
        (0.1 + 0.2, Decimal("0.3")),
        (Decimal("0.0000005"), Decimal("0.000001")),
        (0, Decimal(0)),
        (-1, None),
        (True, None),
        ("812", None),
        (float("nan"), None),
        (float("inf"), None),
        (10**9, None),
        pytest.param(10**5000, None, id="5000 digits"),
        (None, None),
        ([1], None),
    ],
)
def test_a_logged_value_that_is_no_quantity_is_unknown(value: object, expected: Decimal | None) -> None:
    """Negative, absurd and non-numeric values are unknown, never zero; numbers are kept to 6 places."""
    assert Quantities.logged({"audio_s": value}).audio_s == expected


@pytest.mark.parametrize(
    ("amount", "places", "expected"),
    [
        ("0.00005", 4, "0.0001"),
        ("0.00004999", 4, "0.0000"),
        ("-0.00005", 4, "-0.0001"),
        ("2.5", 0, "3"),
        ("442.398132219394436539931836", 4, "442.3981"),
        ("99999999999999.999999999999999999999999", 4, "100000000000000.0000"),
    ],
)
def test_a_half_is_rounded_away_from_zero(amount: str, places: int, expected: str) -> None:
    """Rounding is half up at any size, also past the 28 digits of Python's own decimals."""
    assert str(round_half_up(Decimal(amount), places)) == expected
