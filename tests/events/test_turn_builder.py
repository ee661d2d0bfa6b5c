"""A turn put together by hand: what the event says of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from voicetel.events.line import decode, encode
from voicetel.events.operation import Operation, operation_list
from voicetel.events.turn_builder import TurnBuilder

NINE_S = datetime(2026, 11, 2, 9, 0, 3, 120_000, tzinfo=UTC).timestamp()


def built(**known: Any) -> TurnBuilder:
    """A turn of a caller who speaks from 9:00:03.120 for 1.84 s."""
    turn = TurnBuilder(NINE_S + 2, user_text="Hi.", user_start_s=NINE_S, user_end_s=NINE_S + 1.84)
    for name, value in known.items():
        setattr(turn, name, value)
    return turn


def test_offsets_count_from_the_earliest_moment() -> None:
    """The first sound is 0, the rest milliseconds after it, and ts says when 0 was."""
    turn = built(agent_text="Yes?", eou_latency_s=0.875)
    turn.add_played_span(NINE_S + 2.715, NINE_S + 4.63)
    event: dict[str, Any] = turn.event("c-1", 1)
    assert event["ts"] == datetime(2026, 11, 2, 9, 0, 3, 120_000, tzinfo=UTC)
    assert event["user"] == {"text": "Hi.", "start_ms": 0, "end_ms": 1840}
    assert event["agent"] == {"text": "Yes?", "start_ms": 2715, "end_ms": 4630, "interrupted": False}
    assert event["eou_latency_ms"] == 875


def test_operation_before_the_sound_is_the_earliest_moment() -> None:
    """A request sent before the caller's first sound moves the turn's beginning: nothing is negative."""
    turn = built(operations=[Operation("llm", start_s=NINE_S - 0.25, ttfb_s=0.1)])
    event: dict[str, Any] = turn.event("c-1", 1)
    assert event["operations"] == [{"stage": "llm", "start_ms": 0, "ttfb_ms": 100}]
    assert event["user"]["start_ms"] == 250


def test_silence_in_between_makes_spans() -> None:
    """Audio that goes on at once is one stretch; a pause makes two, and stopping for good makes none."""
    turn = built()
    turn.add_played_span(NINE_S + 2, NINE_S + 3)
    turn.add_played_span(NINE_S + 3.01, NINE_S + 4)
    assert "spans" not in turn.event("c-1", 1)["agent"]  # type: ignore[operator]
    turn.add_played_span(NINE_S + 5, NINE_S + 6)
    turn.add_played_span(NINE_S + 7, NINE_S + 7)
    event: dict[str, Any] = turn.event("c-1", 1)
    assert event["agent"]["spans"] == [[2000, 4000], [5000, 6000]]
    assert (event["agent"]["start_ms"], event["agent"]["end_ms"]) == (2000, 6000)


def test_audio_that_is_reported_late_stands_in_its_place() -> None:
    """The stretch of 3 s to 3.5 s is told before that of 2 s to 2.5 s, and 2.4 s to 3.2 s closes the silence between them."""
    turn = built()
    turn.add_played_span(NINE_S + 3, NINE_S + 3.5)
    turn.add_played_span(NINE_S + 2, NINE_S + 2.5)
    agent: Any = turn.event("c-1", 1)["agent"]
    assert (agent["start_ms"], agent["end_ms"], agent["spans"]) == (2000, 3500, [[2000, 2500], [3000, 3500]])
    turn.add_played_span(NINE_S + 2.4, NINE_S + 3.2)
    agent = turn.event("c-1", 1)["agent"]
    assert (agent["start_ms"], agent["end_ms"], "spans" in agent) == (2000, 3500, False)


def test_what_is_unknown_is_left_out() -> None:
    """A turn of which nothing but its words is known has no times, no latency, no empty lists."""
    event = TurnBuilder(NINE_S, user_text="Hi.").event("c-1", 7)
    assert event["user"] == {"text": "Hi."}
    assert not {"agent", "operations", "eou_latency_ms", "eou_from", "state_id"} & set(event)


def test_interruption_by_the_caller_goes_without_saying() -> None:
    """Who interrupted is named where it was not the caller."""
    by_caller: dict[str, Any] = built(agent_text="I", interrupted=True).event("c-1", 1)
    by_hangup: dict[str, Any] = built(agent_text="I", interrupted=True, interrupted_by="hangup").event("c-1", 1)
    assert by_caller["agent"] == {"text": "I", "interrupted": True}
    assert by_hangup["agent"] == {"text": "I", "interrupted": True, "interrupted_by": "hangup"}


def test_cancelled_operation_keeps_what_it_used() -> None:
    """Giving up an attempt leaves its bill; a request that failed stays failed."""
    attempt = Operation("llm", "groq", quantities={"input_tokens": 700})
    assert attempt.cancelled().fields(None) == {
        "stage": "llm",
        "provider": "groq",
        "status": "cancelled",
        "input_tokens": 700,
    }
    assert Operation("llm", status="error").cancelled().status == "error"


def test_operations_stand_in_the_order_they_began() -> None:
    """By beginning, then by answer; those of unknown beginning last."""
    operations = [
        Operation("stt", start_s=None),
        Operation("tts", start_s=NINE_S + 1),
        Operation("eot", start_s=NINE_S, duration_s=0.4),
        Operation("llm", start_s=NINE_S, ttfb_s=0.1),
    ]
    assert [o["stage"] for o in operation_list(operations, NINE_S)] == ["llm", "eot", "tts", "stt"]


def test_charge_of_the_provider_is_exact() -> None:
    """A cost is digits, in its currency, however small; without one neither stands in the event."""
    charged = Operation("platform", "vapi", cost=Decimal("0.0000000030"), currency="USD")
    assert charged.fields(None) == {
        "stage": "platform",
        "provider": "vapi",
        "cost": "0.0000000030",
        "currency": "USD",
    }
    assert not {"cost", "currency"} & set(Operation("llm").fields(None))


def test_charge_survives_the_line() -> None:
    """What a line says of a cost is what was charged, to the last digit."""
    turn = TurnBuilder(NINE_S, agent_text="Hi.", operations=[Operation("llm", cost=Decimal("1E-9"), currency="USD")])
    line = decode(encode(turn.event("c-1", 1), writer="w", seq=1, now=datetime.now(UTC)))
    assert line["operations"] == [{"stage": "llm", "cost": "0.000000001", "currency": "USD"}]


def test_interruption_that_nobody_knows_of_is_left_out() -> None:
    """A source that does not say whether the agent was cut off says neither yes nor no."""
    event: dict[str, Any] = built(agent_text="I", interrupted=None).event("c-1", 1)
    assert event["agent"] == {"text": "I"}


def test_agent_whose_end_is_unknown_has_a_start() -> None:
    """The start of the agent's audio counts from the turn's beginning; known audio says both."""
    turn = built(agent_start_s=NINE_S + 2.5)
    assert turn.has_agent
    event: dict[str, Any] = turn.event("c-1", 1)
    assert event["agent"] == {"start_ms": 2500, "interrupted": False}
    turn.add_played_span(NINE_S + 2.715, NINE_S + 4.63)
    both: dict[str, Any] = turn.event("c-1", 1)
    assert both["agent"] == {"start_ms": 2715, "end_ms": 4630, "interrupted": False}


def test_caller_without_a_transcript_has_times() -> None:
    """Speech whose words nobody wrote down is speech: its times stand in the event, and no text."""
    turn = TurnBuilder(NINE_S, user_start_s=NINE_S, user_end_s=NINE_S + 1.25)
    assert turn.has_user
    event: dict[str, Any] = turn.event("c-1", 1)
    assert event["user"] == {"start_ms": 0, "end_ms": 1250}


def test_confidence_and_setting_stand_where_they_are_known() -> None:
    """How sure the transcriber was, and the part of endpointing that is a setting."""
    verdict = Operation("eot", start_s=NINE_S + 1, duration_s=0.62, setting_s=0.5)
    turn = TurnBuilder(NINE_S, user_text="Yes.", user_confidence=0.98765432, operations=[verdict])
    line = decode(encode(turn.event("c-1", 1), writer="w", seq=1, now=datetime.now(UTC)))
    assert line["user"] == {"text": "Yes.", "confidence": 0.9877}
    assert line["operations"] == [{"stage": "eot", "start_ms": 0, "duration_ms": 620, "setting_ms": 500}]
