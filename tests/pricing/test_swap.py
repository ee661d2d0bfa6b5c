"""What the same work would cost with other models: by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from voicetel.errors import UsageError
from voicetel.pricing import cost_of, parse_card
from voicetel.pricing.swap import swapped_card

DAY = date(2026, 11, 2)
CARD = parse_card(
    """
currency = "USD"
[llm.groq]
usd_per_1m_input_tokens = 0.05
usd_per_1m_output_tokens = 0.08
[[llm.openai.new]]
usd_per_1m_input_tokens = 2
usd_per_1m_output_tokens = 8
[[llm.openai.new]]
usd_per_1m_input_tokens = 1
usd_per_1m_output_tokens = 4
effective_from = 2026-12-01
[tts.cartesia]
usd_per_1k_characters = 0.015
""",
    source="pricing.toml",
)
LISTED = parse_card(
    'currency = "USD"\n[tts.elevenlabs.flash]\nusd_per_1k_characters = 0.05\n[stt.x.y]\nusd_per_minute = 0.006\n',
    source="list",
)
LLM = {"stage": "llm", "provider": "groq", "model": "m", "input_tokens": 10_000, "output_tokens": 500}
TTS = {"stage": "tts", "provider": "cartesia", "model": "sonic", "characters": 2_000}


def test_a_call_by_hand() -> None:
    """10,000 and 500 tokens at 1 and 4 a million are 0.012; 2,000 characters at 0.05 a thousand are 0.1."""
    card = swapped_card(CARD, LISTED, ["llm=openai/new", "tts=elevenlabs/flash"])
    assert cost_of(LLM, CARD, DAY).amount == Decimal("0.00054")
    assert cost_of(LLM, card, DAY).amount == Decimal("0.012")
    assert cost_of(TTS, CARD, DAY).amount == Decimal("0.03")
    assert cost_of(TTS, card, DAY).amount == Decimal("0.1")
    assert card.source == "with llm=openai/new, tts=elevenlabs/flash"


def test_the_rest_is_priced_as_ever() -> None:
    """Stages that are not swapped keep their rates."""
    card = swapped_card(CARD, LISTED, ["llm=openai/new"])
    assert cost_of(TTS, card, DAY) == cost_of(TTS, CARD, DAY)


@pytest.mark.parametrize(
    ("swaps", "message"),
    [
        (["llm"], "'llm' names no model"),
        (["llm="], "'llm=' names no model"),
        (["lm=openai/new"], "no stage is called 'lm'"),
        (["llm=openai/new", "llm=groq"], "two models for llm"),
        (["llm=acme/x"], "llm=acme/x has no rate"),
    ],
)
def test_what_is_no_swap(swaps: list[str], message: str) -> None:
    """One line each."""
    with pytest.raises(UsageError, match=message):
        swapped_card(CARD, LISTED, swaps)


def test_list_prices_of_another_currency_are_none() -> None:
    """Amounts are never converted."""
    roubles = parse_card('currency = "RUB"\n[llm.a]\nrub_per_1m_input_tokens = 1\n', source="card")
    with pytest.raises(UsageError, match="has no rate"):
        swapped_card(roubles, LISTED, ["stt=x/y"])
