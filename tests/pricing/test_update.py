"""Prices that move: an entry with its day, and history as it was."""

from __future__ import annotations

from datetime import date

import pytest

from voicetel.pricing import PricingError, parse_card
from voicetel.pricing.price_lists.update import changes, old_rates, updated

TODAY = date(2026, 11, 10)
LISTED = parse_card(
    """
currency = "USD"
[stt.deepgram."nova-3"]
usd_per_minute = 0.0048
source = "https://deepgram.com/pricing"
as_of = 2026-11-04
[llm.groq.fast]
usd_per_1m_input_tokens = 0.1
usd_per_1m_output_tokens = 0.2
source = "https://groq.com/pricing"
as_of = 2026-08-01
""",
    source="list prices",
)

CARD = """# ours
currency = "USD"

[stt.deepgram."nova-3"]  # by contract
usd_per_minute = 0.0077
as_of = 2026-01-02

[llm.groq.fast]
usd_per_1m_input_tokens = 0.1
usd_per_1m_output_tokens = 0.2
as_of = 2026-10-01

[llm.groq]
usd_per_1m_input_tokens = 0.05
usd_per_1m_output_tokens = 0.08
as_of = 2025-11-10
"""


def after(text: str) -> str:
    """The text, brought up to date."""
    return updated(text, changes(parse_card(text, source="card"), LISTED, TODAY), [], source="card")


def test_a_price_that_changed_is_added_with_its_day() -> None:
    """The old one stays what it was until the day on which the new one was seen."""
    found = after(CARD)
    assert found == CARD.replace('[stt.deepgram."nova-3"]', '[[stt.deepgram."nova-3"]]') + (
        '\n[[stt.deepgram.nova-3]]\nusd_per_minute = 0.0048\nsource = "https://deepgram.com/pricing"\n'
        "as_of = 2026-11-04\neffective_from = 2026-11-04\n"
    )
    card = parse_card(found, source="card")
    old, new = (card.rate_on(day, "stt", "deepgram", "nova-3") for day in (date(2026, 11, 3), date(2026, 11, 4)))
    assert old is not None
    assert new is not None
    assert (str(old.written[0].value), str(new.written[0].value)) == ("0.0077", "0.0048")


def test_what_is_up_to_date_is_left_alone() -> None:
    """Twice changes nothing more, and published digits that were rounded are no change."""
    once = after(CARD)
    assert changes(parse_card(once, source="card"), LISTED, TODAY) == []
    assert after(once) == once
    near = CARD.replace("0.0077", "0.004800001")
    assert changes(parse_card(near, source="card"), LISTED, TODAY) == []


def test_a_history_gets_one_more_entry() -> None:
    """A table that is an array already; the day is after its last one."""
    text = (
        'currency = "USD"\n[[stt.deepgram.nova-3]]\nusd_per_minute = 0.01\n'
        "[[stt.deepgram.nova-3]]\nusd_per_minute = 0.02\neffective_from = 2026-11-08\n"
    )
    found = after(text)
    assert found.startswith(text.rstrip("\n"))
    card = parse_card(found, source="card")
    days = [rate.effective_from for rate in card.match("stt", "deepgram", "nova-3")]
    assert days == [None, date(2026, 11, 8), date(2026, 11, 10)]


def test_what_is_negotiated_is_not_touched() -> None:
    """A multiplier is a discount of one's own; a pattern or a provider has no list price."""
    for text in (
        "[stt.deepgram.nova-3]\nusd_per_minute = 0.01\nmultiplier = 0.5\n",
        '[stt.deepgram."nova*"]\nusd_per_minute = 0.01\n',
        "[stt.deepgram]\nusd_per_minute = 0.01\n",
    ):
        assert changes(parse_card(f'currency = "USD"\n{text}', source="card"), LISTED, TODAY) == []


def test_a_table_without_a_header_is_refused() -> None:
    """An inline table cannot get a second entry: one line that says so."""
    text = 'currency = "USD"\n[stt]\ndeepgram = { nova-3 = { usd_per_minute = 0.01 } }\n'
    with pytest.raises(PricingError, match=r"card: stt\.deepgram\.nova-3: has no header of its own"):
        after(text)


def test_rates_that_nobody_looked_at() -> None:
    """Older than 90 days, by their own as_of; what has none is not called old."""
    assert [(rate.key, days) for rate, days in old_rates(parse_card(CARD, source="card"), TODAY)] == [
        ("stt.deepgram.nova-3", 312),
        ("llm.groq", 365),
    ]
    edge = 'currency = "USD"\n[stt.a]\nusd_per_minute = 1\nas_of = 2026-08-12\n'
    assert old_rates(parse_card(edge, source="card"), TODAY) == []
    assert len(old_rates(parse_card(edge, source="card"), date(2026, 11, 11))) == 1
