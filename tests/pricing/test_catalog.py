"""List prices out of voice-prices: what a card of them makes of a usage, beside what the package itself does."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from voice_prices import Usage, calc_price
from voice_prices.data import providers

from voicetel.pricing import cost_of, list_prices, parse_card
from voicetel.pricing.load import packaged_list_prices
from voicetel.pricing.price_lists.catalog import catalog_version, find_model, is_withdrawn
from voicetel.pricing.price_lists.published import published_price, stanza

TODAY = dt.datetime.now(dt.UTC).date()

MODELS = (
    ("llm", "openai", "gpt-4o-mini"),
    ("llm", "openai", "gpt-4o"),
    ("llm", "openai", "gpt-4.1-mini"),
    ("llm", "groq", "llama-3.3-70b-versatile"),
    ("llm", "groq", "llama-3.1-8b-instant"),
    ("llm", "google", "gemini-2.5-flash"),
    ("llm", "mistral", "mistral-small-latest"),
    ("realtime", "openai", "gpt-realtime"),
    ("realtime", "openai", "gpt-realtime-mini"),
)

NAMES = {
    "input_tokens": "input_tokens",
    "cached_input_tokens": "cache_read_tokens",
    "input_audio_tokens": "input_audio_tokens",
    "cached_input_audio_tokens": "cache_audio_read_tokens",
    "output_tokens": "output_tokens",
    "output_audio_tokens": "output_audio_tokens",
}


def usages() -> list[tuple[tuple[str, str, str], dict[str, int]]]:
    """Some fifty usages: of each model, of every kind of token that it has a price for."""
    chance, listed = random.Random(7), list_prices()
    made = []
    for stage, provider, model in MODELS:
        priced = published_price(listed, stage, provider, model, TODAY)
        assert priced is not None, model
        for _ in range(6):
            used = {"input_tokens": chance.randrange(500, 20_000), "output_tokens": chance.randrange(1, 900)}
            if "usd_per_1m_cached_input_tokens" in priced.rates:
                used["cached_input_tokens"] = chance.randrange(0, 200)
            if stage == "realtime":
                used["input_audio_tokens"] = chance.randrange(100, 400)
                used["output_audio_tokens"] = chance.randrange(0, used["output_tokens"] + 1)
                used["cached_input_audio_tokens"] = chance.randrange(0, min(used["cached_input_tokens"], 90) + 1)
            made.append(((stage, provider, model), used))
    return made


@pytest.mark.parametrize(("model", "used"), usages())
def test_usages_cost_what_the_package_says(model: tuple[str, str, str], used: dict[str, int]) -> None:
    """The suggested stanza, read back as a card, prices a usage to the amount that the package calculates."""
    stage, provider, name = model
    published = published_price(list_prices(), stage, provider, name, TODAY)
    card = parse_card(f'currency = "USD"\n{stanza(*model, published)}', source="suggested")
    operation: dict[str, Any] = {"stage": stage, "provider": provider, "model": name, **used}
    found = cost_of(operation, card, TODAY)
    values: dict[str, Any] = {NAMES[key]: value for key, value in used.items()}
    expected = calc_price(Usage(**values), name, provider_id=provider)
    assert found.unpriced == ()
    assert found.amount == Decimal(str(expected.total_price))


@pytest.mark.parametrize(
    ("stage", "provider", "model", "key", "value"),
    [
        ("stt", "deepgram", "nova-3", "usd_per_minute", "0.0048"),
        ("stt", "deepgram", "flux-general", "usd_per_minute", "0.0065"),
        ("tts", "elevenlabs", "eleven_flash_v2_5", "usd_per_1k_characters", "0.05"),
        ("transport", "twilio", "us-local-outbound", "usd_per_minute", "0.014"),
        ("platform", "vapi", "vapi-platform", "usd_per_minute", "0.05"),
    ],
)
def test_prices_of_speech_and_telephony_are_in_their_usual_units(
    stage: str, provider: str, model: str, key: str, value: str
) -> None:
    """A thousand seconds for 0.108333 are 0.0065 a minute: the package rounds, and what it rounded is found again."""
    found = published_price(list_prices(), stage, provider, model, TODAY)
    assert found is not None
    assert found.rates == {key: Decimal(value)}


def test_where_the_two_disagree() -> None:
    """Every price of this package against the library's, with dates and sources; a new difference is to be looked at."""
    own, differing = packaged_list_prices(), set()
    others = {provider.id: provider for provider in providers}
    for (stage, provider), table in own.tables.items():
        for model, rates in table.models.items():
            known = others[provider].find_model(model.replace("*", "")) if provider in others else None
            theirs = None if known is None else _theirs(known, rates[-1])
            mine = getattr(rates[-1], rates[-1].written[0].column)
            if theirs is not None and abs(theirs - mine) > mine / 1000:
                differing.add((stage, provider, model, str(rates[-1].as_of), rates[-1].source))
    # The library takes every model that begins with ink for ink-2.
    assert differing == {("stt", "cartesia", "ink-whisper", "2026-05-05", "https://cartesia.ai/pricing")}


def _theirs(model: Any, rate: Any) -> Fraction | None:
    prices = model.prices if not isinstance(model.prices, list) else model.prices[-1].prices
    units = {
        "per_second": ("input_audio_kseconds", 1000),
        "per_character": ("input_kchars", 1000),
        "per_input_token": ("input_mtok", 10**6),
    }
    name, of = units.get(rate.written[0].column, ("", 1))
    value = getattr(prices, name, None) if name else None
    return None if value is None else Fraction(getattr(value, "base", value)) / of


def test_list_prices_say_which_edition_they_are() -> None:
    """The version of the package, and the latest day on which it looked at a price."""
    assert catalog_version().startswith("voice-prices ")
    assert list_prices().source == f"list prices ({catalog_version()})"
    assert packaged_list_prices().source == "list prices"


def test_a_model_is_found_with_the_date_of_its_edition() -> None:
    """As the catalogue finds it."""
    assert find_model("openai", "gpt-4.1-mini-2025-04-14") == "gpt-4.1-mini"
    assert find_model("nobody", "x") is None
    dated, plain = (list_prices().match("llm", "openai", name) for name in ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"))
    assert dated == plain != ()
    assert list_prices().match("llm", "openai", "no-such-model") == ()


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


def test_withdrawn_is_what_the_package_calls_deprecated() -> None:
    """A model that is not known is not called withdrawn."""
    deprecated = [
        (provider.id, model.id) for provider in providers for model in provider.models if model.deprecated is True
    ]
    found = [name for name in deprecated if find_model(*name) == name[1]]
    assert found
    assert all(is_withdrawn(*name) for name in found)
    assert not is_withdrawn("groq", "llama-3.1-8b-instant")
    assert not is_withdrawn("acme", "voice.1")
    assert not is_withdrawn(None, None)


def test_the_catalogue_and_this_package_cover_the_providers_that_people_use() -> None:
    """Speech, language, telephony, platforms."""
    assert {provider for _, provider in list_prices().tables} >= {
        *("assemblyai", "cartesia", "deepgram", "elevenlabs", "google", "groq", "livekit", "openai", "twilio", "vapi")
    }
