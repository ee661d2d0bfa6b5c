"""Which rate an operation gets."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicetel.pricing import RateCard, parse_card
from voicetel.pricing.match import fits

CARD = parse_card(
    """
currency = "USD"
[llm.groq]
usd_per_1m_input_tokens = 1
round_up_to_s = 60
usd_per_minute = 1
[llm.groq."llama-3.3-70b*"]
usd_per_1m_input_tokens = 2
[llm.groq."llama-3.3-70b-versatile"]
usd_per_1m_input_tokens = 3
[llm.groq."llama*"]
usd_per_1m_input_tokens = 4
[tts.elevenlabs."eleven_flash*"]
usd_per_1k_characters = 0.05
[alias]
"api.groq.com" = "groq"
elevenlabs.io = "elevenlabs"
""",
    source="card",
)


def key_of(card: RateCard, stage: str, provider: str | None, model: str | None) -> str | None:
    """The key of the rate that applies, whatever the day."""
    return next((rate.key for rate in card.match(stage, provider, model)), None)


@pytest.mark.parametrize(
    ("stage", "provider", "model", "key"),
    [
        ("llm", "groq", "llama-3.3-70b-versatile", 'llm.groq."llama-3.3-70b-versatile"'),
        ("llm", "groq", "llama-3.3-70b-other", 'llm.groq."llama-3.3-70b*"'),
        ("llm", "groq", "llama-3.3-70b", 'llm.groq."llama-3.3-70b*"'),
        ("llm", "groq", "llama-3.1-8b-instant", 'llm.groq."llama*"'),
        ("llm", "groq", "qwen3", "llm.groq"),
        ("llm", "groq", None, "llm.groq"),
        ("llm", "Groq ", "qwen3", "llm.groq"),
        ("llm", "api.groq.com", "qwen3", "llm.groq"),
        ("llm", "API.groq.com", None, "llm.groq"),
        ("tts", "elevenlabs.io", "eleven_flash_v2_5", 'tts.elevenlabs."eleven_flash*"'),
        ("tts", "elevenlabs", "eleven_v3", None),
        ("tts", "elevenlabs", None, None),
        ("stt", "groq", "whisper", None),
        ("llm", "openai", "gpt-4o", None),
        ("llm", None, None, None),
        ("my own stage", "groq", None, None),
    ],
)
def test_exact_beats_the_longest_pattern_beats_the_provider(
    stage: str, provider: str | None, model: str | None, key: str | None
) -> None:
    """The most exact table applies; aliases and letter case of a provider do not matter; all else is unpriced."""
    assert key_of(CARD, stage, provider, model) == key


def test_a_models_table_inherits_nothing() -> None:
    """A model's table replaces its provider's: neither its other rates nor its rounding carry over."""
    (rate,) = CARD.match("llm", "groq", "llama-3.3-70b")
    assert rate.per_input_token == Decimal("0.000002")
    assert rate.per_second is None
    assert rate.round_up_to_s is None


HISTORY = parse_card(
    """
currency = "USD"
[[stt.a]]
usd_per_second = 1
[[stt.a]]
usd_per_second = 3
effective_from = 2026-11-01
[[stt.a]]
usd_per_second = 2
effective_from = 2026-03-01
[[stt.b]]
usd_per_second = 5
effective_from = 2026-03-01
[[stt.b.m]]
usd_per_second = 6
effective_from = 2026-06-01
[[stt.b.m]]
usd_per_second = 7
effective_from = 2026-07-01
""",
    source="card",
)


@pytest.mark.parametrize(
    ("day", "provider", "model", "per_second"),
    [
        (date(2000, 1, 1), "a", None, 1),
        (date(2026, 2, 28), "a", None, 1),
        (date(2026, 3, 1), "a", None, 2),
        (date(2026, 10, 31), "a", None, 2),
        (date(2026, 11, 1), "a", None, 3),
        (date(2100, 1, 1), "a", None, 3),
        (date(2026, 2, 28), "b", None, None),
        (date(2026, 3, 1), "b", None, 5),
        (date(2026, 5, 31), "b", "m", None),
        (date(2026, 6, 1), "b", "m", 6),
        (date(2026, 7, 1), "b", "m", 7),
    ],
)
def test_a_price_change_takes_effect_on_its_day(
    day: date, provider: str, model: str | None, per_second: int | None
) -> None:
    """Each UTC day has the rate in force on it; before the first one there is none, not even the provider's."""
    rate = HISTORY.rate_on(day, "stt", provider, model)
    assert (rate.per_second if rate else None) == per_second


@given(st.lists(st.dates(date(2020, 1, 1), date(2020, 3, 1)), min_size=1, max_size=6, unique=True), st.booleans())
def test_the_days_of_a_history_never_overlap(days: list[date], always: bool) -> None:
    """In whatever order they stand in the file, rates come in order, without gap or overlap; one applies a day."""
    entries = [f"[[stt.a]]\nusd_per_second = {number}\neffective_from = {day}" for number, day in enumerate(days, 1)]
    entries += ["[[stt.a]]\nusd_per_second = 0"] * always
    rates = parse_card('currency = "USD"\n' + "\n".join(entries), source="card").match("stt", "a", None)
    assert [rate.effective_to for rate in rates[:-1]] == [rate.effective_from for rate in rates[1:]]
    assert rates[-1].effective_to is None
    for offset in range(-1, 62):
        day = date(2020, 1, 1) + timedelta(days=offset)
        in_force = [rate for rate in rates if rate.in_force(day)]
        assert len(in_force) == (1 if always or day >= min(days) else 0)


@given(st.text("ab*", max_size=8), st.text("ab", max_size=8))
def test_a_pattern_fits_what_its_regular_expression_fits(pattern: str, name: str) -> None:
    """``*`` stands for any characters, also none; everything else for itself."""
    expression = ".*".join(re.escape(part) for part in pattern.split("*"))
    assert fits(pattern, name) == (re.fullmatch(expression, name, re.DOTALL) is not None)


def test_a_pattern_full_of_stars_is_matched_at_once() -> None:
    """No pattern makes matching slow: a regular expression would try for years here."""
    assert not fits("*a" * 200 + "*b", "a" * 10_000)


def test_any_currency_prices_with_keys_of_its_own() -> None:
    """A card in roubles has rub_ keys, also for rates above 10."""
    card = parse_card('currency = "rub"\n[platform.x]\nrub_per_call = 15.5\nrub_per_request = 12', source="card")
    (rate,) = card.match("platform", "x", None)
    assert card.currency == "RUB"
    assert (rate.per_call, rate.per_request) == (Fraction("15.5"), Fraction(12))


def test_the_rates_of_a_card_are_listed_as_they_were_written() -> None:
    """A card lists its rates in a stated order, each with its keys and values as they stand in the file."""
    assert [rate.key for rate in CARD.rates()] == [
        "llm.groq",
        'llm.groq."llama*"',
        'llm.groq."llama-3.3-70b*"',
        'llm.groq."llama-3.3-70b-versatile"',
        'tts.elevenlabs."eleven_flash*"',
    ]
    written = next(CARD.rates()).written
    assert [(item.key, item.value) for item in written] == [
        ("usd_per_minute", Decimal(1)),
        ("usd_per_1m_input_tokens", Decimal(1)),
    ]
