"""Write believable call logs: plan the files, share them out among processes, sum up."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from voicetel.errors import UsageError, VoicetelError
from voicetel.outcomes import CallOutcome
from voicetel.results import SCHEMA_VERSION, encode, figure, result
from voicetel.simulator.faults import FAULTS, Effect
from voicetel.simulator.log_file import Tally, Task, write_file
from voicetel.simulator.plan import DEFAULT_FILE_BYTES, DEFAULT_START, Order
from voicetel.simulator.planted.kinds import PLANTED_FILE, Planted, planted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date
    from pathlib import Path

_SMALL_BYTES = 10_000_000

_LOG_NAME = re.compile(r"\.(jsonl|ndjson)([.\-_].*)?$", re.DOTALL)
"""What the reader of logs takes for a log, in a folder and in all folders in it."""


@result
class SimulationSummary:
    """What was written.

    ``bytes`` and ``lines`` count what stands in the files. ``events`` counts by name what a reader can get out of them,
    ``interruptions`` the caller's barge-ins. ``outcomes`` is how the calls ended in truth, unknown where the log keeps no
    evidence of it. ``faults`` counts by kind the faults that were planted, ``planted`` says what reports are to find.
    """

    files: int = figure("Files.")
    bytes: int = figure("Bytes of all files.")
    lines: int = figure("Lines of all files.")
    calls: int = figure("Simulated calls.")
    interruptions: int = figure("The caller's barge-ins.")
    events: Mapping[str, int] = figure("Events by name.")
    outcomes: Mapping[str, int] = figure(
        "How the calls ended.",
        schema={
            "type": "object",
            "propertyNames": {"enum": [outcome.value for outcome in CallOutcome]},
            "additionalProperties": {"type": "integer", "minimum": 0},
        },
    )
    languages: Mapping[str, int] = figure("Calls by language.")
    faults: Mapping[str, int] = figure("Planted faults by kind.")
    planted: tuple[Planted, ...] = figure("What was planted for reports to find.", default=(), omit_if_empty=True)

    def faults_with(self, effect: Effect) -> int:
        """How many of the planted faults have ``effect`` on a reader."""
        return sum(count for kind, count in self.faults.items() if FAULTS[kind].effect == effect)


def simulate(
    out_dir: Path,
    *,
    calls: int | None = None,
    size_bytes: int | None = None,
    seed: int = 0,
    faults: Iterable[str] = (),
    plants: Iterable[str] = (),
    start: date = DEFAULT_START,
    days: int = 7,
    file_bytes: int = DEFAULT_FILE_BYTES,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> SimulationSummary:
    """Write logs of ``calls`` calls, or of about ``size_bytes`` bytes, into the folder ``out_dir``, made if missing.

    The calls fall on ``days`` days from ``start`` on; a file holds what one writer wrote on one day and is not much
    larger than ``file_bytes``. The same arguments give the same bytes, whatever the number of ``workers`` (processes;
    None: one for each core, or this process alone for a few megabytes). ``faults`` are names from FAULTS; but for what
    they spoil, the calls stay the same. ``plants`` are names from PLANTS: what they are, where, and how much of each
    was written stands in ``planted.json`` beside the logs, and in the summary.
    ``progress`` is called with the number of bytes of each file that is finished.
    Raises UsageError where the arguments make no sense or ``out_dir`` already holds logs, VoicetelError where it cannot
    be written to.
    """
    order = Order(
        calls=calls,
        size_bytes=size_bytes,
        seed=seed,
        faults=tuple(sorted(set(faults))),
        plants=tuple(sorted(set(plants))),
        start=start,
        days=days,
        file_bytes=file_bytes,
    )
    order.check()
    tasks = order.tasks(out_dir)
    if workers is None:
        workers = 1 if sum(task.size_bytes for task in tasks) < _SMALL_BYTES else os.cpu_count() or 1
    total = Tally()
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        if any(map(_is_log, (path.relative_to(out_dir) for path in out_dir.rglob("*")))):
            raise UsageError(f"{out_dir} already holds logs", hint="name an empty folder")
        with _workers(min(workers, len(tasks))) as run:
            for tally in run(tasks):
                total.add(tally)
                if progress is not None:
                    progress(tally.bytes)
        summary = _summary(total, order)
        if summary.planted:
            said = {"schema_version": SCHEMA_VERSION, "planted": encode(summary.planted)}
            (out_dir / PLANTED_FILE).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise VoicetelError(f"cannot write logs to {out_dir}: {error.strerror or error}") from error
    return summary


def _is_log(path: Path) -> bool:
    return bool(_LOG_NAME.search(path.name)) and not any(part.startswith(".") for part in path.parts)


def _summary(total: Tally, order: Order) -> SimulationSummary:
    return SimulationSummary(
        files=total.files,
        bytes=total.bytes,
        lines=total.lines,
        calls=total.calls,
        interruptions=total.interruptions,
        events=dict(sorted((+total.events).items())),
        outcomes=dict(sorted(total.outcomes.items())),
        languages=dict(sorted(total.languages.items())),
        faults=dict(sorted(total.faults.items())),
        planted=tuple(planted(kind, order.slow_day, total.planted) for kind in order.plants),
    )


@contextmanager
def _workers(count: int) -> Iterator[Callable[[list[Task]], Iterable[Tally]]]:
    """Yield what runs tasks: ``count`` processes, or this one where one is enough."""
    if count == 1:
        yield lambda tasks: map(write_file, tasks)
        return
    # Spawned, not forked: the caller may have threads of an engine running. Ctrl-C is for the caller alone, who ends
    # the pool; the workers would each print a traceback.
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(count, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)) as pool:
        yield lambda tasks: pool.imap_unordered(write_file, tasks)
