"""Rates that are far off the published price, and the published prices themselves."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from voicetel.pricing import load_card, outliers_from_price_list, parse_card
from voicetel.pricing.load import packaged_list_prices

if TYPE_CHECKING:
    from pathlib import Path

LISTED = parse_card(
    """
currency = "USD"
[stt.a.one]
usd_per_minute = 0.006
source = "https://a.example/pricing"
as_of = 2026-11-01
[stt.a.two]
usd_per_minute = 0.06
[llm.b."big*"]
usd_per_1m_input_tokens = 2
usd_per_1m_output_tokens = 0
[tts.c]
usd_per_1k_characters = 0.05
""",
    source="list",
)


def sentences(card: str, currency: str = "USD") -> list[str]:
    """The footnotes of a card."""
    return [
        outlier.sentence
        for outlier in outliers_from_price_list(parse_card(f'currency = "{currency}"\n{card}', source="card"), LISTED)
    ]


def test_the_shipped_stt_rate_is_found_and_explained(tmp_path: Path) -> None:
    """0.0043 is Deepgram's price per minute, not per second: one footnote, with both figures and the likely unit."""
    (outlier,) = outliers_from_price_list(load_card(env={}, cwd=tmp_path))
    assert outlier.sentence == (
        "stt.deepgram: usd_per_second = 0.0043 is 54 times the list price (stt.deepgram.nova-3: usd_per_minute = "
        "0.0048, 2026-08-01, https://deepgram.com/pricing); was usd_per_minute meant?"
    )
    assert outlier.short_sentence == "stt.deepgram: 0.0043 per second is 54 times the list price, 0.0048 per minute"


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("[stt.a.one]\nusd_per_minute = 0.06", []),
        (
            "[stt.a.one]\nusd_per_minute = 0.0601",
            [
                (
                    "stt.a.one: usd_per_minute = 0.0601 is 10 times the list price (stt.a.one: usd_per_minute = 0.006, "
                    "2026-11-01, https://a.example/pricing)."
                )
            ],
        ),
        (
            "[stt.a.one]\nusd_per_hour = 0.006",
            [
                (
                    "stt.a.one: usd_per_hour = 0.006 is 1/60 of the list price (stt.a.one: usd_per_minute = 0.006, "
                    "2026-11-01, https://a.example/pricing); was usd_per_minute meant?"
                )
            ],
        ),
        ("[stt.a]\nusd_per_minute = 0.3", []),
        ("[stt.a]\nusd_per_minute = 0.0003", ["1/20 of"]),
        ('[stt.a."t*"]\nusd_per_minute = 0.001', ["1/60 of"]),
        ("[stt.a.one]\nusd_per_minute = 0", []),
        ("[stt.a.three]\nusd_per_minute = 100", []),
        ("[stt.z]\nusd_per_minute = 100", []),
        ("[stt.a.one]\nusd_per_minute = 100\nlist_check = false", []),
        ("list_check = false\n[stt.a.one]\nusd_per_minute = 100", []),
        ("[stt.a.one]\nusd_per_minute = 0.05\nmultiplier = 2", ["17 times"]),
        ('[llm.b."big-1"]\nusd_per_1m_input_tokens = 200\nusd_per_1m_output_tokens = 5', ["100 times"]),
        ('[llm.b."big-1*"]\nusd_per_1m_input_tokens = 200', ["100 times"]),
        ("[tts.c]\nusd_per_minute = 100", []),
        ("[tts.c.any]\nusd_per_1m_characters = 0.05", ["was usd_per_1k_characters meant?"]),
    ],
)
def test_a_rate_more_than_ten_times_off_gets_a_footnote(card: str, expected: list[str]) -> None:
    """Ten times is fine, more is not, in either direction; what has no like published price is left alone."""
    found = sentences(card)
    assert len(found) == len(expected)
    assert all(part in sentence for part, sentence in zip(expected, found, strict=True))


def test_a_card_in_another_currency_is_not_compared() -> None:
    """Nothing is converted, so roubles are not held against dollars."""
    assert sentences("[stt.a.one]\nrub_per_minute = 100", "RUB") == []


def test_every_published_price_has_its_source_and_date() -> None:
    """Each list price says where it is published and on which day it held."""
    for rate in packaged_list_prices().rates():
        assert rate.source is not None, rate.key
        assert rate.source.startswith("https://"), rate.key
        assert rate.as_of is not None, rate.key
        assert rate.as_of >= date(2026, 1, 1), rate.key


def test_the_prices_of_this_package_cover_the_shipped_card() -> None:
    """Whoever has no extra can still check the four rates that ship."""
    listed = packaged_list_prices()
    assert {("stt", "deepgram"), ("llm", "groq"), ("tts", "cartesia"), ("transport", "livekit")} <= set(listed.tables)
    assert outliers_from_price_list(listed, listed) == ()
