"""Write believable call logs: plan the files, share them out among processes, sum up."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from voicetel.errors import UsageError
from voicetel.simulator.data import table
from voicetel.simulator.faults import FAULTS
from voicetel.simulator.log_file import TYPICAL_CALL_BYTES, Tally, Task, write_file

DEFAULT_START = date(2026, 11, 2)
DEFAULT_FILE_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class SimulationSummary:
    """What was written.

    ``events`` (by name), ``outcomes`` and ``languages`` count what happened in the calls; ``outcomes`` is the truth, and
    unknown where the log keeps no evidence. ``lines`` and ``bytes`` count what stands in the files, and ``faults`` what
    was planted there.
    """

    files: int
    bytes: int
    lines: int
    calls: int
    interruptions: int
    events: dict[str, int]
    outcomes: dict[str, int]
    languages: dict[str, int]
    faults: dict[str, int]


def simulate(
    out_dir: Path,
    *,
    calls: int | None = None,
    size_bytes: int | None = None,
    seed: int = 0,
    faults: Iterable[str] = (),
    start: date = DEFAULT_START,
    days: int = 7,
    file_bytes: int = DEFAULT_FILE_BYTES,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> SimulationSummary:
    """Write logs of ``calls`` calls, or of about ``size_bytes`` bytes, into ``out_dir``.

    The calls fall on ``days`` days from ``start`` on; a file holds what one writer wrote on one day and is not much
    larger than ``file_bytes``. The same arguments give the same bytes, whatever the number of ``workers`` (processes;
    None: one per core). ``faults`` names members of FAULTS. ``progress`` is called with the bytes of each file that is
    finished. Raises UsageError where the arguments contradict each other or ``out_dir`` already holds logs.
    """
    kinds = _checked(calls, size_bytes, days, file_bytes, faults)
    out_dir.mkdir(parents=True, exist_ok=True)
    if next(out_dir.glob("*.jsonl"), None) is not None:
        raise UsageError(f"{out_dir} already holds logs", hint="name an empty folder")
    tasks = _plan(out_dir, calls, size_bytes, seed, kinds, start, days, file_bytes)
    total = Tally()
    with _pool(min(workers or os.cpu_count() or 1, len(tasks))) as run:
        for tally in run(tasks):
            total.add(tally)
            if progress is not None:
                progress(tally.bytes)
    return SimulationSummary(
        files=total.files,
        bytes=total.bytes,
        lines=total.lines,
        calls=total.calls,
        interruptions=total.interruptions,
        events=dict(sorted(total.events.items())),
        outcomes=dict(sorted(total.outcomes.items())),
        languages=dict(sorted(total.languages.items())),
        faults=dict(sorted(total.faults.items())),
    )


def _checked(
    calls: int | None, size_bytes: int | None, days: int, file_bytes: int, faults: Iterable[str]
) -> tuple[str, ...]:
    if (calls is None) == (size_bytes is None):
        raise UsageError("give either a number of calls or a size")
    for name, value in (("calls", calls), ("size_bytes", size_bytes), ("days", days), ("file_bytes", file_bytes)):
        if value is not None and value < 1:
            raise UsageError(f"{name} must be at least 1, not {value}")
    kinds = tuple(sorted(set(faults)))
    for kind in kinds:
        if kind not in FAULTS:
            raise UsageError(f"unknown fault {kind!r}", hint=f"one of {', '.join(FAULTS)}")
    return kinds


def _plan(
    out_dir: Path,
    calls: int | None,
    size_bytes: int | None,
    seed: int,
    faults: tuple[str, ...],
    start: date,
    days: int,
    file_bytes: int,
) -> list[Task]:
    """Share the calls or bytes out among the days by the profile of the week, and each day's among its writers."""
    total = size_bytes or (calls or 0) * TYPICAL_CALL_BYTES
    weights = [table("traffic")["by_weekday"][(start + timedelta(days=day)).weekday()] for day in range(days)]
    shares = [weight / sum(weights) for weight in weights]
    writers = [max(1, -int(-total * share // file_bytes)) for share in shares]
    parts = [share / count for share, count in zip(shares, writers, strict=True) for _ in range(count)]
    of_day = [day for day, count in enumerate(writers) for _ in range(count)]
    wanted = _whole_parts(calls or size_bytes or 0, parts)
    tasks = []
    for number, (day, amount) in enumerate(zip(of_day, wanted, strict=True)):
        if amount == 0:
            continue
        on = start + timedelta(days=day)
        tasks.append(
            Task(
                path=out_dir / f"calls-{on.isoformat()}-{number:05d}.jsonl",
                seed=seed,
                number=number,
                day=on,
                calls=None if calls is None else amount,
                size_bytes=amount if calls is None else amount * TYPICAL_CALL_BYTES,
                faults=faults,
            )
        )
    return tasks


def _whole_parts(amount: int, parts: list[float]) -> list[int]:
    """Split ``amount`` into whole numbers in the ratio of ``parts``, which add up to 1, without losing any."""
    wanted, given, reached = [], 0, 0.0
    for part in parts:
        reached += part
        until = round(amount * reached)
        wanted.append(until - given)
        given = until
    return wanted


@contextmanager
def _pool(workers: int) -> Iterator[Callable[[list[Task]], Iterable[Tally]]]:
    """Yield a function that runs tasks, in this process where one worker is enough."""
    if workers == 1:
        yield lambda tasks: map(write_file, tasks)
        return
    # Spawned, not forked: the caller may have threads of an engine running.
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield lambda tasks: pool.imap_unordered(write_file, tasks)
