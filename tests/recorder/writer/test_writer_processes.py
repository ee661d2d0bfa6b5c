"""The writer and the ends of processes: kills, signals, exits, forks, full disks and many writers at once."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.recorded import events_of, lines_of
from voicetel.recorder import EventWriter, TelemetryService, TurnMetrics

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]

PRELUDE = f"""
import os, signal, sys, time
sys.path.insert(0, {str(ROOT)!r})
from voicetel.recorder import EventWriter, TelemetryService, TurnMetrics

def mark(i):
    return {{"event": "mark", "call_id": "c", "kind": "no_input", "value": str(i)}}

writer = EventWriter(sys.argv[1])
"""


def run(program: str, log_dir: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program that has a writer into ``log_dir`` and see it end."""
    command = [sys.executable, "-c", PRELUDE + program, str(log_dir)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def values(log_dir: Path) -> list[str]:
    """The values of the marks in the log, in their order."""
    return [event["value"] for event in events_of(log_dir) if "value" in event]


def in_children(count: int, child: Callable[[int], None]) -> list[int]:
    """Run a function in forked children and give how each ended."""
    with warnings.catch_warnings():
        # Python warns of forks beside threads: that they are safe for the writer is what is tested.
        warnings.simplefilter("ignore", DeprecationWarning)
        children = [multiprocessing.get_context("fork").Process(target=child, args=(i,)) for i in range(count)]
        for each in children:
            each.start()
    for each in children:
        each.join(60)
    return [each.exitcode if each.exitcode is not None else -1 for each in children]


def killed_at_random(log_dir: Path, delay_s: float, *, after_flush: bool) -> int:
    """Fork a child that emits as fast as it can, kill it, and give how many events it had emitted at least.

    The delay begins with the child, or when it has flushed for the first time, however long that takes.
    """
    reader, told = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            writer = EventWriter(log_dir)
            for i in range(1_000_000):
                while not writer.emit({"event": "mark", "call_id": "c", "kind": "no_input", "value": str(i)}):
                    time.sleep(0)
                if i % 50 == 49 and writer.flush(10):
                    os.write(told, (i + 1).to_bytes(4, "big"))
        finally:
            os._exit(1)
    os.close(told)
    with os.fdopen(reader, "rb") as pipe:
        first = pipe.read(4) if after_flush else b""
        time.sleep(delay_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return int.from_bytes((first + pipe.read())[-4:], "big")


def test_a_kill_tears_no_line_and_loses_only_what_was_queued(tmp_path: Path) -> None:
    """Killed with −9 at 200 random moments: every line is whole, none is missing in between, none that was flushed."""
    moments = random.Random(7)
    flushed = 0
    for number in range(200):
        log_dir = tmp_path / str(number)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            promised = killed_at_random(log_dir, moments.uniform(0, 0.03), after_flush=number % 2 == 1)
        flushed += promised
        # A kill between the padding of a page and the line behind it leaves spaces: no line, and no part of one.
        logs = [path.read_bytes() for path in log_dir.glob("*.jsonl")]
        assert all(log.rpartition(b"\n")[2].strip() == b"" for log in logs)
        numbers = [
            event["value"] for log in logs for line in log.splitlines() if line.strip() for event in [json.loads(line)]
        ]
        assert numbers == [str(i) for i in range(len(numbers))]
        assert len(numbers) >= promised
    assert flushed > 0


def test_eight_processes_lose_nothing(tmp_path: Path) -> None:
    """8 processes × 10,000 events into one folder: every line there, whole, once, one file per process."""

    def child(number: int) -> None:
        writer = EventWriter(tmp_path)
        for i in range(10_000):
            while not writer.emit({"event": "mark", "call_id": str(number), "kind": "no_input", "value": str(i)}):
                time.sleep(0.001)
        assert writer.close(60) is True

    assert in_children(8, child) == [0] * 8

    seen: dict[str, list[int]] = {}
    keys = set()
    for line in lines_of(tmp_path):
        event = json.loads(line)
        if event["kind"] == "no_input":
            seen.setdefault(event["call_id"], []).append(int(event["value"]))
            keys.add((event["writer"], event["seq"]))
    assert {name: numbers == list(range(10_000)) for name, numbers in seen.items()} == dict.fromkeys("01234567", True)
    assert len(keys) == 80_000
    assert len(list(tmp_path.glob("*.jsonl"))) == 8


def test_a_forked_child_has_a_log_of_its_own(tmp_path: Path) -> None:
    """After a fork the child starts with an empty queue, a new name and its own file; the parent's go on."""
    writer = EventWriter(tmp_path)
    telemetry = TelemetryService(tmp_path, writer=writer)
    writer.emit({"event": "mark", "call_id": "parent", "kind": "no_input", "value": "before"})
    telemetry.record("parent", TurnMetrics(1, "user", "open when the fork came"))

    def child(number: int) -> None:
        writer.emit({"event": "mark", "call_id": "child", "kind": "no_input", "value": "child"})

    assert in_children(1, child) == [0]
    writer.emit({"event": "mark", "call_id": "parent", "kind": "no_input", "value": "after"})
    assert writer.close() is True

    by_writer: dict[str, list[str]] = {}
    for event in events_of(tmp_path):
        by_writer.setdefault(event["writer"], []).append(event.get("value") or event["event"])
    assert by_writer.pop(writer.writer_id) == ["before", "call_started", "after", "turn"]
    assert list(by_writer.values()) == [["child"]]


def test_everything_is_written_at_exit(tmp_path: Path) -> None:
    """A program that ends without a word leaves a whole log behind, open turns included."""
    program = """
telemetry = TelemetryService(sys.argv[1], writer=writer)
for i in range(2000):
    writer.emit(mark(i))
telemetry.record("d", TurnMetrics(1, "user", "a"))
"""
    assert run(program, tmp_path).returncode == 0

    assert values(tmp_path) == [str(i) for i in range(2000)]
    assert [event["event"] for event in events_of(tmp_path)][-2:] == ["call_started", "turn"]


def test_an_exit_with_an_error_is_an_exit(tmp_path: Path) -> None:
    """An agent that dies of an exception has written what came before it."""
    assert run("writer.emit(mark(1)); raise SystemExit(3)", tmp_path).returncode == 3
    assert run("writer.emit(mark(2)); 1 / 0", tmp_path).returncode == 1

    assert sorted(values(tmp_path)) == ["1", "2"]


TERMINATED = """
for i in range(2000):
    writer.emit(mark(i))
os.kill(os.getpid(), signal.SIGTERM)
time.sleep(10)
"""


def test_sigterm_writes_first(tmp_path: Path) -> None:
    """A process that is asked to end writes what it has queued, and ends by that signal."""
    assert run(TERMINATED, tmp_path).returncode == -signal.SIGTERM

    assert values(tmp_path) == [str(i) for i in range(2000)]


def test_sigterm_under_asyncio_writes_first(tmp_path: Path) -> None:
    """The same while an event loop runs."""
    program = """
import asyncio

async def main():
    writer.emit(mark(1))
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(10)

asyncio.run(main())
"""
    assert run(program, tmp_path).returncode == -signal.SIGTERM

    assert values(tmp_path) == ["1"]


def test_somebody_elses_signal_handler_is_left_alone(tmp_path: Path) -> None:
    """Where the program handles SIGTERM itself, its handler stays, and exit writes the log."""
    program = """
signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
other = EventWriter(sys.argv[1])
other.emit(mark(1))
os.kill(os.getpid(), signal.SIGTERM)
time.sleep(10)
"""
    assert run(program, tmp_path).returncode == 5

    assert values(tmp_path) == ["1"]


def test_a_program_may_keep_sigterm_for_itself(tmp_path: Path) -> None:
    """``handle_sigterm=False`` installs nothing."""
    program = """
signal.signal(signal.SIGTERM, signal.SIG_DFL)
EventWriter(sys.argv[1], handle_sigterm=False)
sys.exit(0 if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL else 1)
"""
    assert run(program, tmp_path).returncode == 0


def test_a_full_disk_costs_events_and_nothing_else(tmp_path: Path) -> None:
    """At the limit of its file an agent goes on; every line there is whole, and once there is room the loss is told."""
    program = """
import resource
for i in range(500):
    writer.emit(mark(i))
assert writer.flush() is False
lost, written = writer.lost, writer.lines_written
assert 0 < lost < 500 and lost + written == 500, (lost, written)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.emit(mark("more"))
assert writer.flush() is True
print(lost)
"""

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

    ended = run(program, tmp_path, preexec_fn=small_files)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count("cannot write to the log") == 1

    lost = int(ended.stdout)
    written = values(tmp_path)
    assert written == [*(str(i) for i in range(500 - lost)), "more"]
    assert events_of(tmp_path)[-1]["count"] == lost


def test_a_read_only_folder_costs_one_warning(tmp_path: Path) -> None:
    """An agent that may not write its log takes its calls all the same."""
    program = """
if os.geteuid() == 0:
    os.seteuid(65534)  # root may write anywhere
for i in range(50):
    assert writer.emit(mark(i))
print(writer.flush(), writer.lost)
"""
    tmp_path.chmod(0o500)
    ended = run(program, tmp_path)
    tmp_path.chmod(0o700)

    assert (ended.returncode, ended.stdout) == (0, "False 50\n"), ended.stderr
    assert ended.stderr.count("cannot write to the log") == 1


def test_the_recorder_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    """It imports and works in an interpreter without any installed package, and loads no engine."""
    program = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import voicetel.recorder
assert not {{"duckdb", "polars", "pyarrow", "typer", "rich"}} & set(sys.modules)
assert not [path for path in sys.path if "site-packages" in path]
telemetry = voicetel.recorder.TelemetryService(sys.argv[1])
telemetry.record("c", voicetel.recorder.TurnMetrics(1, "user", "a"))
assert telemetry.close()
"""
    command = [sys.executable, "-I", "-S", "-c", program, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert [event["event"] for event in events_of(tmp_path)] == ["call_started", "turn"]
