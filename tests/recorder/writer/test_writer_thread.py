"""The writer thread: one per process, whoever writes."""

from __future__ import annotations

import gc
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from support.recorded import events_of
from voicetel.recorder import EventWriter, TelemetryService, TurnMetrics
from voicetel.recorder.writer import writer_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


_LEFT_BY_OTHERS: set[threading.Thread] = set()


@pytest.fixture(autouse=True)
def _own_writer_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers of this test have a thread of their own: what other tests of the process left open is not counted."""
    _LEFT_BY_OTHERS.clear()
    _LEFT_BY_OTHERS.update(threading.enumerate())
    monkeypatch.setattr(writer_thread, "current", writer_thread.WriterThread())


def writer_threads() -> int:
    """How many threads write for this test."""
    return sum(thread.name == "voicetel-writer" for thread in set(threading.enumerate()) - _LEFT_BY_OTHERS)


def becomes(what: Callable[[], Any], value: object) -> bool:
    """Whether something becomes what it should be before long."""
    deadline_s = time.monotonic() + 20
    while what() != value and time.monotonic() < deadline_s:
        time.sleep(0.005)
    return bool(what() == value)


def test_services_share_one_thread(tmp_path: Path) -> None:
    """Fifty services, busy or idle, each with a file of its own, have one thread; without any it ends."""
    services = [TelemetryService(tmp_path / str(number)) for number in range(50)]
    for number, service in enumerate(services):
        service.record("c", TurnMetrics(1, "user", f"text {number}"))
    assert writer_threads() == 1
    for number, service in enumerate(services):
        assert service.writer.flush(20) is True
        [turn] = [event for event in events_of(tmp_path / str(number)) if event["event"] == "turn"]
        assert turn["user"]["text"] == f"text {number}"
    assert writer_threads() == 1
    for service in services:
        assert service.close(20) is True
    assert becomes(writer_threads, 0)


def test_busy_writer_does_not_starve_another(tmp_path: Path) -> None:
    """A writer with thousands of events queued lets one with a single event through."""
    hold = threading.Event()

    def wait() -> dict[str, object]:
        hold.wait(20)
        return {"event": "mark", "call_id": "c", "kind": "hold"}

    with EventWriter(tmp_path / "busy") as busy, EventWriter(tmp_path / "calm") as calm:
        busy.emit(wait)
        for _ in range(9_000):
            busy.emit({"event": "mark", "call_id": "c", "kind": "resume"})
        calm.emit({"event": "mark", "call_id": "c", "kind": "resume"})
        hold.set()
        assert calm.flush(20) is True
        assert busy.flush(60) is True
    assert (busy.lines_written, calm.lines_written) == (9_001, 1)


def test_writers_come_and_go(tmp_path: Path) -> None:
    """Writers that are made, used and dropped in many threads at once leave every event and no thread."""

    def use(number: int) -> None:
        for turn in range(20):
            writer = EventWriter(tmp_path / f"{number}")
            writer.emit({"event": "mark", "call_id": "c", "kind": "resume", "value": str(turn)})
            if turn % 3 == 0:
                writer.close(20)
            del writer

    users = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    gc.collect()

    assert becomes(writer_threads, 0)
    assert sum(len(events_of(tmp_path / str(number))) for number in range(8)) == 160


@pytest.mark.parametrize("round_number", range(10))
def test_first_event_of_many_threads_begins_one_thread(tmp_path: Path, round_number: int) -> None:
    """However many begin at once, one thread serves them all."""
    writers = [EventWriter(tmp_path / str(number)) for number in range(8)]
    barrier = threading.Barrier(8)

    def begin(writer: EventWriter) -> None:
        barrier.wait()
        writer.emit({"event": "mark", "call_id": "c", "kind": "resume"})

    threads = [threading.Thread(target=begin, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer_threads() == 1
    assert all(writer.close(20) for writer in writers)
    assert [writer.lines_written for writer in writers] == [1] * 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_child_has_a_thread_of_its_own(tmp_path: Path) -> None:
    """After a fork the child serves its writers anew, and the parent's go on."""
    with EventWriter(tmp_path / "a") as one, EventWriter(tmp_path / "b") as two:
        one.emit({"event": "mark", "call_id": "parent", "kind": "resume"})
        two.emit({"event": "mark", "call_id": "parent", "kind": "resume"})
        child = os.fork()
        if child == 0:
            one.emit({"event": "mark", "call_id": "child", "kind": "resume"})
            two.emit({"event": "mark", "call_id": "child", "kind": "resume"})
            os._exit(0 if one.flush(20) and two.flush(20) and writer_threads() <= 1 else 1)
        assert os.waitpid(child, 0)[1] == 0
        one.emit({"event": "mark", "call_id": "parent", "kind": "resume"})
    for folder, count in (("a", 2), ("b", 1)):
        calls = [event["call_id"] for event in events_of(tmp_path / folder)]
        assert sorted(calls) == ["child", *["parent"] * count]
