"""Turns measured from an agent's hooks: right numbers, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.recorded import HandClock, named, service
from voicetel.recorder import MetricCollector, TurnMetrics
from voicetel.testing import capture_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.recorder import TelemetryService


class Call:
    """A call under test: its clock, its collector and what is written of it."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        self.clock = HandClock()
        self.events = events
        self.telemetry: TelemetryService = service(self.clock)
        self.collector = MetricCollector("c", self.telemetry)

    def after(self, elapsed_ms: float) -> MetricCollector:
        """Let time pass, then give the collector."""
        self.clock.pass_ms(elapsed_ms)
        return self.collector

    async def turns(self) -> list[dict[str, Any]]:
        """End the call and give its turns."""
        await self.telemetry.finalize_call("c", "success", 1.0)
        return named(self.events, "turn")


@pytest.fixture
def call() -> Iterator[Call]:
    """A call at noon."""
    with capture_events() as events:
        yield Call(events)


def about(number: float) -> Any:
    """The number, give or take what floats lose."""
    return pytest.approx(number, abs=1e-6)


async def speak_the_designs_turn(call: Call, *, split: bool) -> list[float | None]:
    """The turn printed in the design, by hooks: in one piece, or the caller's part and the agent's apart."""
    collector = call.collector
    collector.start_turn("user", state_id="ask_day")
    collector.on_user_speech_start()
    measured = [call.after(1840).on_user_speech_end()]
    collector.on_stt_start()
    measured.append(call.after(170).on_stt_first_byte(audio_s=2.1))
    collector.update_turn_content("Hi, I need to move my appointment.")
    if split:
        await collector.finalize_turn()
        collector.start_turn("assistant")
    collector.on_llm_start()
    measured.append(call.after(148).on_llm_first_token())
    measured.append(call.after(243).on_llm_complete(812, 24))
    call.after(19).on_tts_start("Of course. Which day suits you?")
    measured.append(call.after(131).on_tts_first_byte())
    measured.append(call.after(164).on_audio_playback_start())
    measured.append(call.after(1915).on_audio_playback_end(interrupted=False))
    await collector.finalize_turn()
    return measured


@pytest.mark.parametrize("split", [False, True])
async def test_the_turn_of_the_design(call: Call, split: bool) -> None:
    """Every hook gives its latency, and the event is that of the design to the millisecond, whichever way it is cut."""
    measured = await speak_the_designs_turn(call, split=split)
    [turn] = await call.turns()

    assert measured == [about(n) for n in (1840, 170, 148, 391, 131, 875, 1915)]
    assert turn["ts"] == "2026-11-02T12:00:00.000Z"
    assert (turn["turn"], turn["state_id"], turn["eou_latency_ms"]) == (1, "ask_day", 875)
    assert turn["user"] == {"text": "Hi, I need to move my appointment.", "start_ms": 0, "end_ms": 1840}
    assert turn["agent"] == {
        "text": "Of course. Which day suits you?", "start_ms": 2715, "end_ms": 4630, "interrupted": False,
    }  # fmt: skip
    assert turn["operations"] == [
        {"stage": "stt", "provider": "deepgram", "model": "nova-3", "start_ms": 1840, "ttfb_ms": 170, "audio_s": 2.1},
        {"stage": "llm", "provider": "groq", "model": "llama-3.1-8b-instant", "start_ms": 2010, "ttfb_ms": 148,
         "duration_ms": 391, "input_tokens": 812, "output_tokens": 24},
        {"stage": "tts", "provider": "cartesia", "start_ms": 2420, "ttfb_ms": 131, "characters": 31},
    ]  # fmt: skip


async def test_finalize_turn_gives_what_was_recorded(call: Call) -> None:
    """The record carries the figures under the names agents know; a turn that is not open gives None."""
    assert await call.collector.finalize_turn() is None
    await speak_the_designs_turn(call, split=False)
    call.collector.start_turn("assistant", "Hello?")
    turn = await call.collector.finalize_turn()
    assert await call.collector.finalize_turn() is None

    assert isinstance(turn, TurnMetrics)
    assert (turn.turn_number, turn.role, turn.content, turn.llm_input_tokens) == (2, "assistant", "Hello?", 0)
    assert turn.eou_latency is None
    assert call.collector.get_turn_count() == 2


async def test_several_operations_in_one_turn(call: Call) -> None:
    """Tool steps make LLM operations, sentences make TTS ones; the record sums their tokens and characters."""
    collector = call.collector
    collector.start_turn("assistant")
    collector.on_llm_start()
    assert call.after(100).on_llm_first_token() == about(100)
    assert call.after(50).on_llm_complete(500, 20) == about(150)
    call.after(300).on_llm_start(provider="openai", model="gpt-5")
    assert call.after(200).on_llm_first_token() == about(200)
    assert call.after(60).on_llm_complete(600, 30) == about(260)
    collector.on_tts_start("One.")
    assert call.after(90).on_tts_first_byte() == about(90)
    collector.on_tts_start("Two, three.", provider="elevenlabs")
    assert call.after(80).on_tts_first_byte() == about(80)
    turn = await collector.finalize_turn()
    [event] = await call.turns()

    assert turn is not None
    assert (turn.llm_input_tokens, turn.llm_output_tokens, turn.tts_characters) == (1100, 50, 15)
    assert (turn.ttft_llm, turn.latency_llm, turn.ttfb_tts) == (about(100), about(410), about(90))
    assert event["agent"]["text"] == "One. Two, three."
    assert [(o["provider"], o.get("model")) for o in event["operations"]] == [
        ("groq", "llama-3.1-8b-instant"), ("openai", "gpt-5"), ("cartesia", None), ("elevenlabs", None),
    ]  # fmt: skip


async def test_hooks_without_their_counterpart_measure_nothing(call: Call) -> None:
    """An end without a start is None, and leaves neither an operation nor a latency behind."""
    collector = call.collector
    collector.start_turn("user", "a")

    assert collector.on_stt_first_byte() is None
    assert collector.on_llm_first_token() is None
    assert collector.on_tts_first_byte() is None
    assert collector.on_user_speech_end() is None
    assert collector.on_audio_playback_end() is None
    assert collector.on_llm_complete() is None
    assert (await collector.finalize_turn()) is not None
    [turn] = await call.turns()
    assert "operations" not in turn
    assert "eou_latency_ms" not in turn


async def test_hooks_outside_of_a_turn_raise_nothing(call: Call) -> None:
    """Before the first turn nothing can be measured, and nothing is written."""
    collector = call.collector
    collector.update_turn_content("a")

    assert collector.on_stt_first_byte() is None
    assert collector.on_llm_first_token() is None
    assert collector.on_llm_complete(5, 5) is None
    assert collector.on_tts_first_byte() is None
    assert collector.on_audio_playback_end() is None
    assert await call.turns() == []


async def test_tokens_are_kept_where_the_start_is_missing(call: Call) -> None:
    """What was used is known even if how long it took is not."""
    call.collector.start_turn("assistant", "a")
    assert call.collector.on_llm_complete(100, 10, provider="groq", model="m") is None
    await call.collector.finalize_turn()

    [turn] = await call.turns()
    assert turn["operations"] == [
        {"stage": "llm", "provider": "groq", "model": "m", "input_tokens": 100, "output_tokens": 10}
    ]


async def test_doubled_hooks_count_once(call: Call) -> None:
    """Every hook that ends something, told twice, gives its latency once and is counted once."""
    collector = call.collector
    collector.start_turn("user", "a")
    collector.on_user_speech_start()
    call.after(10).on_user_speech_start()
    pairs = [(call.after(990).on_user_speech_end(), call.after(10).on_user_speech_end())]
    collector.on_llm_start()
    pairs.append((call.after(100).on_llm_first_token(), call.after(5).on_llm_first_token()))
    pairs.append((call.after(95).on_llm_complete(100, 10), call.after(5).on_llm_complete(100, 10)))
    collector.on_tts_start("b")
    pairs.append((call.after(50).on_tts_first_byte(), call.after(5).on_tts_first_byte()))
    pairs.append((call.after(30).on_audio_playback_start(), call.after(5).on_audio_playback_start()))
    pairs.append((call.after(995).on_audio_playback_end(), call.after(5).on_audio_playback_end()))
    turn = await collector.finalize_turn()

    assert pairs == [(about(n), None) for n in (1000, 100, 200, 50, 300, 1000)]
    assert turn is not None
    assert (turn.llm_input_tokens, turn.llm_output_tokens, turn.tts_characters) == (100, 10, 1)


async def test_what_could_belong_to_two_operations_is_not_measured(call: Call) -> None:
    """With two requests under way and no request_id, an answer could be either's: no latency, but every quantity."""
    collector = call.collector
    collector.start_turn("assistant")
    collector.on_llm_start()
    call.after(100).on_llm_start()
    assert call.after(100).on_llm_first_token() is None
    assert call.after(100).on_llm_complete(100, 10) is None
    assert call.after(100).on_llm_complete(200, 20) is None
    collector.on_tts_start("One.")
    collector.on_tts_start("Two.")
    assert call.after(100).on_tts_first_byte() is None
    turn = await collector.finalize_turn()

    assert turn is not None
    assert (turn.ttft_llm, turn.latency_llm, turn.ttfb_tts) == (None, None, None)
    assert (turn.llm_input_tokens, turn.llm_output_tokens, turn.tts_characters) == (300, 30, 8)


async def test_a_start_told_twice_is_one_operation(call: Call) -> None:
    """The same text sent twice before any audio came is one request, whose true start nobody knows."""
    collector = call.collector
    collector.start_turn("assistant")
    collector.on_tts_start("One.")
    call.after(20).on_tts_start("One.")
    assert call.after(80).on_tts_first_byte() is None
    collector.on_tts_start("Two.")
    turn = await collector.finalize_turn()

    assert turn is not None
    assert (turn.tts_characters, turn.content) == (8, "One. Two.")


async def test_a_request_id_tells_operations_apart(call: Call) -> None:
    """Requests that run at the same time are paired by their id."""
    collector = call.collector
    collector.start_turn("assistant")
    collector.on_llm_start(request_id="draft")
    call.after(100).on_llm_start(request_id="final")
    assert call.after(50).on_llm_first_token(request_id="final") == about(50)
    assert collector.on_llm_complete(80, 3, request_id="draft", status="cancelled") == about(150)
    assert call.after(50).on_llm_complete(90, 9, request_id="final") == about(100)
    collector.on_tts_start("One.", request_id="a")
    call.after(10).on_tts_start("One.", request_id="b")
    assert call.after(50).on_tts_first_byte(request_id="b") == about(50)
    assert call.after(50).on_tts_first_byte(request_id="a") == about(110)
    turn = await collector.finalize_turn()
    [event] = await call.turns()

    assert turn is not None
    assert (turn.latency_llm, turn.llm_input_tokens, turn.tts_characters) == (about(100), 170, 8)
    assert [(o["request_id"], o.get("status")) for o in event["operations"]] == [
        ("draft", "cancelled"), ("final", None), ("a", None), ("b", None),
    ]  # fmt: skip


async def test_a_cancelled_start_leaves_the_way_free(call: Call) -> None:
    """A generation that was ended as cancelled is no candidate for the next one's first token."""
    collector = call.collector
    collector.start_turn("assistant")
    collector.on_llm_start()
    call.after(40).on_llm_complete(status="cancelled")
    collector.on_llm_start()

    assert call.after(70).on_llm_first_token() == about(70)


async def test_barge_in_belongs_to_the_next_turn(call: Call) -> None:
    """A caller who speaks into the reply begins the next turn there, and the call's interruption is counted by it."""
    collector = call.collector
    collector.start_turn("assistant", "Good morning, this is the clinic")
    collector.on_audio_playback_start()
    call.after(1000).on_user_speech_start()
    call.after(200).on_audio_playback_end()
    await collector.finalize_turn()
    call.after(800).on_user_speech_end()
    collector.start_turn("user", "Hello?")
    await collector.finalize_turn()
    collector.start_turn("assistant", "Yes?")
    assert call.after(600).on_audio_playback_start() == about(600)
    await collector.finalize_turn()

    metrics = await call.telemetry.finalize_call("c", "success", 1.0)
    greeting, answer = named(call.events, "turn")
    assert "user" not in greeting
    assert greeting["agent"] == {"text": "Good morning, this is the clinic", "start_ms": 0, "end_ms": 1200}
    assert answer["ts"] == "2026-11-02T12:00:01.000Z"
    assert answer["user"] == {"text": "Hello?", "start_ms": 0, "end_ms": 1000}
    assert (answer["agent"]["start_ms"], answer["eou_latency_ms"]) == (1600, 600)
    assert (metrics.interruption_count, metrics.interruption_rate) == (1, 0.5)


async def test_response_counts_from_where_the_caller_stops_for_good(call: Call) -> None:
    """A caller who pauses and goes on is answered from the last end; one who speaks again is not answered yet."""
    collector = call.collector
    collector.start_turn("user", "a")
    collector.on_user_speech_start()
    call.after(500).on_user_speech_end()
    call.after(300).on_user_speech_start()
    assert call.after(700).on_user_speech_end() == about(1500)
    assert call.after(400).on_audio_playback_start() == about(400)
    await collector.finalize_turn()
    collector.start_turn("user", "b")
    collector.on_user_speech_start()
    call.after(500).on_user_speech_end()
    collector.on_user_speech_start()
    assert call.after(100).on_audio_playback_start() is None
    await collector.finalize_turn()

    first, second = await call.turns()
    assert (first["user"]["end_ms"], first["eou_latency_ms"]) == (1500, 400)
    assert "end_ms" not in second["user"]
    assert "eou_latency_ms" not in second


async def test_only_the_first_audio_answers(call: Call) -> None:
    """After a filler the answer itself is no second response; the silence in between is in the spans."""
    collector = call.collector
    collector.start_turn("user", "a")
    collector.on_user_speech_start()
    call.after(1000).on_user_speech_end()
    assert call.after(300).on_audio_playback_start() == about(300)
    call.after(500).on_audio_playback_end()
    assert call.after(2000).on_audio_playback_start() is None
    call.after(1500).on_audio_playback_end()
    await collector.finalize_turn()

    [turn] = await call.turns()
    assert turn["eou_latency_ms"] == 300
    assert turn["agent"] == {"start_ms": 1300, "end_ms": 5300, "spans": [[1300, 1800], [3800, 5300]]}


async def test_a_turn_that_is_answered_without_a_record_of_the_caller(call: Call) -> None:
    """Where only the agent's turns are recorded, the voice that was answered stands in them."""
    call.collector.on_user_speech_start()
    call.after(900).on_user_speech_end()
    call.collector.start_turn("assistant", "b")
    call.after(500).on_audio_playback_start()
    await call.collector.finalize_turn()

    [turn] = await call.turns()
    assert turn["user"] == {"start_ms": 0, "end_ms": 900}
    assert (turn["agent"], turn["eou_latency_ms"]) == ({"text": "b", "start_ms": 1400}, 500)


async def test_a_missing_finalize_loses_no_turn(call: Call) -> None:
    """Beginning a turn records the one that is open; an empty one is begun anew."""
    collector = call.collector
    assert collector.start_turn("user", "a") == 1
    assert collector.start_turn("assistant", "b") == 2
    assert collector.start_turn("user") == 3
    assert collector.start_turn("user", "c") == 3
    await collector.finalize_turn()

    assert [(t.get("user", {}).get("text"), t.get("agent", {}).get("text")) for t in await call.turns()] == [
        ("a", "b"), ("c", None),
    ]  # fmt: skip


async def test_a_late_start_turn_takes_in_what_came_before(call: Call) -> None:
    """Hooks that come before ``start_turn`` begin the turn; audio before a caller's turn is a turn of the agent's."""
    collector = call.collector
    collector.on_llm_start()
    call.after(100).on_llm_first_token()
    collector.start_turn("assistant", "a")
    await collector.finalize_turn()
    collector.on_audio_playback_start()
    collector.start_turn("user", "b")
    await collector.finalize_turn()

    turns = await call.turns()
    assert [t["turn"] for t in turns] == [1, 2, 3]
    assert (turns[0]["agent"]["text"], turns[0]["operations"][0]["ttfb_ms"]) == ("a", 100)
    assert (turns[1]["agent"].keys(), "user" in turns[1], turns[2]["user"]["text"]) == ({"start_ms"}, False, "b")


@pytest.mark.parametrize("tokens", [-1, 0, None, "many", float("nan")])
async def test_tokens_that_are_no_count_are_unknown(call: Call, tokens: Any) -> None:
    """A framework's word for "don't know" is not a quantity."""
    call.collector.start_turn("assistant", "a")
    call.collector.on_llm_start()
    assert call.after(100).on_llm_complete(tokens, tokens) == about(100)
    await call.collector.finalize_turn()

    [turn] = await call.turns()
    assert turn["operations"][0].keys() == {"stage", "provider", "model", "start_ms", "duration_ms"}


HOOKS = (
    "on_user_speech_start", "on_user_speech_end", "on_stt_start", "on_stt_first_byte", "on_llm_start",
    "on_llm_first_token", "on_llm_complete", "on_tts_first_byte", "on_audio_playback_start", "on_audio_playback_end",
    "get_turn_count",
)  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*HOOKS, "on_tts_start", "start_user", "start_agent", "finalize_turn"]), st.integers(0, 50)
        )
    )
)
async def test_any_order_of_hooks_gives_numbers_that_can_be(hooks: list[tuple[str, int]]) -> None:
    """Whatever comes, nothing raises, no time is negative or longer than the call, and no turn counts twice."""
    with capture_events() as events:
        call = Call(events)
        for hook, elapsed_ms in hooks:
            collector = call.after(elapsed_ms)
            match hook:
                case "start_user" | "start_agent":
                    collector.start_turn(hook.removeprefix("start_").replace("agent", "assistant"), "x")
                case "finalize_turn":
                    await collector.finalize_turn()
                case "on_tts_start":
                    collector.on_tts_start("text")
                case _:
                    measured = getattr(collector, hook)()
                    assert measured is None or 0 <= measured <= call.clock.now_s * 1000
        await call.collector.finalize_turn()
        turns = await call.turns()

    whole_ms = sum(elapsed_ms for _, elapsed_ms in hooks) + 0.001
    numbers = [turn["turn"] for turn in turns]
    assert numbers == sorted(set(numbers))
    for turn in turns:
        moments = [turn.get("eou_latency_ms")]
        for part in (turn.get("user", {}), turn.get("agent", {}), *turn.get("operations", [])):
            moments += [part.get(name) for name in ("start_ms", "end_ms", "ttfb_ms", "duration_ms")]
        assert all(0 <= moment <= whole_ms for moment in moments if moment is not None)
