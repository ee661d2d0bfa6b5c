"""A call that several threads record, several spellings name, or that loses its service."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
import weakref
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from support.recorded import HandClock, events_of, named, service
from voicetel.recorder import EventWriter, MetricCollector, TelemetryService, TurnMetrics

if TYPE_CHECKING:
    from collections.abc import Callable


pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")

Events = list[dict[str, Any]]


class Name(Enum):
    """Call ids as an agent may keep them."""

    CALL = "c-1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (UUID("12345678-1234-5678-1234-567812345678"), "12345678-1234-5678-1234-567812345678"),
        ("12345678-1234-5678-1234-567812345678", UUID("12345678-1234-5678-1234-567812345678")),
        (UUID(int=7), UUID(int=7)),
        (7, "7"),
        (7.5, "7.5"),
        (Name.CALL, "c-1"),
        (PurePosixPath("a/b"), "a/b"),
        ("x" * 300, "x" * 300),
        ("\ud800", "\ufffd"),
        ("звонок", "звонок"),
    ],
    ids=repr,
)
async def test_two_spellings_are_one_call(events: Events, one: Any, other: Any) -> None:
    """However the agent spells a call's id from one line of code to the next, the log has one call."""
    telemetry = service()
    telemetry.start_call(one, campaign="recall")
    await telemetry.record_turn(other, TurnMetrics(1, "user", "a"))
    await telemetry.record_turn(one, TurnMetrics(2, "assistant", "b"))
    collector = MetricCollector(one, telemetry)
    collector.start_turn("user", "c")
    await collector.finalize_turn()
    metrics = await telemetry.finalize_call(other, "success", 1.0)

    assert len({event["call_id"] for event in events}) == 1
    assert [event["event"] for event in events] == ["call_started", "turn", "turn", "call_ended"]
    assert (metrics.turn_count, metrics.campaign) == (2, "recall")
    assert metrics.duration_sec is not None
    assert await telemetry.get_call_metrics(one) is metrics


@pytest.mark.parametrize(
    "call_id", [None, "", [], {}, object(), b"c", float, {"a"}, lambda: "c", ()], ids=lambda v: type(v).__name__
)
async def test_what_names_no_call_is_lost_and_counted(events: Events, call_id: Any) -> None:
    """Nothing raises, and the log says nothing of a call that has no name."""
    telemetry = service()
    telemetry.start_call(call_id)
    await telemetry.record_turn(call_id, TurnMetrics(1, "user", "a"))
    collector = MetricCollector(call_id, telemetry)
    collector.start_turn("user", "c")
    await collector.finalize_turn()
    metrics = await telemetry.finalize_call(call_id, "success", 1.0)

    assert events == []
    assert telemetry.writer.lost == 4
    assert (metrics.turn_count, metrics.outcome) == (0, "success")


@pytest.mark.parametrize("roles", [("user",), ("user", "assistant"), ("assistant",), ("user", "tool", "assistant")])
def test_one_call_of_eight_threads_loses_nothing(tmp_path: Path, roles: tuple[str, ...]) -> None:
    """Eight threads record a call at once: every text is in the log, once, under numbers that rise."""
    telemetry = TelemetryService(tmp_path)
    barrier = threading.Barrier(8)

    def record(thread: int) -> None:
        barrier.wait()
        for number in range(250):
            for role in roles:
                telemetry.record("c", TurnMetrics(number + 1, role, f"<{thread}.{number}.{role}>", llm_input_tokens=1))

    threads = [threading.Thread(target=record, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    metrics = asyncio.run(telemetry.finalize_call("c", "success", 1.0))
    assert telemetry.close(60) is True

    turns = named(events_of(tmp_path), "turn")
    texts = " ".join(turn.get(side, {}).get("text", "") for turn in turns for side in ("user", "agent"))
    for each in range(8):
        for number in range(250):
            assert all(texts.count(f"<{each}.{number}.{role}>") == 1 for role in roles if role != "tool")
    numbers = [turn["turn"] for turn in turns]
    assert len(numbers) == len(set(numbers)) == metrics.turn_count
    assert metrics.llm_input_tokens == 8 * 250 * len(roles)
    assert len(named(events_of(tmp_path), "call_started")) == 1
    assert telemetry.writer.lost == 0


def test_calls_of_many_threads_begin_and_end_at_once(tmp_path: Path) -> None:
    """Threads that begin and finalise the same calls over and over lose no turn and raise nothing."""
    telemetry = TelemetryService(tmp_path)
    failures: list[BaseException] = []

    async def one_call(thread: int, number: int) -> None:
        call_id = f"c{number % 5}"
        telemetry.start_call(call_id)
        await telemetry.record_turn(call_id, TurnMetrics(1, "user", f"<{thread}.{number}>"))
        await telemetry.finalize_call(call_id, "success", 1.0)

    def run(thread: int) -> None:
        try:
            for number in range(60):
                asyncio.run(one_call(thread, number))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test is to show it
            failures.append(error)

    threads = [threading.Thread(target=run, args=(thread,)) for thread in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert telemetry.close(60) is True

    assert failures == []
    texts = [turn["user"]["text"] for turn in named(events_of(tmp_path), "turn")]
    assert sorted(texts) == sorted(f"<{thread}.{number}>" for thread in range(6) for number in range(60))


def dropped_with_its_turn(folder: Path) -> object:
    """Record a turn and lose the service."""
    telemetry = TelemetryService(folder)
    telemetry.record("c", TurnMetrics(1, "user", "last"))
    return weakref.ref(telemetry)


def dropped_with_a_collector(folder: Path) -> object:
    """Finalise a collected turn and lose both."""
    telemetry = TelemetryService(folder)
    collector = MetricCollector("c", telemetry)
    collector.start_turn("user", "last")
    asyncio.run(collector.finalize_turn())
    return weakref.ref(telemetry)


def dropped_in_a_cycle(folder: Path) -> object:
    """Lose a service that an agent holds which holds itself."""
    telemetry = TelemetryService(folder)
    agent: dict[str, object] = {"telemetry": telemetry}
    agent["self"] = agent
    telemetry.record("c", TurnMetrics(1, "user", "last"))
    return weakref.ref(telemetry)


def dropped_with_a_writer_that_stays(folder: Path) -> object:
    """Lose a service whose writer somebody else holds."""
    held.append(EventWriter(folder))
    telemetry = TelemetryService("nowhere", writer=held[-1])
    telemetry.record("c", TurnMetrics(1, "user", "last"))
    return weakref.ref(telemetry)


def dropped_in_a_thread(folder: Path) -> object:
    """Lose a service with the thread that made it."""
    references: list[object] = []
    thread = threading.Thread(target=lambda: references.append(dropped_with_its_turn(folder)))
    thread.start()
    thread.join()
    return references[0]


held: list[EventWriter] = []


@pytest.mark.parametrize(
    "drop",
    [
        dropped_with_its_turn, dropped_with_a_collector, dropped_in_a_cycle, dropped_with_a_writer_that_stays,
        dropped_in_a_thread,
    ],
)  # fmt: skip
def test_finalised_turn_outlives_its_service(tmp_path: Path, drop: Callable[[Path], Any]) -> None:
    """What was recorded is written, though nobody closed the service or finalised the call."""
    reference = drop(tmp_path)
    gc.collect()

    assert reference() is None
    deadline_s = time.monotonic() + 20
    while len(list(tmp_path.glob("*.jsonl"))) == 0 or not named(events_of(tmp_path), "turn"):
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    assert [turn["user"]["text"] for turn in named(events_of(tmp_path), "turn")] == ["last"]


async def test_end_of_a_long_call_leaves_the_loop_free(tmp_path: Path) -> None:
    """While the figures of thousands of turns are computed, other tasks of the event loop run."""
    telemetry = TelemetryService(tmp_path)
    for number in range(3_000):
        telemetry.record("c", TurnMetrics(number + 1, "user", "a", ttfb_stt=100))
    ran = 0

    async def other() -> None:
        nonlocal ran
        while True:
            ran += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    before = ran
    metrics = await telemetry.finalize_call("c", "success", 1.0)
    task.cancel()

    assert ran > before + 3
    assert (metrics.turn_count, metrics.ttfb_stt_avg) == (3_000, 100)
    assert telemetry.close(60) is True
    assert len(named(events_of(tmp_path), "turn")) == 3_000


async def test_end_of_a_call_is_written_though_its_task_is_cancelled(tmp_path: Path) -> None:
    """A shutdown that cancels the task in the middle of ``finalize_call`` costs no end of a call."""
    telemetry = TelemetryService(tmp_path)
    for number in range(3_000):
        telemetry.record("c", TurnMetrics(number + 1, "user", "a"))
    task = asyncio.create_task(telemetry.finalize_call("c", "success", 1.0, stt_duration_sec=60))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert telemetry.close(60) is True

    [ended] = named(events_of(tmp_path), "call_ended")
    assert ended["outcome"] == "success"
    assert [operation["audio_s"] for operation in ended["operations"]] == [60]


STEPS_MS = [3_600_000, -3_600_000, 86_400_000, -86_400_000, 1_800_001, -7_200_000, 36e5 * 5, -36e5 * 12, 31e9, -31e9]


class SteppedWall:
    """A wall clock that somebody sets while a call goes on."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.step_ms = 0.0

    def __call__(self) -> float:
        return self.clock.wall() + self.step_ms / 1000


@pytest.mark.parametrize("step_ms", STEPS_MS)
@pytest.mark.parametrize("at", range(4))
async def test_wall_clock_that_is_set_changes_no_length(events: Events, step_ms: float, at: int) -> None:
    """An hour, a day, a year, either way, at any point of the call: durations and latencies are what they were."""
    clock = HandClock()
    wall = SteppedWall(clock)

    def passes(ms: float, step: int) -> None:
        clock.pass_ms(ms)
        if step == at:
            wall.step_ms = step_ms

    telemetry = TelemetryService("nowhere", monotonic=clock, wall=wall)
    collector = MetricCollector("c", telemetry)
    passes(1000, 0)
    collector.start_turn("user", "a")
    collector.on_user_speech_start()
    passes(1000, 1)
    collector.on_user_speech_end()
    await collector.finalize_turn()
    passes(300, 2)
    collector.start_turn("assistant", "b")
    collector.on_llm_start()
    passes(200, 3)
    collector.on_llm_complete(10, 5)
    collector.on_audio_playback_start()
    clock.pass_ms(2000)
    collector.on_audio_playback_end()
    await collector.finalize_turn()
    metrics = await telemetry.finalize_call("c", "success", 1.0)

    # From the caller's first sound, a second after the collector was made, the call goes on for 3.5 s.
    assert metrics.duration_sec == pytest.approx(3.5)
    assert metrics.eou_latency_avg == pytest.approx(500)
    assert metrics.latency_llm_avg == pytest.approx(200)
    [turn] = named(events, "turn")
    assert turn["agent"]["start_ms"] - turn["user"]["end_ms"] == 500
    assert events[-1]["duration_s"] == 3.5


@pytest.mark.parametrize("step_ms", STEPS_MS)
async def test_wall_clock_that_is_set_between_two_timestamps(events: Events, step_ms: float) -> None:
    """An agent that stamps its records by a wall that is set between the two sides of a turn loses no latency."""
    clock = HandClock()
    wall = SteppedWall(clock)
    telemetry = TelemetryService("nowhere", monotonic=clock, wall=wall)
    began = wall()
    clock.pass_ms(2000)
    telemetry.record("c", TurnMetrics(1, "user", "a", timestamp=began, user_start_ms=0, user_end_ms=1500))
    wall.step_ms = step_ms
    answered = wall()
    clock.pass_ms(2000)
    telemetry.record("c", TurnMetrics(2, "assistant", "b", timestamp=answered, agent_start_ms=250, agent_end_ms=900))
    metrics = await telemetry.finalize_call("c", "success", 1.0)

    # The reply was stamped 2 s after the caller began: 500 ms after the caller stopped, and was audible 250 ms later.
    assert metrics.eou_latency_avg == pytest.approx(750)
    assert named(events, "turn")[0]["agent"] == {"text": "b", "start_ms": 2250, "end_ms": 2900}


def test_records_of_the_past_keep_their_distance(events: Events) -> None:
    """Calls of long ago that are written down at once keep the times they had."""
    telemetry = TelemetryService("nowhere")
    telemetry.record("c", TurnMetrics(1, "user", "a", timestamp=1_700_000_000, user_start_ms=0, user_end_ms=1500))
    telemetry.record("c", TurnMetrics(2, "assistant", "b", timestamp=1_700_000_300, agent_start_ms=0))
    telemetry.writer.flush()

    [turn] = named(events, "turn")
    assert (turn["ts"], turn["agent"]["start_ms"]) == ("2023-11-14T22:13:20.000Z", 300_000)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_child_forked_while_a_call_is_recorded_goes_on(tmp_path: Path) -> None:
    """A fork in the middle of another thread's recording leaves the child a service that works."""
    telemetry = TelemetryService(tmp_path)
    stop = threading.Event()

    def record() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            telemetry.record("parent", TurnMetrics(number, "user", "a"))

    thread = threading.Thread(target=record)
    thread.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:
                telemetry.record("child", TurnMetrics(1, "user", "b"))
                os._exit(0 if telemetry.writer.flush(20) else 1)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        stop.set()
        thread.join()
    assert telemetry.close(60) in {True, False}
    children = [turn for turn in named(events_of(tmp_path), "turn") if turn["call_id"] == "child"]
    assert [turn["user"]["text"] for turn in children] == ["b"] * 5
