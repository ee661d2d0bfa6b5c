"""Whatever invoices and logs say: causes add up to differences, lines to totals, and nothing is claimed twice."""

from __future__ import annotations

import os
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.invoices import CARD, operation_at
from support.logs import store_of
from voicetel.analyzers.prepare import analysis_context
from voicetel.pricing import amount_of, parse_card
from voicetel.reconcile import Charge, InvoiceLine, InvoiceSums, reconcile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.analyzers.core.context import AnalysisContext

EXAMPLES = 2_000 if os.environ.get("VOICETEL_SOAK") else 60
FIRST = date(2026, 11, 1)
SECONDS_LOGGED = 4 * (61 + 40 + 30)
CHARGED = {"EUR": 4 * (Decimal("0.005") + Decimal("0.2")), "GBP": 4 * Decimal("0.0007")}
"""What the providers of the log charged in currencies that are not the card's."""

amounts = st.decimals(-50, 50, places=6, allow_nan=False)
lines = st.builds(
    InvoiceLine,
    provider=st.sampled_from(["deepgram", "openai", "twilio", "elsewhere"]),
    stage=st.sampled_from([None, "stt", "llm", "transport"]),
    model=st.sampled_from([None, "nova-3", "nova-3-general", "gpt-x"]),
    first_day=st.none() | st.integers(0, 5).map(lambda days: FIRST + timedelta(days=days)),
    unit=st.sampled_from([None, "audio_s", "session_s", "input_tokens"]),
    quantity=st.none() | st.fractions(0, 10**6, max_denominator=3600),
    amount=st.none() | amounts.map(Fraction),
    currency=st.sampled_from(["USD", "EUR", "GBP"]),
    charge=st.sampled_from([Charge.USAGE, Charge.USAGE, Charge.USAGE, Charge.CREDIT, Charge.MINIMUM, Charge.TAX]),
)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnalysisContext]:
    """Four days with a call each: what was cancelled, what has no rate, what the provider charged itself, in three currencies."""
    events = []
    for number in range(4):
        ts = f"{FIRST + timedelta(days=number)}T23:30:00Z"
        events += [
            operation_at(ts, "stt", "deepgram", "nova-3", audio_s=61),
            operation_at(ts, "stt", "deepgram", "nova-3", audio_s=40, status="cancelled", session_s=90),
            operation_at(ts, "llm", "openai", "gpt-x", input_tokens=1_000, output_tokens=77),
            operation_at(ts, "transport", "twilio", session_s=100.5, cost="0.0313", currency="USD"),
            operation_at(ts, "tts", "elsewhere", characters=10),
            operation_at(ts, "stt", "deepgram", "nova-3", audio_s=30, cost="0.005", currency="EUR"),
            operation_at(
                ts, "llm", "openai", "gpt-x", input_tokens=500, output_tokens=5, cost="0.0007", currency="GBP"
            ),
            operation_at(ts, "transport", "twilio", cost="0.2", currency="EUR"),
        ]
    with store_of(tmp_path_factory.mktemp("logs"), events) as store:
        yield analysis_context(store)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(lines, min_size=1, max_size=6), st.sampled_from(["UTC", "Asia/Kolkata", "America/Los_Angeles"]))
def test_everything_adds_up(context: AnalysisContext, several: list[InvoiceLine], zone: str) -> None:
    """To the last digit: causes, differences, amounts of both sides, and what was logged is claimed at most once."""
    sums = InvoiceSums()
    for line in several:
        sums.add(line)
    found = reconcile(context, parse_card(CARD, source="card"), sums, zone=zone)
    for each in found.lines:
        assert sum((part.amount for part in each.causes), Decimal(0)) == each.difference
        if each.amount_theirs is not None:
            assert each.difference == each.amount_theirs - (each.amount_ours or 0)
    stated = sums.summed()
    for total in found.totals:
        theirs = [
            amount_of(line.amount) for line in stated if line.amount is not None and line.currency == total.currency
        ]
        assert (total.amount_theirs or 0) == sum(theirs, Decimal(0))
        assert total.amount_ours <= CHARGED.get(total.currency, Decimal(1))
        own = [each for each in found.lines if each.currency == total.currency]
        assert sum((part.amount for part in total.causes), Decimal(0)) == total.difference
        assert total.difference == sum((each.difference for each in own), Decimal(0))
        assert total.amount_ours == sum((each.amount_ours or Decimal(0) for each in own), Decimal(0))
    heard = [each.quantity_ours or 0 for each in found.lines if each.unit == "audio_s" and each.provider == "deepgram"]
    assert sum(heard, Decimal(0)) <= SECONDS_LOGGED
