"""Each provider's export against logs that differ from it in one known way at a time. Amounts are worked out by hand.

The card: Deepgram 0.006 a minute, OpenAI 0.40 and 1.60 (cached 0.10) a million tokens, ElevenLabs 0.05 a thousand characters,
Twilio 0.012, LiveKit 0.004 and Retell 0.06 a minute, Google 0.016 a minute.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.invoices import cause_list, operation_at, reconciled
from voicetel.reconcile import InvoiceError, InvoiceOptions, invoice_lines

if TYPE_CHECKING:
    from pathlib import Path

DAY, NEXT = "2026-11-02T09:00:00Z", "2026-11-03T09:00:00Z"
MIDNIGHT = 1793577600
"""2026-11-02, in seconds since 1970."""


def openai_usage(**tokens: int) -> dict[str, Any]:
    """A page of usage with one day and one model."""
    result = {"object": "organization.usage.completions.result", "model": "gpt-4.1-mini-2025-04-14", **tokens}
    bucket = {"object": "bucket", "start_time": MIDNIGHT, "end_time": MIDNIGHT + 86_400, "results": [result]}
    return {"object": "page", "data": [bucket], "has_more": False, "next_page": None}


def openai_costs(*items: tuple[str | None, float, str]) -> dict[str, Any]:
    """A page of costs with one day: (line item, value, currency)."""
    results = [
        {"object": "organization.costs.result", "amount": {"value": value, "currency": currency}, "line_item": item}
        for item, value, currency in items
    ]
    return {"object": "page", "data": [{"object": "bucket", "start_time": MIDNIGHT, "results": results}]}


LLM = operation_at(
    DAY, "llm", "openai", "gpt-4.1-mini", input_tokens=1_000_000, cached_input_tokens=200_000, output_tokens=100_000
)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"input_tokens": 1_000_000, "input_cached_tokens": 200_000, "output_tokens": 100_000}, []),
        (
            {"input_tokens": 1_500_000, "input_cached_tokens": 200_000, "output_tokens": 100_000},
            [("missing_in_logs", "0.2")],
        ),
        (
            {"input_tokens": 1_000_000, "input_cached_tokens": 200_000, "output_tokens": 50_000},
            [("missing_in_invoice", "-0.08")],
        ),
    ],
)
def test_openai_usage(tmp_path: Path, usage: dict[str, int], expected: list[tuple[str, str]]) -> None:
    """Tokens of each kind, each once: the cached ones are part of the input. No amounts: valued at our rate."""
    assert cause_list(reconciled(tmp_path, [LLM], openai_usage(**usage))) == expected


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (
            [
                ("gpt-4.1-mini, input", 0.32, "usd"),
                ("gpt-4.1-mini, cached input", 0.02, "usd"),
                ("gpt-4.1-mini, output", 0.16, "usd"),
            ],
            [],
        ),
        (
            [
                ("gpt-4.1-mini, input", 0.64, "usd"),
                ("gpt-4.1-mini, cached input", 0.02, "usd"),
                ("gpt-4.1-mini, output", 0.16, "usd"),
            ],
            [("rate", "0.32")],
        ),
        (
            [
                ("gpt-4.1-mini, input", 0.32, "usd"),
                ("gpt-4.1-mini, cached input", 0.02, "usd"),
                ("gpt-4.1-mini, output", 0.16, "usd"),
                ("Credit grant", -0.1, "usd"),
            ],
            [("credit", "-0.1")],
        ),
        (
            [
                ("gpt-4.1-mini, input", 0.32, "usd"),
                ("gpt-4.1-mini, cached input", 0.02, "usd"),
                ("gpt-4.1-mini, output", 0.16, "usd"),
                ("gpt-5, input", 3, "usd"),
            ],
            [("not_in_logs", "3")],
        ),
        (
            [
                ("gpt-4.1-mini, input", 0.32, "usd"),
                ("gpt-4.1-mini, cached input", 0.02, "usd"),
                ("gpt-4.1-mini, output", 0.15, "eur"),
            ],
            [("currency", "-0.16"), ("currency", "0.15")],
        ),
        ([("gpt-4.1-mini, input", 0.32, "usd"), ("gpt-4.1-mini, output", 0.16, "usd")], [("not_in_invoice", "-0.02")]),
    ],
)
def test_openai_costs_beside_usage(
    tmp_path: Path, items: list[tuple[str | None, float, str]], expected: list[tuple[str, str]]
) -> None:
    """Costs by line item get their quantities from the usage: a rate can be told from a quantity."""
    usage = openai_usage(input_tokens=1_000_000, input_cached_tokens=200_000, output_tokens=100_000)
    del usage["data"][0]["results"][0]["model"]
    usage["data"][0]["results"][0]["model"] = "gpt-4.1-mini"
    if len(items) == 2:
        usage = openai_costs()
        usage["data"][0]["results"] = []
        assert sorted(cause_list(reconciled(tmp_path, [LLM], openai_costs(*items)))) == expected
        return
    found = reconciled(tmp_path, [LLM], usage, openai_costs(*items))
    assert cause_list(found) == expected


def test_openai_costs_of_a_day_state_nothing_else(tmp_path: Path) -> None:
    """0.50 by the card, 0.60 billed: quantity or rate, the invoice does not say."""
    found = reconciled(tmp_path, [LLM], openai_costs((None, 0.6, "usd")))
    assert cause_list(found) == [("amount_only", "0.1")]


def deepgram(*results: tuple[str, float, str]) -> dict[str, Any]:
    """A breakdown of usage: (day, hours, model)."""
    return {
        "start": "2026-11-01", "end": "2026-11-30", "resolution": {"units": "day", "amount": 1},
        "results": [
            {"hours": hours, "total_hours": hours, "agent_hours": 0, "tokens_in": 0, "tokens_out": 0, "tts_characters": 0,
             "requests": 1, "grouping": {"start": day, "end": day, "models": [model]}}
            for day, hours, model in results
        ],
    }  # fmt: skip


def heard(ts: str, seconds: float, **about: Any) -> Any:
    """So many seconds at Deepgram."""
    return operation_at(ts, "stt", "deepgram", "nova-3", audio_s=seconds, **about)


@pytest.mark.parametrize(
    ("logged", "billed", "expected"),
    [
        ([heard(DAY, 3600)], [("2026-11-02", 1.0, "nova-3-general")], []),
        ([heard(DAY, 3600)], [("2026-11-02", 1.5, "nova-3")], [("missing_in_logs", "0.18")]),
        ([heard(DAY, 3000), heard(DAY, 600, status="cancelled")], [("2026-11-02", 0.8333333, "nova-3")], [("cancelled", "-0.06"), ("precision", "-0.000000012")]),
        ([heard(DAY, 30.5), heard(DAY, 40.5)], [("2026-11-02", 0.02, "nova-3")], [("rounding_up", "0.0001")]),
        ([heard(DAY, 3600, session_s=7200)], [("2026-11-02", 2.0, "nova-3")], [("silence", "0.36")]),
        ([heard(DAY, 3600)], [("2026-11-02", 1.0, "nova-3"), ("2026-11-02", 0.5, "flux")], [("not_in_logs", "0.18")]),
        ([heard(DAY, 3600), heard(NEXT, 1800)], [("2026-11-02", 0.75, "nova-3"), ("2026-11-03", 0.75, "nova-3")], [("day_boundary", "-0.09"), ("day_boundary", "0.09")]),
        ([heard(DAY, 3600), heard(NEXT, 1800)], [("2026-11-02", 1.0, "nova-3"), ("2026-11-04", 1.0, "nova-3")], [("day_boundary", "0.18"), ("missing_in_logs", "0.18"), ("day_boundary", "-0.18")]),
    ],
)  # fmt: skip
def test_deepgram(tmp_path: Path, logged: list[Any], billed: list[tuple[str, float, str]], expected: list[Any]) -> None:
    """Hours against seconds of audio, at 0.36 an hour."""
    assert cause_list(reconciled(tmp_path, logged, deepgram(*billed))) == expected


def test_deepgrams_dollars(tmp_path: Path) -> None:
    """Billing by line item beside usage by model: an hour at 0.30 is 0.06 less than by the card."""
    billing = {
        "start": "2026-11-02",
        "results": [{"dollars": 0.3, "grouping": {"start": "2026-11-02", "line_item": "streaming::nova-3"}}],
    }
    found = reconciled(tmp_path, [heard(DAY, 3600)], deepgram(("2026-11-02", 1.0, "nova-3")), billing)
    assert cause_list(found) == [("rate", "-0.06")]
    (rate,) = found.rates
    assert (rate.table, rate.key, str(rate.value), str(rate.card_value)) == (
        "stt.deepgram.nova-3",
        "usd_per_minute",
        "0.0050000000",
        "0.0060000000",
    )


def test_elevenlabs(tmp_path: Path) -> None:
    """Along a time axis, model by model; 500 characters more at 0.05 a thousand are 0.025."""
    logged = [operation_at(DAY, "tts", "elevenlabs", "eleven_flash_v2_5", characters=1_000)]
    usage = {"time": [MIDNIGHT, MIDNIGHT + 86_400], "usage": {"eleven_flash_v2_5": [1500, 0]}}
    assert cause_list(reconciled(tmp_path, logged, usage)) == [("missing_in_logs", "0.025")]
    whole = {"time": [MIDNIGHT * 1000], "usage": {"All": [1000.0]}}
    assert cause_list(reconciled(tmp_path, logged, whole)) == []


def called(ts: str, seconds: float) -> Any:
    """So many seconds on Twilio's line."""
    return operation_at(ts, "transport", "twilio", session_s=seconds)


def twilio_record(category: str, usage: str, price: str, unit: str = "usd") -> dict[str, Any]:
    """One of Twilio's daily records."""
    return {
        "category": category, "description": category, "usage": usage, "usage_unit": "minutes", "price": price,
        "price_unit": unit, "start_date": "2026-11-02", "end_date": "2026-11-02", "count": "2", "count_unit": "calls",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([twilio_record("calls", "3", "0.036")], [("rounding_up", "0.014")]),
        ([twilio_record("calls", "3", "0.036"), twilio_record("calls-outbound", "3", "0.036")], [("rounding_up", "0.014")]),
        ([twilio_record("calls", "3", "0.06"), twilio_record("totalprice", "0", "0.06")], [("rate", "0.024"), ("rounding_up", "0.014")]),
        ([twilio_record("calls", "3", "0.036", "eur")], [("currency", "0.036"), ("currency", "-0.022")]),
    ],
)  # fmt: skip
def test_twilio_records(tmp_path: Path, records: list[Any], expected: list[Any]) -> None:
    """Two calls of 50 and 60 s are 0.022 by the card; Twilio bills whole minutes: 3 with the one of 61 s."""
    logged = [called(DAY, 49), called(DAY, 61)]
    found = reconciled(tmp_path, logged, {"usage_records": records})
    assert sorted(cause_list(found)) == sorted(expected)


@pytest.mark.parametrize(
    "call",
    [
        {"calls": [{"sid": "CA1", "duration": "60", "price": "-0.012", "price_unit": "USD"}]},
        {"assistantId": "a", "costs": [{"type": "vapi", "minutes": 2, "cost": 0.11}]},
        {"call_id": "x", "call_cost": {"combined_cost": 20, "product_costs": [{"product": "gpt_4_1", "cost": 20}]}},
    ],
)
def test_a_call_with_a_cost_and_no_day(tmp_path: Path, call: dict[str, Any]) -> None:
    """It is not left out of the sums without a word."""
    with pytest.raises(InvoiceError, match=r"a call has a (cost|price) and (neither|no)"):
        reconciled(tmp_path, [], call)


def test_twilios_calls(tmp_path: Path) -> None:
    """Prices are below 0, times as in mails; the second call is missing from the logs."""
    calls = [
        {
            "sid": "CA1",
            "start_time": "Mon, 02 Nov 2026 09:00:00 +0000",
            "duration": "60",
            "price": "-0.012",
            "price_unit": "USD",
        },
        {
            "sid": "CA2",
            "start_time": "Mon, 02 Nov 2026 10:00:00 +0000",
            "duration": "60",
            "price": "-0.012",
            "price_unit": "USD",
        },
        {"sid": "CA3", "start_time": "", "duration": "", "price": None, "price_unit": "USD"},
    ]
    assert cause_list(reconciled(tmp_path, [called(DAY, 60)], {"calls": calls})) == [("missing_in_logs", "0.012")]


def test_a_day_in_another_zone(tmp_path: Path) -> None:
    """A call at 7:00 UTC is on the day before in Los Angeles; asked for that zone, nothing differs."""
    logged = [
        operation_at("2026-11-03T07:00:00Z", "transport", "twilio", session_s=60),
        called("2026-11-02T20:00:00Z", 60),
    ]
    invoice = {"usage_records": [twilio_record("calls", "2", "0.024")]}
    (both,) = reconciled(tmp_path, logged, invoice, zone="America/Los_Angeles").lines
    assert both.causes == ()
    assert cause_list(reconciled(tmp_path, logged, invoice)) == [("missing_in_logs", "0.012")]


def test_livekit(tmp_path: Path) -> None:
    """Minutes of all participants: two of them are twice the time, and what that makes is said; one file may hold several."""
    logged = [operation_at(DAY, "transport", "livekit", session_s=600)]
    older = {"roomId": "RM_1", "roomName": "a", "startTime": DAY, "endTime": DAY, "connectionMinutes": "15"}
    newer = {
        "session": {"sessionId": "RM_2", "roomName": "b", "startedAt": DAY},
        "detail": {"connectionSeconds": "300"},
    }
    for both in ([older, newer], {"sessions": [older, newer]}):
        assert cause_list(reconciled(tmp_path, logged, both)) == [("missing_in_logs", "0.04")]
    one_after_the_other = tmp_path / "sessions.json"
    one_after_the_other.write_text(json.dumps(older, indent=2) + "\n" + json.dumps(newer, indent=2), encoding="utf-8")
    assert [line.quantity for line in invoice_lines(one_after_the_other, InvoiceOptions())] == [900, 300]


def test_a_list_of_livekits_sessions_has_no_minutes(tmp_path: Path) -> None:
    """Nor has a session whose statistics have not arrived: one line, and what to fetch."""
    listed = {
        "sessions": [{"sessionId": "RM_1", "roomName": "a", "createdAt": DAY, "lastActive": DAY, "numParticipants": 2}]
    }
    early = {"session": {"sessionId": "RM_2", "roomName": "b", "startedAt": DAY}}
    for document in (listed, early):
        with pytest.raises(InvoiceError, match="state no minutes") as caught:
            reconciled(tmp_path, [], document)
        assert "lk analytics session get" in (caught.value.hint or "")


def test_cartesia(tmp_path: Path) -> None:
    """A week of credits is a week of characters; agents' minutes have an amount in cents."""
    card = 'currency = "USD"\n[tts.cartesia]\nusd_per_1k_characters = 0.05\n[platform.cartesia]\nusd_per_minute = 0.06'
    logged = [
        operation_at(DAY, "tts", "cartesia", "sonic-3", characters=1_000),
        operation_at(NEXT, "tts", "cartesia", "sonic-2", characters=500),
        operation_at(DAY, "platform", "cartesia", session_s=600),
    ]
    week = {"start_ts": "2026-11-02T00:00:00.000Z", "end_ts": "2026-11-09T00:00:00.000Z"}
    spoken, agents = {"data": [week | {"credits": 1_600}]}, {"data": [week | {"cents": 66, "minutes": 11, "calls": 3}]}
    found = reconciled(tmp_path, logged, spoken, agents, card=card)
    assert cause_list(found) == [("missing_in_logs", "0.06"), ("missing_in_logs", "0.005")]
    assert {(str(line.day), str(line.last_day)) for line in found.lines} == {("2026-11-02", "2026-11-08")}


def test_google(tmp_path: Path) -> None:
    """One row of BigQuery's export a line; credits stand beside the cost."""
    logged = [operation_at(DAY, "stt", "google", audio_s=600)]
    row = {
        "service": {"description": "Cloud Speech API"}, "sku": {"description": "Speech-to-Text V2 transcription"},
        "usage_start_time": "2026-11-02 09:00:00 UTC", "usage": {"amount": 600.0, "unit": "seconds"}, "cost": 0.24,
        "currency": "USD", "credits": [{"name": "Free", "amount": -0.05}],
    }  # fmt: skip
    assert cause_list(reconciled(tmp_path, logged, row)) == [("rate", "0.08"), ("credit", "-0.05")]


def test_vapi(tmp_path: Path) -> None:
    """What each part of a call cost: two minutes of the platform at 0.05."""
    logged = [operation_at(DAY, "platform", "vapi", session_s=120)]
    call = {
        "assistantId": "a", "startedAt": DAY, "costBreakdown": {"total": 0.11},
        "costs": [{"type": "vapi", "minutes": 2, "cost": 0.11}],
    }  # fmt: skip
    assert cause_list(reconciled(tmp_path, logged, [call])) == [("rate", "0.01")]


def test_retell(tmp_path: Path) -> None:
    """Cents and seconds: two minutes of telephony at 0.06, and a product that the logs do not know."""
    logged = [operation_at(DAY, "transport", "retell", "us_telephony", session_s=120)]
    call = {
        "call_id": "x", "start_timestamp": MIDNIGHT * 1000, "call_cost": {
            "combined_cost": 20, "total_duration_seconds": 120, "total_duration_unit_price": 0.1,
            "product_costs": [
                {"product": "us_telephony", "cost": 12, "unit_price": 0.1}, {"product": "gpt_4_1", "cost": 8, "unit_price": 0.06},
            ],
        },
    }  # fmt: skip
    assert cause_list(reconciled(tmp_path, logged, [call])) == [("not_in_logs", "0.08")]


def test_the_sums_of_a_reconciliation(tmp_path: Path) -> None:
    """Lines add up to the total of their currency, and so do the causes."""
    found = reconciled(
        tmp_path, [heard(DAY, 3600), called(DAY, 49)], deepgram(("2026-11-02", 1.25, "nova-3")),
        {"usage_records": [twilio_record("calls", "1", "0.02")]},
    )  # fmt: skip
    (total,) = found.totals
    assert total.difference == sum((line.difference for line in found.lines), Decimal(0))
    assert total.difference == sum((part.amount for part in total.causes), Decimal(0))
    assert total.difference == Decimal("0.09") + Decimal("0.02") - Decimal("0.0098")
