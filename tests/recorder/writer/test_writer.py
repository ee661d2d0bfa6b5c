"""The writer in one process: whole lines on disk, and an agent that never notices what goes wrong."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import stat
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from support.recorded import events_of, lines_of, named
from voicetel.events.fields import MAX_LINE_BYTES
from voicetel.events.line import UnwritableEventError
from voicetel.recorder import EventWriter
from voicetel.recorder.writer import writer_thread
from voicetel.testing import capture_events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def mark(number: int = 1, call_id: str = "c") -> dict[str, Any]:
    """A small event that can be told from others."""
    return {"event": "mark", "call_id": call_id, "kind": "no_input", "value": str(number)}


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[EventWriter]:
    """A writer into a folder that does not exist yet."""
    with EventWriter(tmp_path / "a" / "logs", name="clinic") as made:
        yield made


def ends_with(threads: int) -> bool:
    """Whether the writer thread ends by itself, so that as many threads are left."""
    deadline_s = time.monotonic() + 10
    while threading.active_count() > threads and time.monotonic() < deadline_s:
        time.sleep(0.01)
    return threading.active_count() == threads


def values(log_dir: Path) -> list[str]:
    """The values of the marks in the log, in their order."""
    return [event["value"] for event in events_of(log_dir) if "value" in event]


def test_what_is_emitted_stands_in_the_log_after_a_flush(writer: EventWriter) -> None:
    """One line per event, in order, numbered, under one writer's name, in a folder made on the way."""
    assert all(writer.emit(mark(i)) for i in range(100))
    assert writer.flush() is True

    events = events_of(writer.log_dir)
    assert [event["value"] for event in events] == [str(i) for i in range(100)]
    assert [event["seq"] for event in events] == list(range(1, 101))
    assert {event["writer"] for event in events} == {writer.writer_id}
    assert (writer.lines_written, writer.lost) == (100, 0)


def test_the_file_is_its_owners_and_named_after_day_agent_and_writer(writer: EventWriter) -> None:
    """Mode 0600, and a name that tells days, agents and processes apart."""
    assert not writer.log_dir.exists()
    writer.emit(mark())
    writer.flush()

    path = writer.path
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name == f"{time.strftime('%Y-%m-%d', time.gmtime())}-clinic-{writer.writer_id}.jsonl"


@pytest.mark.parametrize("name", ["../../etc", "a/b\x00c", "клиника", "", ".", "x" * 500, None])
def test_no_name_leaves_the_folder(tmp_path: Path, name: str | None) -> None:
    """Neither the agent's name nor a call_id can make a path: the one file is in the folder that was named."""
    with EventWriter(tmp_path / "logs", name=name) as writer:
        writer.emit(mark(call_id="../../c\x00" + "y" * 5000))
        assert writer.flush() is True

    assert [path.parent for path in tmp_path.rglob("*.jsonl")] == [tmp_path / "logs"]


def test_without_events_there_is_no_file(tmp_path: Path) -> None:
    """A writer that is never used makes no folder and no thread, and its flush is done at once."""
    threads = threading.active_count()
    with EventWriter(tmp_path / "logs") as writer:
        assert writer.flush() is True

    assert threading.active_count() == threads
    assert list(tmp_path.iterdir()) == []


def test_a_new_day_is_a_new_file(writer: EventWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the UTC day changes a new file is begun; when the clock is set back, none."""
    for day in (2, 3, 2):
        monkeypatch.setattr("voicetel.recorder.writer.log_file.time.gmtime", lambda day=day: (2026, 11, day, *[0] * 6))
        writer.emit(mark(day))
        assert writer.flush() is True

    assert {path.name[:10]: len(path.read_bytes().splitlines()) for path in writer.log_dir.iterdir()} == {
        "2026-11-02": 1,
        "2026-11-03": 2,
    }


def test_a_deleted_file_is_made_again(writer: EventWriter) -> None:
    """Whoever cleans up the folder under a running agent does not send its events into nowhere."""
    writer.emit(mark(1))
    writer.flush()
    assert writer.path is not None
    writer.path.unlink()
    writer.emit(mark(2))
    writer.flush()

    assert values(writer.log_dir) == ["2"]


def test_a_renamed_or_truncated_file_is_written_on(writer: EventWriter) -> None:
    """Rotation by renaming and by copytruncate costs no event and leaves no hole."""
    writer.emit(mark(1))
    writer.flush()
    assert writer.path is not None
    rotated = writer.path.with_suffix(".1.jsonl")
    writer.path.rename(rotated)
    writer.emit(mark(2))
    writer.flush()
    assert values(writer.log_dir) == ["1", "2"]
    os.truncate(rotated, 0)
    writer.emit(mark(3))
    writer.flush()

    assert values(writer.log_dir) == ["3"]


def test_a_full_queue_drops_the_newest_and_says_so_later(tmp_path: Path) -> None:
    """What does not fit is refused at once, counted, and told per call as a mark once there is room."""
    hold, held = threading.Event(), threading.Event()

    def slow() -> dict[str, Any]:
        held.set()
        hold.wait(10)
        return mark(0)

    with EventWriter(tmp_path, max_queued=3) as writer:
        writer.emit(slow)
        held.wait(10)
        kept = [writer.emit(mark(i, call_id)) for i, call_id in enumerate("aabbbc", 1)]
        hold.set()
        assert writer.flush() is True

    assert kept == [True, True, True, False, False, False]
    assert writer.lost == 3
    assert values(tmp_path) == ["0", "1", "2", "3"]
    dropped = [event for event in events_of(tmp_path) if event["kind"] == "dropped"]
    assert {event["call_id"]: event["count"] for event in dropped} == {"b": 2, "c": 1}


def test_an_event_that_cannot_be_written_is_counted(writer: EventWriter, caplog: pytest.LogCaptureFixture) -> None:
    """What raises, or is no event, costs its own line alone, and one warning."""

    def broken() -> dict[str, Any]:
        raise RuntimeError("no event today")

    for event in (broken, {"event": "mark"}, {"call_id": "c"}, {"event": "turn", "call_id": "c", "x": {1}}, mark(7)):
        assert writer.emit(event) is True
    assert writer.emit(None) is True  # type: ignore[arg-type]
    assert writer.flush() is False
    assert writer.flush() is True

    assert (writer.lines_written, writer.lost) == (3, 4)
    assert values(writer.log_dir) == ["7"]
    assert len(caplog.records) == 1


def test_a_huge_transcript_is_written_in_one_line(writer: EventWriter) -> None:
    """A text beyond the longest line is shortened, not refused."""
    writer.emit({"event": "turn", "call_id": "c", "user": {"text": "я" * MAX_LINE_BYTES}})
    assert writer.flush(20) is True

    [line] = lines_of(writer.log_dir)
    [event] = events_of(writer.log_dir)
    assert len(line) + 1 <= MAX_LINE_BYTES
    assert event["user"]["text_cut"] is True


def test_a_closed_writer_takes_nothing(tmp_path: Path) -> None:
    """After ``close`` an event is refused and counted, and closing again is harmless."""
    writer = EventWriter(tmp_path)
    writer.emit(mark())
    assert [writer.close(), writer.close(), writer.flush()] == [True, True, True]
    assert writer.emit(mark()) is False

    assert (writer.lines_written, writer.lost) == (1, 1)


def test_a_writer_that_nobody_holds_ends_by_itself(tmp_path: Path) -> None:
    """What was queued is written, then the thread is gone."""
    threads = threading.active_count()
    writer = EventWriter(tmp_path)
    writer.emit(mark())
    del writer
    gc.collect()

    assert ends_with(threads)
    assert values(tmp_path) == ["1"]


def held_back() -> tuple[threading.Event, Callable[[], dict[str, Any]]]:
    """An event that the writer gets only when what is given first has been set, as from a slow disk."""
    hold = threading.Event()

    def slow() -> dict[str, Any]:
        hold.wait(10)
        return mark()

    return hold, slow


async def test_an_awaited_flush_leaves_the_loop_free(tmp_path: Path) -> None:
    """While a slow disk is waited for, the event loop goes on."""
    hold, slow = held_back()

    with EventWriter(tmp_path) as writer:
        writer.emit(slow)
        flushing = asyncio.ensure_future(writer.aflush(10))
        for _ in range(3):
            await asyncio.sleep(0)
        assert not flushing.done()
        hold.set()
        assert await flushing is True

    assert values(tmp_path) == ["1"]


def test_a_flush_that_takes_too_long_says_so(tmp_path: Path) -> None:
    """After its time a flush returns False; the events are written all the same."""
    hold, slow = held_back()

    with EventWriter(tmp_path) as writer:
        writer.emit(slow)
        assert writer.flush(0.01) is False
        hold.set()

    assert values(tmp_path) == ["1"]


def test_many_threads_share_a_writer(writer: EventWriter) -> None:
    """Events of several threads all arrive, each thread's in its order."""
    threads = [
        threading.Thread(target=lambda name=name: [writer.emit(mark(i, name)) for i in range(500)]) for name in "abcd"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer.flush(20) is True

    events = events_of(writer.log_dir)
    assert sorted(event["seq"] for event in events) == list(range(1, 2001))
    for name in "abcd":
        assert [e["value"] for e in events if e["call_id"] == name] == [str(i) for i in range(500)]


def failing_once(function: Callable[..., Any], failure: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose first call goes wrong."""
    failures = [failure]

    def call(*args: Any) -> Any:
        return failures.pop()(*args) if failures else function(*args)

    return call


def raise_io_error(*args: Any) -> None:
    """Fail the way a broken disk does."""
    raise OSError(errno.EIO, "Input/output error")


def test_no_line_crosses_a_page(writer: EventWriter) -> None:
    """A kill can fall between two pages of a write: a line that fits into one page stands in one."""
    for i in range(300):
        writer.emit({"event": "turn", "call_id": "c", "turn": i, "user": {"text": "x" * (i * 17 % 3900)}})
    writer.emit({"event": "turn", "call_id": "c", "turn": 300, "user": {"text": "x" * 10_000}})
    writer.flush()

    assert writer.path is not None
    end = 0
    for line in writer.path.read_bytes().splitlines(keepends=True):
        start, end = end + len(line) - len(line.lstrip()), end + len(line)
        assert start // 4096 == (end - 1) // 4096 or end - start > 4096
    assert [event["turn"] for event in events_of(writer.log_dir)] == list(range(301))


def test_a_short_write_leaves_no_torn_line(writer: EventWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the disk took of a line is cut off again; the loss is counted and told, the next lines are whole."""
    writer.emit(mark(1))
    writer.flush()
    real_write = os.write
    monkeypatch.setattr(os, "write", failing_once(real_write, lambda fd, data: real_write(fd, data[:20])))
    for i in (2, 3):
        writer.emit(mark(i))
    assert writer.flush() is False

    assert values(writer.log_dir) == ["1", "3"]
    assert [(e["kind"], e.get("count")) for e in named(events_of(writer.log_dir), "mark")][-1] == ("dropped", 1)
    assert writer.lost == 1


def test_a_torn_line_that_cannot_be_cut_off_stands_alone(writer: EventWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file cannot be shortened, the next line begins on a line of its own."""
    writer.emit(mark(1))
    writer.flush()
    real_write = os.write
    monkeypatch.setattr(os, "write", failing_once(real_write, lambda fd, data: real_write(fd, data[:20])))
    monkeypatch.setattr(os, "ftruncate", raise_io_error)
    for i in (2, 3):
        writer.emit(mark(i))
    writer.flush()

    lines = lines_of(writer.log_dir)
    assert [len(line) == 20 for line in lines] == [False, True, False, False]
    assert [b'"value":"3"' in line for line in lines] == [False, False, True, False]


def test_an_io_error_is_counted_and_the_file_opened_again(
    writer: EventWriter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One failed write costs its line; the next one finds the file again."""
    monkeypatch.setattr(os, "write", failing_once(os.write, raise_io_error))
    for i in (1, 2):
        writer.emit(mark(i))
    assert writer.flush() is False

    assert values(writer.log_dir) == ["2"]
    assert writer.lost == 1
    assert "Input/output error" in caplog.text


def test_a_disk_that_does_not_sync_fails_the_flush(writer: EventWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flush whose data may not be on disk is no flush."""
    writer.emit(mark())
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", raise_io_error)
        assert writer.flush() is False
    assert writer.flush() is True


def test_a_folder_that_cannot_be_costs_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where the folder's name is a file's, every event is lost, counted and warned of once; nothing raises."""
    (tmp_path / "logs").write_text("not a folder")
    with caplog.at_level(logging.WARNING), EventWriter(tmp_path / "logs") as writer:
        assert all(writer.emit(mark(i)) for i in range(50))
        assert writer.flush() is False

    assert (writer.lines_written, writer.lost) == (0, 50)
    assert len(caplog.records) == 1


def test_a_folder_whose_name_cannot_be_costs_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not even a NUL in the folder's name raises, or ends the writer's thread."""
    with EventWriter(f"{tmp_path}/a\x00b") as writer:
        writer.emit(mark())
        assert [writer.flush(), writer.flush()] == [False, False]

    assert (writer.lost, len(caplog.records)) == (1, 1)


def test_a_working_folder_that_changes_changes_no_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative folder is the one it was when the writer was made."""
    monkeypatch.chdir(tmp_path)
    with EventWriter("logs") as writer:
        monkeypatch.chdir("/")
        writer.emit(mark())

    assert values(tmp_path / "logs") == ["1"]


def test_what_was_lost_before_the_folder_came_back_is_told(tmp_path: Path) -> None:
    """Once the folder can be written to, the log says how many events of which call it lacks."""
    (tmp_path / "logs").write_text("not a folder")
    with EventWriter(tmp_path / "logs") as writer:
        for i in range(3):
            writer.emit(mark(i, "early"))
        writer.flush()
        (tmp_path / "logs").unlink()
        writer.emit(mark(9))
        assert writer.flush() is True

    assert [(e["call_id"], e.get("count")) for e in events_of(tmp_path / "logs")] == [("c", None), ("early", 3)]


def test_no_thread_to_be_had_raises_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system gives no thread the event waits in the queue for the next attempt."""
    monkeypatch.setattr(writer_thread, "current", writer_thread.WriterThread())
    writer = EventWriter(tmp_path)

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        assert writer.emit(mark(1)) is True
        assert writer.flush(0.01) is False
    assert writer.emit(mark(2)) is True
    assert writer.close() is True

    assert values(tmp_path) == ["1", "2"]


def test_captured_events_are_there_at_once_and_nowhere_else(tmp_path: Path) -> None:
    """Inside the block events are collected as they would be written, and no folder, file or thread comes of it."""
    threads = threading.active_count()
    writer = EventWriter(tmp_path / "logs")
    with capture_events() as events:
        assert writer.emit(mark(1) | {"ts": None}) is True
        assert writer.emit(lambda: mark(2)) is True
        with capture_events() as inner:
            writer.emit(mark(3))
        with pytest.raises(UnwritableEventError):
            writer.emit({"event": "turn"})
    writer.emit(mark(4))
    writer.close()

    assert [(e["value"], e["seq"], e["writer"] == writer.writer_id) for e in events] == [("1", 1, True), ("2", 2, True)]
    assert [event["value"] for event in inner] == ["3"]
    assert values(tmp_path / "logs") == ["4"]
    assert ends_with(threads)
