"""One log file of one writer on one day: concurrent calls, interleaved as an agent process would write them."""

from __future__ import annotations

import heapq
from bisect import bisect
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, BinaryIO

from voicetel.simulator.calls import make_call
from voicetel.simulator.faults import Spoiler
from voicetel.simulator.planted.cast import cast
from voicetel.simulator.planted.counts import counts_of

if TYPE_CHECKING:
    from pathlib import Path

TYPICAL_CALL_BYTES = 6_850
# A file is full when what is missing is less than what the next call would exceed it by, on average: E[x²] ÷ 2 E[x].
_OVERSHOOT_BYTES = 4_150
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_FLUSH_LINES = 1_000


@dataclass(frozen=True, slots=True)
class Task:
    """What one file is to hold: ``calls`` calls, or about ``size_bytes``. Everything in it follows from these values."""

    path: Path
    seed: int
    number: int
    day: date
    calls: int | None
    size_bytes: int
    faults: tuple[str, ...]
    plants: tuple[str, ...]
    is_slow_day: bool


@dataclass(slots=True)
class Tally:
    """What was written. ``lines`` counts what stands in the files, ``events`` what a reader can get out of them.

    ``planted`` counts by kind and name what is to be found in them.
    """

    files: int = 0
    bytes: int = 0
    calls: int = 0
    lines: int = 0
    interruptions: int = 0
    events: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    planted: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        self.files += other.files
        self.bytes += other.bytes
        self.calls += other.calls
        self.lines += other.lines
        self.interruptions += other.interruptions
        self.events.update(other.events)
        self.outcomes.update(other.outcomes)
        self.languages.update(other.languages)
        self.faults.update(other.faults)
        self.planted.update(other.planted)


def write_file(task: Task) -> Tally:
    """Write the file of ``task`` in a stream; memory holds no more than the calls that are going on."""
    with task.path.open("wb") as file:
        writer = _Writer(task, file)
        writer.run()
    return writer.tally


Waiting = tuple[int, int, bytes, bytes]
"""A line that is yet to be written: when, a running number, the bytes before and after the writer's own number."""


class _Writer:
    def __init__(self, task: Task, file: BinaryIO) -> None:
        self._task = task
        self._file = file
        # Seeded by text: its hash, unlike that of a tuple, is the same in every process.
        self._rng = Random(f"{task.seed}/{task.number}")  # noqa: S311 - made up, not secret
        self._spoiler = Spoiler(task.faults, Random(f"{task.seed}/{task.number}/faults"))  # noqa: S311
        self._name = f"{self._rng.getrandbits(32):08x}"
        self._dates = [(task.day + timedelta(days=days)).isoformat() for days in range(3)]
        self._waiting: list[Waiting] = []
        self._pushed = 0
        self._cast = cast(task.plants, is_slow_day=task.is_slow_day)
        self._seq = 0
        self._ready: list[bytes] = []
        self.tally = Tally(files=1)

    def run(self) -> None:
        task, tally = self._task, self.tally
        planned = task.calls or max(1, round(task.size_bytes / TYPICAL_CALL_BYTES))
        made_bytes = 0
        start_ms = 0
        tally.bytes = self._file.write(self._spoiler.start())
        while self._goes_on(made_bytes):
            done = tally.calls / planned if task.calls is not None else made_bytes / task.size_bytes
            start_ms = max(start_ms, _time_of_day_ms(done + self._rng.random() / planned, self._cast.by_hour))
            self._write_until(start_ms)
            made_bytes += self._call(start_ms)
        self._write_until(None)
        tally.events.subtract(self._spoiler.lost)
        tally.faults = self._spoiler.planted

    def _goes_on(self, made_bytes: int) -> bool:
        task = self._task
        if task.calls is not None:
            return self.tally.calls < task.calls
        return not made_bytes or made_bytes + _OVERSHOOT_BYTES < task.size_bytes

    def _call(self, start_ms: int) -> int:
        """Make up a call that begins at ``start_ms`` of the day; return about how many bytes it takes."""
        task, tally = self._task, self.tally
        call = make_call(self._rng, self._cast.draw(self._rng, start_ms // _HOUR_MS))
        for name, count in counts_of(call, task.plants, is_slow_day=task.is_slow_day):
            tally.planted[name] += count
        tally.calls += 1
        lost_end = call.ended and self._spoiler.loses_end()
        tally.outcomes["unknown" if lost_end else call.outcome] += 1
        tally.languages[call.language] += 1
        tally.interruptions += call.interruptions
        size = 0
        for written_ms, ts_ms, event, body in call.events:
            ts = self._timestamp(start_ms + ts_ms)
            head = f'{{"v":1,"event":"{event}","ts":"{ts}","call_id":"{call.call_id}","writer":"{self._name}","seq":'
            line = (start_ms + written_ms, self._pushed, head.encode(), f"{body}}}\n".encode())
            size += len(line[2]) + len(line[3]) + 6
            if lost_end and event == "call_ended":
                continue
            tally.events[event] += 1
            self._pushed += 1
            heapq.heappush(self._waiting, line)
        return size

    def _timestamp(self, at_ms: int) -> str:
        day, rest = divmod(at_ms, _DAY_MS)
        hour, rest = divmod(rest, _HOUR_MS)
        minute, rest = divmod(rest, 60_000)
        second, ms = divmod(rest, 1000)
        return f"{self._dates[day]}T{hour:02d}:{minute:02d}:{second:02d}.{ms:03d}Z"

    def _write_until(self, now_ms: int | None) -> None:
        """Write what is logged until ``now_ms``; None: to the end of the file."""
        waiting = self._waiting
        spoil = self._spoiler.spoil if self._spoiler.active else None
        while waiting and (waiting[0][0] <= now_ms if now_ms is not None else len(waiting) > 1):
            line = self._next_line()
            if spoil is None:
                self._ready.append(line)
            else:
                self._ready.extend(spoil(line))
        if now_ms is None:
            self._ready.extend(self._spoiler.finish(self._next_line()))
        if now_ms is None or len(self._ready) >= _FLUSH_LINES:
            self._flush()

    def _next_line(self) -> bytes:
        _, _, head, tail = heapq.heappop(self._waiting)
        self._seq += 1
        return b"%b%d%b" % (head, self._seq, tail)

    def _flush(self) -> None:
        block = b"".join(self._ready)
        self.tally.lines += len(self._ready)
        self.tally.bytes += len(block)
        self._file.write(block)
        self._ready.clear()


def _time_of_day_ms(done: float, hours: tuple[float, ...]) -> int:
    """Return when ``done`` (0 to 1) of a day's calls have begun; ``hours`` are calls per hour, relative."""
    totals = list(accumulate(hours))
    reached = min(done, 0.999_999) * totals[-1]
    hour = bisect(totals, reached)
    return int((hour + (reached - totals[hour] + hours[hour]) / hours[hour]) * _HOUR_MS)
