"""The call that the format's documentation prints, with every figure worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from support.logs import Event, store_of
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.overview.analyze import analyze
from voicetel.pricing import parse_card

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicetel.analyzers.overview.results import Analysis

SHIPPED_CARD = """
currency = "USD"
[stt.deepgram]
usd_per_second = 0.0043
[llm.groq]
usd_per_1m_input_tokens = 0.05
usd_per_1m_output_tokens = 0.08
[tts.cartesia]
usd_per_1k_characters = 0.015
[transport.livekit]
usd_per_minute = 0.004
"""

HEAD = {"v": 1, "call_id": "c-7f3a", "writer": "9f1c"}
CALL: list[Event] = [
    HEAD
    | {"event": "call_started", "ts": "2026-11-02T09:00:00.000Z", "seq": 1, "agent_name": "clinic-booking"}
    | {"agent_version": "1.8.2", "campaign": "recall", "direction": "outbound", "language": "en"},
    HEAD
    | {
        "event": "turn",
        "ts": "2026-11-02T09:00:03.120Z",
        "seq": 2,
        "turn": 1,
        "state_id": "ask_day",
        "user": {"text": "Hi, I need to move my appointment.", "start_ms": 0, "end_ms": 1840},
        "agent": {"text": "Of course. Which day suits you?", "start_ms": 2715, "end_ms": 4630, "interrupted": False},
        "operations": [
            {
                "stage": "stt",
                "provider": "deepgram",
                "model": "nova-3",
                "start_ms": 1840,
                "ttfb_ms": 170,
                "audio_s": 2.1,
            },
            {"stage": "llm", "provider": "groq", "model": "llama-3.1-8b-instant", "start_ms": 2010, "ttfb_ms": 148}
            | {"duration_ms": 391, "input_tokens": 812, "output_tokens": 24},
            {"stage": "tts", "provider": "cartesia", "model": "sonic-2", "start_ms": 2420, "ttfb_ms": 131}
            | {"duration_ms": 402, "characters": 31, "audio_s": 1.9},
        ],
        "eou_latency_ms": 875,
    },
    HEAD
    | {"event": "call_ended", "ts": "2026-11-02T09:01:34.200Z", "seq": 9, "duration_s": 94.2}
    | {"final_state": "appointment_booked", "end_reason": "caller_hangup", "sip_status": 200, "amd": "human"}
    | {"operations": [{"stage": "transport", "provider": "livekit", "session_s": 94.2}]},
]


@pytest.fixture
def analysis(tmp_path: Path) -> Iterator[Analysis]:
    """The report over that one call with the shipped rates."""
    with store_of(tmp_path, CALL) as store:
        yield analyze(store, parse_card(SHIPPED_CARD, source="card"))


def test_every_latency_is_what_the_definitions_say(analysis: Analysis) -> None:
    """Each latency of the turn equals what its definition gives by hand."""
    found = {
        each.name: (each.statistics.n, each.statistics.avg, each.statistics.p99)
        for each in analysis.total.latency.values()
    }
    assert found == {
        "eou_latency_ms": (1, 875, 875),  # as logged; 2715 − 1840 is the same
        "endpointing_ms": (0, None, None),  # no eot operation
        "stt_ttfb_ms": (1, 170, 170),
        "llm_ttft_ms": (1, 148, 148),
        "llm_latency_ms": (1, 391, 391),
        "tts_ttfb_ms": (1, 131, 131),
        "realtime_ttfb_ms": (0, None, None),
        # Of 1840…2715 the operations cover 1840…2010, 2010…2401 and 2420…2822.
        "unattributed_ms": (1, 19, 19),
        "tool_duration_ms": (0, None, None),  # no tool was called
    }


def test_the_cost_is_exact(analysis: Analysis) -> None:
    """Every component is quantity × rate, and the parts add up to the total."""
    cost = analysis.total.cost
    assert cost.components["stt"] == Decimal("2.1") * Decimal("0.0043") == Decimal("0.00903")
    # 812 × 0.05 / 1,000,000 + 24 × 0.08 / 1,000,000
    assert cost.components["llm"] == Decimal("0.0000406") + Decimal("0.00000192") == Decimal("0.00004252")
    assert cost.components["tts"] == 31 * Decimal("0.015") / 1000 == Decimal("0.000465")
    # 94.2 seconds are 1.57 minutes.
    assert cost.components["transport"] == Decimal("1.57") * Decimal("0.004") == Decimal("0.00628")
    assert cost.total == Decimal("0.01581752")
    assert cost.coverage == 1
    assert cost.unpriced == ()
    assert cost.per_call_avg == Decimal("0.01581752")
    assert cost.per_minute == Decimal("0.010074853503184713")  # total × 60 ÷ 94.2


def test_the_rest_of_the_report(analysis: Analysis) -> None:
    """Counts, usage, interruptions and outcome of the call."""
    report = analysis.total
    assert (report.calls, report.turns, report.incomplete_calls, report.duration_s) == (1, 1, 0, Decimal("94.2"))
    assert report.usage == {
        "stt_s": Decimal("2.1"),
        "llm_input_tokens": 812,
        "llm_output_tokens": 24,
        "tts_characters": 31,
        "transport_s": Decimal("94.2"),
    }
    assert (report.interruptions.count, report.interruptions.agent_turns, report.interruptions.rate) == (0, 1, 0.0)
    assert [share.outcome for share in report.outcomes.shares if share.calls] == ["success"]
    assert report.outcomes.success_rate == 1.0
    assert report.sentiment.n == 0
    assert report.sentiment.avg is None


def test_the_call_by_itself(tmp_path: Path) -> None:
    """The row of the call says the same."""
    with store_of(tmp_path, CALL) as store:
        (row,) = calls(store, parse_card(SHIPPED_CARD, source="card")).to_pylist()
    assert (row["call_id"], row["turns"], row["user_turns"], row["agent_turns"]) == ("c-7f3a", 1, 1, 1)
    assert (row["eou_latency_ms_n"], row["eou_latency_ms_p95"], row["unattributed_ms_avg"]) == (1, 875, 19)
    assert row["cost_total"] == Decimal("0.01581752")
    assert row["cost_realtime"] is None
    assert (row["outcome"], row["outcome_source"]) == ("success", "final_state")
