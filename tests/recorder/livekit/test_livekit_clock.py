"""Time: a wall clock that is set during a call, and sessions that do not know when speech ended."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.agents import Agent

from support.livekit.log import DELAYS_S, RecordedCall, operations, sweep
from support.livekit.session import Pace, Reply, ScriptedCall
from voicetel.recorder.livekit import SessionRecorder, record
from voicetel.recorder.livekit.clock import SteadyClock

SLACK_MS = 60_000
"""How much longer than prescribed things may take on a busy machine: far from the hour that a set clock makes of it."""


class TwoClocks:
    """A wall clock and a monotonic one, moved by hand."""

    def __init__(self) -> None:
        self.now_s = 50.0
        self.ahead_s = 1000.0
        self.steady = SteadyClock(wall=self.wall, monotonic=lambda: self.now_s)

    def wall(self) -> float:
        return self.now_s + self.ahead_s


def test_clock_that_nobody_sets() -> None:
    """Without a step a timestamp is what it was, and now is what the wall says."""
    clocks = TwoClocks()
    clocks.now_s += 10
    assert clocks.steady.now() == 1060.0
    assert clocks.steady.to_steady_time(1057.25) == 1057.25
    assert clocks.steady.to_steady_time_or_none(None) is None
    assert not clocks.steady.was_set_since(0.0)


@pytest.mark.parametrize("step_s", [3600.0, -3600.0, 1.5, -5.0])
def test_timestamps_from_before_and_after_a_step(step_s: float) -> None:
    """Timestamps of before the step, told after it, stand where they were; those of after it go on from there."""
    clocks = TwoClocks()
    clocks.now_s = 60.0
    before_s = clocks.wall()
    clocks.steady.now()
    clocks.now_s = 60.5
    clocks.ahead_s += step_s
    clocks.now_s = 62.0
    after_s = clocks.wall()
    assert clocks.steady.to_steady_time(after_s) == pytest.approx(1062.0)
    assert clocks.steady.to_steady_time(before_s) == pytest.approx(1060.0)
    assert clocks.steady.now() == pytest.approx(1062.0)
    assert clocks.steady.was_set_since(1060.0)
    clocks.now_s = 70.0
    assert not clocks.steady.was_set_since(1065.0)


def test_a_timestamp_of_a_clock_that_was_set_and_set_back() -> None:
    """Stamped an hour ahead between two looks, it is taken for the look, and for no time that is yet to come."""
    clocks = TwoClocks()
    clocks.now_s += 10
    clocks.ahead_s += 3600
    stamped_s = clocks.wall()
    clocks.ahead_s -= 3600
    clocks.now_s += 0.03
    assert clocks.steady.to_steady_time(stamped_s) == 1060.03


def test_clock_that_is_slewed() -> None:
    """A wall clock that is made to run a little faster is followed, and nothing of it is a step."""
    clocks = TwoClocks()
    for _ in range(100):
        clocks.now_s += 1.0
        clocks.ahead_s += 0.0005
        clocks.steady.now()
    assert clocks.steady.now() == pytest.approx(1150.0)
    assert clocks.steady.to_steady_time(clocks.wall()) == pytest.approx(1150.0, abs=0.003)
    assert not clocks.steady.was_set_since(0.0)


@given(st.lists(st.tuples(st.floats(0.1, 30.0), st.floats(-7200.0, 7200.0)), min_size=1, max_size=6))
def test_now_goes_with_the_monotonic_clock(steps: list[tuple[float, float]]) -> None:
    """Whatever is done to the wall clock, time passes as the monotonic clock says, and so for what is stamped now."""
    clocks = TwoClocks()
    for passed_s, step_s in steps:
        clocks.now_s += passed_s
        clocks.ahead_s += step_s
        assert clocks.steady.now() == pytest.approx(clocks.now_s + 1000.0, abs=0.001)
        assert clocks.steady.to_steady_time(clocks.wall()) == pytest.approx(clocks.now_s + 1000.0, abs=0.05)


STEPS_S = [
    (3600.0, -60.0),
    (-3600.0, 90.0),
    (120.0, 120.0),
    (-120.0, -7200.0),
    (3600.0, -3600.0),
    (-600.0, 600.0),
    (5.0, -9.0),
]


@pytest.mark.parametrize(("first_s", "second_s"), STEPS_S)
def test_timestamps_from_between_two_steps(first_s: float, second_s: float) -> None:
    """Who looks between two steps knows each stamp; who does not gives what was taken between them as the later look."""
    for looks in (True, False):
        clocks = TwoClocks()
        clocks.now_s = 60.0
        before_s = clocks.wall()
        clocks.steady.now()
        clocks.now_s, clocks.ahead_s = 60.5, clocks.ahead_s + first_s
        between_s = clocks.wall()
        if looks:
            clocks.now_s = 60.52
            clocks.steady.now()
        clocks.now_s, clocks.ahead_s = 60.55, clocks.ahead_s + second_s
        clocks.now_s = 61.0
        clocks.steady.now()
        clocks.now_s = 62.0
        assert clocks.steady.to_steady_time(before_s) == pytest.approx(1060.0)
        assert clocks.steady.to_steady_time(clocks.wall()) == pytest.approx(1062.0)
        if looks:
            assert clocks.steady.to_steady_time(between_s) == pytest.approx(1060.5)
        elif first_s + second_s:
            # With steps that undo each other nothing is to be seen.
            assert clocks.steady.to_steady_time(between_s) == pytest.approx(1061.0)


@given(
    st.lists(st.tuples(st.floats(0.03, 30.0), st.floats(-7200.0, 7200.0)), min_size=2, max_size=8),
    st.lists(st.floats(0.001, 0.03), min_size=8, max_size=8),
)
def test_the_last_timestamp_between_any_steps(steps: list[tuple[float, float]], told_later_s: list[float]) -> None:
    """Any number of steps, each of them looked at: what was stamped just before a look is where it was."""
    clocks = TwoClocks()
    for (passed_s, step_s), later_s in zip(steps, told_later_s, strict=False):
        clocks.ahead_s += step_s
        clocks.steady.now()
        clocks.now_s += passed_s
        stamp_s, taken_s = clocks.wall(), clocks.now_s + 1000.0
        clocks.now_s += later_s
        assert clocks.steady.to_steady_time(stamp_s) == pytest.approx(taken_s, abs=0.05)


async def test_a_watched_clock_is_looked_at_without_being_asked() -> None:
    """Two steps, one after the other, and nobody asks for the time: a stamp from between them is known."""
    clocks = TwoClocks()
    clocks.steady.watch()
    clocks.steady.watch()
    clocks.now_s, clocks.ahead_s = 60.0, clocks.ahead_s + 3600.0
    between_s = clocks.wall()
    await asyncio.sleep(0.2)
    clocks.now_s, clocks.ahead_s = 61.0, clocks.ahead_s - 1800.0
    assert clocks.steady.to_steady_time(between_s) == pytest.approx(1060.0)
    assert clocks.steady.to_steady_time(clocks.wall()) == pytest.approx(1061.0)
    clocks.steady.stop_watching()
    clocks.now_s, clocks.ahead_s = 70.0, clocks.ahead_s + 60.0
    await asyncio.sleep(0.2)
    clocks.now_s, clocks.ahead_s = 80.0, clocks.ahead_s + 60.0
    assert clocks.steady.to_steady_time(clocks.wall() - 60.0 - 10.0) == pytest.approx(1080.0)


async def test_a_watched_clock_that_nobody_uses_goes_away() -> None:
    """The event loop keeps no clock of a call that is over."""
    clock = SteadyClock()
    clock.watch()
    gone = weakref.ref(clock)
    del clock
    gc.collect()
    assert gone() is None
    await asyncio.sleep(0.1)


def test_a_clock_without_an_event_loop_is_looked_at_when_asked() -> None:
    """A recorder that is made before its loop runs watches from the first event on."""
    clocks = TwoClocks()
    clocks.steady.watch()
    clocks.ahead_s += 60.0
    assert clocks.steady.to_steady_time(clocks.wall()) == pytest.approx(1050.0)


STEPPED = """
import sys
sys.path[:0] = sys.argv[3:]
import support.livekit.stepped_clock
from support.livekit.stepped_call import main
main(float(sys.argv[1]), float(sys.argv[2]))
"""


async def stepped(by_s: float, detour_s: float = 0.0) -> list[dict[str, Any]]:
    """Calls in a process of its own, where the wall clock is set while the agent speaks, thinks, listens and works."""
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", STEPPED, str(by_s), str(detour_s), str(root), str(root / "tests")]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    output, _ = await process.communicate()
    played: list[dict[str, Any]] = json.loads(output)
    return played


async def test_wall_clock_that_is_set_by_an_hour() -> None:
    """Steps of an hour, ahead and back, at any moment, once or by a detour, change no duration and lose no latency."""
    ahead, back = await asyncio.gather(stepped(3600.0), stepped(-3600.0))
    detour = await stepped(3600.0, -300.0)
    assert len(ahead) == len(back) == len(detour) == len(DELAYS_S)
    for played in [*ahead, *back, *detour]:
        plays, thinks, speaks, works = played["turns"]
        for turn, first_token_ms in ((plays, 100), (thinks, 500), (speaks, 100), (works, 50)):
            assert first_token_ms + 40 <= turn["eou_latency_ms"] <= SLACK_MS
            assert turn["eou_latency_ms"] == pytest.approx(turn["agent"]["start_ms"] - turn["user"]["end_ms"], abs=2)
            assert 0 < turn["user"]["end_ms"] <= SLACK_MS
            (eot,), (stt,), llm = operations(turn, "eot"), operations(turn, "stt"), operations(turn, "llm")[0]
            assert 0 < eot["duration_ms"] <= SLACK_MS
            assert 0 < stt.get("ttfb_ms", 1) <= SLACK_MS
            assert first_token_ms - 2 <= llm["ttfb_ms"] <= SLACK_MS
            assert turn["user"]["end_ms"] < llm["start_ms"] < turn["agent"]["start_ms"]
        assert 398 <= operations(works, "tool")[0]["duration_ms"] <= 400 + SLACK_MS
        (filler, answer) = works["agent"]["spans"]
        assert 100 <= filler[1] - filler[0] <= SLACK_MS
        assert answer[0] > filler[1]
        assert played["ended"]["duration_s"] == pytest.approx(played["lasted_s"], abs=0.2)


HELLO = {"Hello?": Reply("Hello there.", input_tokens=20, output_tokens=3)}


@pytest.mark.parametrize("vad", [False, True], ids=["no voice detector", "voice detector"])
async def test_transcriber_that_ends_turns(vad: bool) -> None:
    """Where the transcriber ends the turn and says no times, the end of speech is its transcript's arrival: marked."""
    for delay_s, log in (await _hello(vad=vad, knows_times=False)).items():
        (turn,) = log.turns
        if vad and "eou_from" not in turn:
            # On a busy machine the voice detector may have its say before the turn is judged finished.
            assert turn["user"]["end_ms"] == pytest.approx(_seen_ms(log), abs=0.3)
            continue
        assert turn["eou_from"] == "turn_start", delay_s
        assert "end_ms" not in turn["user"]
        assert turn["eou_latency_ms"] > 0
        assert not operations(turn, "eot")
        assert "ttfb_ms" not in operations(turn, "stt")[0]


@pytest.mark.parametrize("vad", [False, True], ids=["no voice detector", "voice detector"])
async def test_transcriber_that_knows_its_times(vad: bool) -> None:
    """Where the transcriber says when the last word ended, that is the end of speech, and nothing needs a mark."""
    for delay_s, log in (await _hello(vad=vad, knows_times=True)).items():
        (turn,) = log.turns
        if log.call.witness.messages[0].metrics.get("transcription_delay", 0.0) < 0.001:
            # Said as soon as it was over: nobody can tell such an end from an arrival. On a busy machine the transcript may
            # overtake the voice detector, and LiveKit then knows no end at all.
            assert turn["eou_from"] == "turn_start"
            continue
        assert "eou_from" not in turn, delay_s
        assert turn["user"]["end_ms"] == pytest.approx(_seen_ms(log), abs=0.3)
        assert 0 < operations(turn, "stt")[0]["ttfb_ms"] <= SLACK_MS
        assert turn["eou_latency_ms"] >= delay_s * 1000


def _seen_ms(log: RecordedCall) -> float:
    """How long the caller spoke, by the message that an independent listener saw."""
    times = log.call.witness.messages[0].metrics
    return (times["stopped_speaking_at"] - times["started_speaking_at"]) * 1000


async def _hello(*, vad: bool, knows_times: bool) -> dict[float, RecordedCall]:
    async def play(delay_s: float) -> tuple[ScriptedCall, SessionRecorder]:
        pace = Pace(vad=vad, stt_final_s=delay_s, endpointing_s=0.05)
        call = ScriptedCall(HELLO, pace=pace, turn_detection="stt")
        call.stt.knows_times = knows_times
        recorder = record(call.session, call_id=f"stt-{delay_s}")
        await call.start(Agent(instructions=""))
        await call.says("Hello?", 0.4)
        await call.agent_answers()
        await call.hang_up()
        return call, recorder

    return await sweep(DELAYS_S, play)
