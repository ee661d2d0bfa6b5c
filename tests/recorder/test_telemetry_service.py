"""From turns as agents report them to events, and to the figures of the call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest

from support.recorded import HandClock, events_of, named, service
from voicetel.outcomes import CallOutcome
from voicetel.recorder import CallMetrics, TelemetryService, TurnMetrics

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")

Events = list[dict[str, Any]]


async def recorded(*turns: TurnMetrics, **end: Any) -> CallMetrics:
    """Record one call of these turns."""
    telemetry = service()
    for turn in turns:
        await telemetry.record_turn("c", turn)
    return await telemetry.finalize_call("c", "success", 0.9, **end)


def said(events: Events) -> list[tuple[int, str | None, str | None]]:
    """Number, caller's words and agent's words of every turn."""
    return [
        (turn["turn"], turn.get("user", {}).get("text"), turn.get("agent", {}).get("text"))
        for turn in named(events, "turn")
    ]


async def test_a_call_from_its_start_to_its_end(events: Events) -> None:
    """Start, turn and end are written with all that was said of them."""
    clock = HandClock()
    telemetry = service(clock)
    telemetry.start_call("c", campaign="recall", direction="outbound", language="en", tags={"room": "r-12"})
    clock.pass_ms(1000)
    await telemetry.record_turn(
        "c",
        TurnMetrics(
            1, "user", "Hi.", state_id="ask_day", ttfb_stt=170, latency_llm=391, ttfb_tts=131, eou_latency=875,
            llm_input_tokens=812, llm_output_tokens=24, tts_characters=31, agent_text="Which day?",
        ),
    )  # fmt: skip
    clock.pass_ms(93_200)
    metrics = await telemetry.finalize_call(
        "c", CallOutcome.SUCCESS, 0.93, "booked", 0, 0.5, 2.1, 94.2,
        final_state="appointment_booked", end_reason="caller_hangup", sip_status=200, amd="human", tags={"k": "v"},
    )  # fmt: skip

    envelope = {"v": 1, "call_id": "c", "writer": telemetry.writer.writer_id}
    assert events[0] == envelope | {
        "event": "call_started", "ts": "2026-11-02T12:00:00.000Z", "seq": 1,
        "agent_name": "clinic", "agent_version": "1.8.2", "campaign": "recall", "direction": "outbound",
        "language": "en", "source": events[0]["source"], "tags": {"room": "r-12"},
    }  # fmt: skip
    assert named(events, "turn") == [
        envelope | {
            "event": "turn", "ts": "2026-11-02T12:00:01.000Z", "seq": 2, "turn": 1, "state_id": "ask_day",
            "user": {"text": "Hi."}, "agent": {"text": "Which day?"},
            "operations": [
                {"stage": "stt", "provider": "deepgram", "model": "nova-3", "ttfb_ms": 170},
                {"stage": "llm", "provider": "groq", "model": "llama-3.1-8b-instant", "duration_ms": 391,
                 "input_tokens": 812, "output_tokens": 24},
                {"stage": "tts", "provider": "cartesia", "ttfb_ms": 131, "characters": 31},
            ],
            "eou_latency_ms": 875,
        },
    ]  # fmt: skip
    assert events[-1] == envelope | {
        "event": "call_ended", "ts": "2026-11-02T12:01:34.200Z", "seq": 3, "duration_s": 94.2,
        "final_state": "appointment_booked", "end_reason": "caller_hangup", "sip_status": 200, "amd": "human",
        "operations": [
            {"stage": "stt", "provider": "deepgram", "model": "nova-3", "audio_s": 2.1},
            {"stage": "transport", "provider": "livekit", "session_s": 94.2},
        ],
        "outcome": "success", "outcome_confidence": 0.93, "outcome_reason": "booked", "sentiment": 0.5,
        "interruption_count": 0, "tags": {"k": "v"},
    }  # fmt: skip
    assert metrics.duration_sec == pytest.approx(94.2)
    assert metrics.started_at == datetime(2026, 11, 2, 12, tzinfo=UTC)
    assert (metrics.campaign, metrics.direction, metrics.language) == ("recall", "outbound", "en")
    assert (metrics.agent_name, metrics.agent_version, metrics.final_state) == ("clinic", "1.8.2", "appointment_booked")
    assert (metrics.outcome, metrics.outcome_confidence, metrics.outcome_reason) == ("success", 0.93, "booked")
    assert (metrics.sentiment_score, metrics.stt_duration_sec, metrics.livekit_duration_sec) == (0.5, 2.1, 94.2)


U, A = "user", "assistant"


class Role(Enum):
    """Roles as an agent of one's own may have them."""

    AGENT = "Agent"


@pytest.mark.parametrize(
    ("records", "turns"),
    [
        pytest.param([(1, U, "a"), (1, A, "b")], [(1, "a", "b")], id="both sides under one number"),
        pytest.param([(1, U, "a"), (2, A, "b")], [(1, "a", "b")], id="each side its number"),
        pytest.param([(1, A, "a"), (2, U, "b"), (3, A, "c")], [(1, None, "a"), (2, "b", "c")], id="greeting first"),
        pytest.param([(1, U, "a"), (2, U, "b"), (3, A, "c")], [(1, "a", None), (2, "b", "c")], id="unanswered"),
        pytest.param([(1, A, "a"), (2, A, "b")], [(1, None, "a"), (2, None, "b")], id="re-prompt"),
        pytest.param([(1, U, "a"), (1, A, "b"), (1, A, "c")], [(1, "a", "b c")], id="filler, then answer"),
        pytest.param([(1, A, "a"), (1, U, "b")], [(1, "b", "a")], id="transcript after the reply"),
        pytest.param([(1, U, "a"), (1, U, "a"), (2, A, "b")], [(1, "a", "b")], id="told twice"),
        pytest.param([(0, U, "a"), (0, U, "b")], [(1, "a", None), (2, "b", None)], id="never counted"),
        pytest.param(
            [(7, U, "a"), (3, U, "b"), (9, U, "c")], [(7, "a", None), (8, "b", None), (9, "c", None)], id="back"
        ),
        pytest.param([(1, "caller", "a"), (2, "bot", "b")], [(1, "a", "b")], id="other words for the roles"),
        pytest.param([(1, "USER", "a"), (2, Role.AGENT, "b")], [(1, "a", "b")], id="in capitals, and as an enum"),
        pytest.param([(1, U, "a"), (2, "tool", "{}"), (3, A, "b")], [(1, "a", "b")], id="a tool in between"),
    ],
)
async def test_records_become_turns(
    events: Events, records: list[tuple[int, str, str]], turns: list[tuple[int, str | None, str | None]]
) -> None:
    """One turn is the caller's words with the agent's whole reply, under a number that rises."""
    metrics = await recorded(*(TurnMetrics(*record) for record in records))

    assert said(events) == turns
    assert metrics.turn_count == len(turns)
    assert metrics.user_turn_count == sum(user is not None for _, user, _ in turns)
    assert metrics.bot_turn_count == sum(agent is not None for _, _, agent in turns)


async def test_what_two_records_tell_alike_was_measured_once(events: Events) -> None:
    """A latency that both sides of a turn carry is one operation; tokens that each used are both counted."""
    metrics = await recorded(
        TurnMetrics(1, "user", "a", ttfb_stt=170, latency_llm=391, llm_input_tokens=100, eou_latency=800),
        TurnMetrics(2, "assistant", "b", ttfb_stt=170, latency_llm=391, llm_input_tokens=100, eou_latency=800),
        TurnMetrics(3, "user", "c", llm_input_tokens=50),
        TurnMetrics(4, "assistant", "d", llm_input_tokens=50),
    )

    first, second = named(events, "turn")
    assert [o["stage"] for o in first["operations"]] == ["stt", "llm"]
    assert [o["input_tokens"] for o in second["operations"]] == [50, 50]
    assert (metrics.latency_llm_max, metrics.llm_input_tokens, metrics.eou_latency_avg) == (391, 200, 800)


async def test_moments_of_both_sides_count_from_the_turns_beginning(events: Events) -> None:
    """The agent's moments are moved by how much later its record begins."""
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    await recorded(
        TurnMetrics(1, "user", "a", timestamp=noon, user_start_ms=0, user_end_ms=1840),
        TurnMetrics(
            2, "assistant", "b", timestamp=noon + timedelta(seconds=2), agent_start_ms=715, agent_end_ms=2630,
            agent_spans_ms=[(715, 1000), (1500, 2630)], operations=[{"stage": "llm", "start_ms": 10, "ttfb_ms": 148}],
        ),
    )  # fmt: skip

    [turn] = named(events, "turn")
    assert turn["ts"] == "2026-11-02T12:00:00.000Z"
    assert turn["user"] == {"text": "a", "start_ms": 0, "end_ms": 1840}
    assert turn["agent"] == {
        "text": "b", "start_ms": 2715, "end_ms": 4630, "spans": [[2715, 3000], [3500, 4630]],
    }  # fmt: skip
    assert turn["operations"] == [{"stage": "llm", "start_ms": 2010, "ttfb_ms": 148}]


@pytest.mark.parametrize(
    "timestamp", [1_793_620_801.5, "2026-11-02T12:00:01.500Z", "2026-11-02T15:00:01.5+03:00", datetime(2026, 11, 2, 12, 0, 1, 500_000, UTC).replace(tzinfo=None)]
)  # fmt: skip
async def test_a_timestamp_may_be_written_in_several_ways(events: Events, timestamp: Any) -> None:
    """Seconds since the epoch, RFC 3339 in any zone, and a datetime, which is UTC where it has no zone."""
    await recorded(TurnMetrics(1, "user", "a", timestamp=timestamp))

    assert named(events, "turn")[0]["ts"] == "2026-11-02T12:00:01.500Z"


async def test_a_call_begins_with_its_first_turn(events: Events) -> None:
    """Without ``start_call`` the call begins when its first turn did."""
    metrics = await recorded(TurnMetrics(1, "user", "a", timestamp="2026-11-02T11:59:50Z"))

    assert [event["event"] for event in events] == ["call_started", "turn", "call_ended"]
    assert events[0]["ts"] == "2026-11-02T11:59:50.000Z"
    assert metrics.duration_sec == 10


async def test_a_call_without_turns_is_finalised(events: Events) -> None:
    """A call that nobody recorded has a start, an end and figures that are unknown, not zero."""
    metrics = await recorded(outcome_reason="never rang")

    assert [event["event"] for event in events] == ["call_started", "call_ended"]
    assert "duration_s" not in events[1]
    assert "operations" not in events[1]
    assert (metrics.turn_count, metrics.interruption_rate, metrics.duration_sec) == (0, None, None)
    assert (metrics.ttfb_stt_avg, metrics.eou_latency_max, metrics.cost_total) == (None, None, None)


async def test_a_call_that_is_finalised_twice_keeps_its_length(events: Events) -> None:
    """A doubled end says nothing of the length, and does not begin the call again."""
    telemetry = service()
    telemetry.start_call("c")
    for _ in range(2):
        await telemetry.finalize_call("c", "success", 1.0)

    assert [event["event"] for event in events] == ["call_started", "call_ended", "call_ended"]
    assert [event.get("duration_s") for event in events[1:]] == [0, None]


async def test_a_turn_that_comes_after_the_end_has_a_number_of_its_own(events: Events) -> None:
    """Numbers go on rising within the call, also past its end."""
    telemetry = service()
    await telemetry.record_turn("c", TurnMetrics(1, "user", "a"))
    await telemetry.finalize_call("c", "success", 1.0)
    await telemetry.record_turn("c", TurnMetrics(1, "user", "late"))
    metrics = await telemetry.finalize_call("c", "fail", 1.0)

    assert said(events) == [(1, "a", None), (2, "late", None)]
    assert (metrics.turn_count, metrics.duration_sec) == (1, None)


async def test_calls_do_not_mix(events: Events) -> None:
    """Turns of calls that go on at the same time stay with their call, and finalising empties only its own."""
    telemetry = service()
    for call_id in ("a", "b"):
        await telemetry.record_turn(call_id, TurnMetrics(1, "user", call_id))
    for call_id in ("a", "b"):
        await telemetry.record_turn(call_id, TurnMetrics(2, "assistant", call_id.upper()))
    counts = [(await telemetry.finalize_call(call_id, "success", 1.0)).turn_count for call_id in ("a", "b")]

    assert counts == [1, 1]
    assert [(t["call_id"], t["user"]["text"], t["agent"]["text"]) for t in named(events, "turn")] == [
        ("a", "a", "A"), ("b", "b", "B"),
    ]  # fmt: skip


async def test_average_least_and_greatest_of_each_latency(events: Events) -> None:
    """Each latency over the turns that have it; impossible values are left out."""
    metrics = await recorded(
        TurnMetrics(1, "user", "a", "s", 100, 500, 50, 900, ttft_llm=200),
        TurnMetrics(2, "user", "b", None, 300, None, 70, 1100),
        TurnMetrics(3, "user", "c", None, -5, 700_000, 61_000, None),
    )  # fmt: skip

    assert [metrics.ttfb_stt_avg, metrics.ttfb_stt_min, metrics.ttfb_stt_max] == [200, 100, 300]
    assert [metrics.ttft_llm_avg, metrics.ttft_llm_min, metrics.ttft_llm_max] == [200, 200, 200]
    assert [metrics.latency_llm_avg, metrics.latency_llm_min, metrics.latency_llm_max] == [500, 500, 500]
    assert [metrics.ttfb_tts_avg, metrics.ttfb_tts_min, metrics.ttfb_tts_max] == [60, 50, 70]
    assert [metrics.eou_latency_avg, metrics.eou_latency_min, metrics.eou_latency_max] == [1000, 900, 1100]


async def test_figures_of_operations_are_those_of_the_definitions(events: Events) -> None:
    """The first of several operations by start, the sum of what was not cancelled, the gap where no response was logged."""
    operations = [
        {"stage": "llm", "start_ms": 900, "ttfb_ms": 90, "duration_ms": 300, "input_tokens": 5},
        {"stage": "llm", "start_ms": 100, "ttfb_ms": 80, "duration_ms": 200, "input_tokens": 5},
        {"stage": "llm", "start_ms": 50, "ttfb_ms": 70, "duration_ms": 1000, "status": "cancelled", "input_tokens": 5},
        {"stage": "llm", "start_ms": 60, "ttfb_ms": 60, "duration_ms": 10, "status": "error"},
        {"stage": "tts", "ttfb_ms": 40, "characters": 3},
        {"stage": "tts", "ttfb_ms": 30, "characters": 4},
        {"stage": "stt", "audio_s": 1.5},
        {"stage": "transport", "session_s": 30},
    ]
    metrics = await recorded(
        TurnMetrics(1, "user", "a", user_end_ms=1000, agent_start_ms=1750, operations=operations),
        stt_duration_sec=2.0,
        livekit_duration_sec=20,
    )

    assert (metrics.ttft_llm_avg, metrics.latency_llm_avg, metrics.ttfb_tts_avg) == (80, 510, 40)
    assert (metrics.eou_latency_avg, metrics.ttfb_stt_avg) == (750, None)
    assert (metrics.llm_input_tokens, metrics.tts_characters) == (15, 7)
    # Half a second of audio is told by no turn; more connected time is told than the call is said to have had.
    assert (metrics.stt_duration_sec, metrics.livekit_duration_sec) == (2.0, 30)
    assert [o.get("audio_s") for o in events[-1]["operations"]] == [0.5]


FLAGS = [None, True, False, True]


async def test_interruptions_by_the_turns_own_word(events: Events) -> None:
    """Where a turn says whether it was interrupted, the turns count and not the number given."""
    metrics = await recorded(
        *(TurnMetrics(i, "assistant", "x", was_interrupted=flag) for i, flag in enumerate(FLAGS, 1)),
        TurnMetrics(9, "user", "y"),
        interruption_count=7,
    )

    assert (metrics.interruption_count, metrics.bot_turn_count, metrics.interruption_rate) == (2, 4, 0.5)
    assert [turn.get("agent", {}).get("interrupted") for turn in named(events, "turn")] == [*FLAGS, None]


@pytest.mark.parametrize(("logged", "count"), [(0, 1), (7, 7)])
async def test_interruptions_by_times(events: Events, logged: int, count: int) -> None:
    """Where no turn has a flag a logged count counts, and without one who began to speak in the agent's audio."""
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    metrics = await recorded(
        TurnMetrics(1, "assistant", "a", timestamp=noon, agent_start_ms=0, agent_end_ms=3000),
        TurnMetrics(2, "user", "b", timestamp=noon + timedelta(seconds=2), user_start_ms=0),
        TurnMetrics(
            3, "assistant", "c", timestamp=noon + timedelta(seconds=4), agent_start_ms=0, agent_end_ms=2000,
            agent_spans_ms=[(0, 500), (1500, 2000)],
        ),
        TurnMetrics(4, "user", "d", timestamp=noon + timedelta(seconds=5), user_start_ms=0),
        interruption_count=logged,
    )  # fmt: skip

    assert (metrics.interruption_count, metrics.bot_turn_count) == (count, 2)


async def test_interruptions_as_told_at_the_end(events: Events) -> None:
    """Where nothing else is known the number given at the end counts, over the agent's turns."""
    metrics = await recorded(TurnMetrics(1, "user", "a"), TurnMetrics(2, "assistant", "b"), interruption_count=1)

    assert events[-1]["interruption_count"] == 1
    assert (metrics.interruption_count, metrics.interruption_rate) == (1, 1.0)


@pytest.mark.parametrize(
    ("flag", "end_ms", "given", "logged", "rate"),
    [
        (None, None, None, None, None),
        (None, None, 0, 0, 0),
        (None, None, 1, 1, 1),
        (None, None, -1, None, None),
        (None, None, "many", None, None),
        (None, 900, None, None, 0),
        (None, 900, 0, None, 0),
        (None, 900, 1, 1, 1),
        (False, None, None, None, 0),
        (False, None, 0, None, 0),
        (True, None, 0, None, 1),
    ],
)
async def test_an_interruption_that_nobody_looked_for_is_unknown(  # noqa: PLR0917  the columns of a table
    events: Events, flag: bool | None, end_ms: int | None, given: Any, logged: int | None, rate: float | None
) -> None:
    """A count of 0 is one where it was given and turns say nothing; without any count, flag or times there is no rate."""
    turn = TurnMetrics(1, "assistant", "a", was_interrupted=flag, agent_start_ms=0, agent_end_ms=end_ms)
    metrics = await recorded(turn, interruption_count=given)

    assert events[-1].get("interruption_count") == logged
    assert (metrics.bot_turn_count, metrics.interruption_rate) == (1, rate)


async def test_spans_alone_tell_whether_the_agent_was_interrupted(events: Events) -> None:
    """The times of its audio are known without a start and an end: a count of 0 that was given is not written over them."""
    turn = TurnMetrics(1, "assistant", "a", agent_spans_ms=[(0, 500), (1500, 2000)])
    metrics = await recorded(turn, interruption_count=0)

    assert "interruption_count" not in events[-1]
    assert (metrics.interruption_count, metrics.interruption_rate) == (0, 0)


async def test_what_is_changed_later_changes_no_event(events: Events) -> None:
    """A TurnMetrics that is used again for the next turn leaves the one that was recorded alone."""
    telemetry = service()
    turn = TurnMetrics(1, "user", "a")
    await telemetry.record_turn("c", turn)
    turn.turn_number, turn.content = 2, "b"
    await telemetry.record_turn("c", turn)
    await telemetry.finalize_call("c", "success", 1.0)

    assert said(events) == [(1, "a", None), (2, "b", None)]


async def test_the_end_may_be_told_later(events: Events) -> None:
    """The moment and the length of a call can be given where it is written down afterwards."""
    metrics = await recorded(
        TurnMetrics(1, "user", "a", timestamp="2026-11-01T09:00:00Z"), timestamp="2026-11-01T09:01:00Z"
    )
    given = await recorded(TurnMetrics(1, "user", "a"), duration_sec=12.5)

    assert metrics.duration_sec == 60
    assert given.duration_sec == 12.5
    assert [event["duration_s"] for event in named(events, "call_ended")] == [60, 12.5]


async def test_a_wall_clock_that_steps_back_moves_nothing(events: Events) -> None:
    """Within a call every ts and the duration come from the monotonic clock."""
    clock, walls = HandClock(), iter([1_793_620_800.0] + [1_793_000_000.0] * 50)
    telemetry = TelemetryService("nowhere", monotonic=clock, wall=lambda: next(walls))
    telemetry.start_call("c")
    clock.pass_ms(2000)
    await telemetry.record_turn("c", TurnMetrics(1, "user", "a"))
    clock.pass_ms(3000)
    metrics = await telemetry.finalize_call("c", "success", 1.0)

    assert [event["ts"][11:19] for event in events] == ["12:00:00", "12:00:02", "12:00:05"]
    assert metrics.duration_sec == 5


async def test_nonsense_is_left_out_and_the_call_goes_on(events: Events, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a turn that is none nor values that are none raise, and the rest is written."""
    telemetry = service()
    await telemetry.record_turn("c", None)
    await telemetry.record_turn(
        "c", TurnMetrics("one", "user", object(), timestamp="yesterday", ttfb_stt=float("nan"), eou_latency="fast")  # type: ignore[arg-type]
    )  # fmt: skip
    await telemetry.finalize_call("c", "success", float("nan"), stt_duration_sec=float("nan"))

    assert [event["event"] for event in events] == ["call_started", "turn", "call_ended"]
    assert "eou_latency_ms" not in events[1]
    assert "outcome_confidence" not in events[2]
    assert "could not be recorded" in caplog.text


async def test_flush_brings_to_disk_what_was_recorded(tmp_path: Path) -> None:
    """After a flush the log holds every turn, also the one that was going on."""
    telemetry = TelemetryService(tmp_path / "logs", agent_name="clinic")
    await telemetry.record_turn("c", TurnMetrics(1, "user", "a"))
    assert await telemetry.flush() is True

    assert said(events_of(tmp_path / "logs")) == [(1, "a", None)]
    await telemetry.finalize_call("c", "success", 1.0)
    assert telemetry.close() is True
    assert [event["event"] for event in events_of(tmp_path / "logs")] == ["call_started", "turn", "call_ended"]


def test_leaving_the_block_closes_the_log(tmp_path: Path) -> None:
    """As a context manager the service writes everything before it ends."""
    with TelemetryService(tmp_path) as telemetry:
        telemetry.record("c", TurnMetrics(1, "user", "a"))

    assert [event["event"] for event in events_of(tmp_path)] == ["call_started", "turn"]


async def test_calls_that_are_never_finalised_are_let_go(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the limit the oldest call is written and forgotten, so that memory does not grow for ever."""
    monkeypatch.setattr("voicetel.recorder.turns.open_call.MAX_OPEN_CALLS", 2)
    monkeypatch.setattr("voicetel.recorder.turns.open_call.MAX_ENDED_CALLS", 2)
    telemetry = service()
    for call_id in "abcdef":
        await telemetry.record_turn(call_id, TurnMetrics(1, "user", call_id))

    assert [turn["call_id"] for turn in named(events, "turn")] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("call_id", [None, "", object()])
async def test_the_end_of_a_call_without_a_usable_id_is_lost_alone(
    events: Events, monkeypatch: pytest.MonkeyPatch, call_id: object
) -> None:
    """It is counted, and takes no place among the calls that are going on: the oldest of them had lost its turn to it."""
    monkeypatch.setattr("voicetel.recorder.turns.open_call.MAX_OPEN_CALLS", 1)
    telemetry = service()
    await telemetry.record_turn("a", TurnMetrics(1, "user", "a"))
    metrics = await telemetry.finalize_call(call_id, "success", 1.0)
    await telemetry.record_turn("a", TurnMetrics(2, "user", "b"))
    await telemetry.finalize_call("a", "success", 1.0)

    assert (metrics.call_id, metrics.turn_count, telemetry.writer.lost) == ("", 0, 1)
    assert said(events) == [(1, "a", None), (2, "b", None)]
    assert await telemetry.get_call_metrics(call_id) is None
