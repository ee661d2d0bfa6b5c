"""Language models priced by a card of genai-prices' rates cost what genai-prices itself calculates."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest
from genai_prices import Usage, calc_price

from voicetel.pricing import cost_of, parse_card
from voicetel.pricing.published import is_withdrawn, published_price, stanza

TODAY = dt.datetime.now(dt.UTC).date()

MODELS = (
    ("llm", "openai", "gpt-4o-mini"),
    ("llm", "openai", "gpt-4o"),
    ("llm", "openai", "gpt-4.1-mini"),
    ("llm", "groq", "llama-3.3-70b-versatile"),
    ("llm", "groq", "llama-3.1-8b-instant"),
    ("llm", "google", "gemini-2.5-flash"),
    ("llm", "mistral", "mistral-small-latest"),
    ("llm", "anthropic", "claude-3-5-haiku-latest"),
    ("realtime", "openai", "gpt-realtime"),
    ("realtime", "openai", "gpt-realtime-mini"),
)


def usages() -> list[tuple[tuple[str, str, str], dict[str, int]]]:
    """Fifty usages: five of each model, of every kind of token that it has a price for."""
    chance = random.Random(7)
    made = []
    for stage, provider, model in MODELS:
        priced = published_price(stage, provider, model, TODAY)
        assert priced is not None, model
        for _ in range(5):
            used = {"input_tokens": chance.randrange(500, 20_000), "output_tokens": chance.randrange(1, 900)}
            if "usd_per_1m_cached_input_tokens" in priced.rates:
                used["cached_input_tokens"] = chance.randrange(0, 200)
            if stage == "realtime":
                used["input_audio_tokens"] = chance.randrange(100, 400)
                used["output_audio_tokens"] = chance.randrange(0, used["output_tokens"] + 1)
                used["cached_input_audio_tokens"] = chance.randrange(0, min(used["cached_input_tokens"], 90) + 1)
            made.append(((stage, provider, model), used))
    return made


GENAI_NAMES = {
    "input_tokens": "input_tokens",
    "cached_input_tokens": "cache_read_tokens",
    "input_audio_tokens": "input_audio_tokens",
    "cached_input_audio_tokens": "cache_audio_read_tokens",
    "output_tokens": "output_tokens",
    "output_audio_tokens": "output_audio_tokens",
}


@pytest.mark.parametrize(("model", "used"), usages())
def test_fifty_usages_cost_what_genai_prices_says(model: tuple[str, str, str], used: dict[str, int]) -> None:
    """The suggested stanza, read back as a card, prices a usage to the amount that the package calculates."""
    stage, provider, name = model
    card = parse_card(f'currency = "USD"\n{stanza(*model, published_price(*model, TODAY))}', source="suggested")
    operation: dict[str, Any] = {"stage": stage, "provider": provider, "model": name, **used}
    found = cost_of(operation, card, TODAY)
    values: dict[str, Any] = {GENAI_NAMES[key]: value for key, value in used.items()}
    expected = calc_price(Usage(**values), name, provider_id=provider)
    assert found.unpriced == ()
    assert found.amount == Decimal(str(expected.total_price))


def test_a_stanza_without_a_published_price_is_a_comment() -> None:
    """It says which keys to fill in, and a card that holds it is still a card."""
    for stage, provider, model in (
        ("tts", "acme", "voice.1"),
        ("stt", "acme", None),
        ("mystery", "x", "y"),
        ("llm", None, "m"),
    ):
        text = stanza(stage, provider, model, None)
        assert all(line.startswith("#") for line in text.splitlines())
        assert parse_card(f'currency = "USD"\n{text}', source="card").tables == {}
    assert '# [tts.acme."voice.1"]\n# usd_per_1k_characters = ?' in stanza("tts", "acme", "voice.1", None)


def test_other_stages_take_list_prices_with_source_and_day() -> None:
    """A recogniser's price is the dated one of the package."""
    found = published_price("stt", "deepgram", "nova-3", TODAY)
    assert found is not None
    assert found.rates == {"usd_per_minute": Decimal("0.0048")}
    text = stanza("stt", "deepgram", "nova-3", found)
    assert f'source = "https://deepgram.com/pricing"\nas_of = {found.as_of}' in text


def test_prices_that_hold_today_are_dated_by_today_at_the_latest() -> None:
    """Data that speaks of next year does not date a price of today."""
    found = published_price("llm", "openai", "gpt-4o-mini", TODAY)
    assert found is not None
    assert found.source.startswith("genai-prices ")
    assert found.as_of is None or found.as_of <= TODAY


def test_withdrawn_is_what_the_package_calls_deprecated() -> None:
    """A model that is not known is not called withdrawn."""
    from genai_prices.data import providers

    deprecated = [
        (provider.id, model.id) for provider in providers for model in provider.models if model.deprecated is True
    ]
    assert any(is_withdrawn(*each) for each in deprecated)
    assert not is_withdrawn("openai", "gpt-4o-mini")
    assert not is_withdrawn("acme", "new-model")
    assert not is_withdrawn(None, None)
