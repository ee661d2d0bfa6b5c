"""docs/pricing.md against the code."""

from __future__ import annotations

import re
from pathlib import Path

from voicetel.pricing import parse_card
from voicetel.pricing.tables import OPTIONS
from voicetel.pricing.units import RATE_KEYS, STAGES

PAGE = (Path(__file__).parents[2] / "docs" / "pricing.md").read_text(encoding="utf-8")


def test_every_key_of_a_card_is_documented() -> None:
    """The page names each rate, option and stage that a card may have."""
    assert {f"`{key.suffix}`" for key in RATE_KEYS} <= set(re.findall(r"`[^`\n]+`", PAGE))
    assert {f"`{option}`" for option in OPTIONS} <= set(re.findall(r"`[^`\n]+`", PAGE))
    assert all(stage in PAGE for stage in STAGES)


def test_the_example_of_the_page_is_a_card() -> None:
    """The card shown at the top of the page can be read as it stands."""
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    card = parse_card(example, source="docs/pricing.md")
    assert len(card.match("transport", "twilio", None)) == 2
    assert card.match("llm", "api.groq.com", "llama-3.3-70b-versatile")
