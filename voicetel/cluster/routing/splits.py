"""From log files to pieces of work: which bytes of which files one task routes."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.cluster.routing.file_inspection import inspected_files, path_for_workers
from voicetel.store.ingest.discovery import discover
from voicetel.store.ingest.planning import make_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.cluster.routing.file_inspection import InspectFiles
    from voicetel.store.ingest.open_log import OpenLog
    from voicetel.store.ingest.planning import Plan

MAX_SPLIT_BYTES = 64 << 20
"""Of what can be cut, the most: small enough for tasks of equal size."""
MIN_SPLIT_BYTES = 16 << 20
"""The least of what can be cut. Shorter ones would be packed in smaller pieces."""
MIN_SPLITS = 64
"""As many at least, if none gets too short: a core that is done waits for the others, and whole files are rarely of one size."""
TASK_BYTES = 256 << 20
SMALL_TASK_BYTES = 32 << 20
"""Fewer are not worth a task of their own."""
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Split:
    """The lines of a log stream that begin in [``start``, ``end``) of its bytes, of which ``length`` count, decompressed.

    ``stream`` is its number in the listing.
    """

    stream: int
    path: str
    start: int
    end: int
    length: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What there is to read. ``pending_bytes`` are those of last lines that have no line end yet.

    ``streams`` has the files of each log stream as they were found, first the longest, which is read; ``incomplete_files`` those that
    have not one whole line.
    """

    splits: tuple[Split, ...]
    pending_bytes: int
    warnings: tuple[str, ...]
    streams: tuple[tuple[str, ...], ...] = ()
    incomplete_files: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Of all splits, decompressed."""
        return sum(each.end - each.start for each in self.splits)


def list_splits(
    paths: Sequence[str], inspect_files: InspectFiles | None = None, split_bytes: int | None = None
) -> Listing:
    """The log streams under ``paths``, each once as one machine reads them, cut where they can be, by ``split_bytes_of`` or as said.

    ``inspect_files`` has executors inspect files; without it all of that is done here.

    Raises NoDataError for a path that does not exist.
    """
    warnings: list[str] = []
    files = discover(paths, warnings.append)
    plan = make_plan(files, [], {}, warnings.append, inspected_files(files, inspect_files) if inspect_files else None)
    step_bytes = split_bytes or split_bytes_of(sum(task.fingerprint.length for task in plan.tasks))
    splits = []
    for number, task in enumerate(plan.tasks):
        length = task.fingerprint.length
        is_plain = task.fingerprint.digest is None  # to find the length of what is packed, all of it is read
        step = step_bytes if is_plain else max(length, 1)
        path = path_for_workers(task.file.path)
        splits += [Split(number, path, start, min(start + step, length), length) for start in range(0, length, step)]
    streams = tuple((task.file.path, *(file.path for file, _ in task.prefix_files)) for task in plan.tasks)
    incomplete_files = tuple(file.path for file, _ in plan.incomplete_files)
    return Listing(tuple(splits), _pending_bytes(plan), tuple(warnings), streams, incomplete_files)


def split_bytes_of(total_bytes: int) -> int:
    """How long a split of so many bytes of logs is: a MIN_SPLITS-th of them, within its limits."""
    return min(max(-(-total_bytes // MIN_SPLITS), MIN_SPLIT_BYTES), MAX_SPLIT_BYTES)


def bytes_of_task(splits: Sequence[Split], cores: int) -> int:
    """What one task routes: of few logs so much that every core has two tasks, of many TASK_BYTES."""
    return min(max(-(-_bytes_of(splits) // (2 * cores)), SMALL_TASK_BYTES), TASK_BYTES)


def tasks_of(splits: Sequence[Split], task_bytes: int = TASK_BYTES) -> list[list[Split]]:
    """Splits in tasks of about ``task_bytes``, as equal as they can be: the largest first, each to the task that has least."""
    tasks: list[list[Split]] = [[] for _ in range(-(-_bytes_of(splits) // task_bytes))]
    least = [(0, number) for number in range(len(tasks))]
    for split in sorted(splits, key=lambda each: each.start - each.end):
        size, number = least[0]
        tasks[number].append(split)
        heapq.heapreplace(least, (size + split.end - split.start, number))
    return [task for task in tasks if task]


def _bytes_of(splits: Sequence[Split]) -> int:
    return sum(each.end - each.start for each in splits)


def _pending_bytes(plan: Plan) -> int:
    """As the store counts it: of files that hold one log stream that of the longest."""
    of_incomplete = sum(fingerprint.pending_bytes for _, fingerprint in plan.incomplete_files)
    return of_incomplete + sum(task.fingerprint.pending_bytes for task in plan.tasks)


def line_start(log: OpenLog, at: int, length: int) -> int:
    """Where the first line begins at or after ``at``; the end of what is packed, which is not cut."""
    if at == 0 or at >= length or not log.is_uncompressed:
        return min(at, length)
    position = at - 1
    while position < length:
        data = log.read_at(position, min(_READ_BYTES, length - position))
        if (found := data.find(b"\n")) >= 0:
            return position + found + 1
        if not data:
            break
        position += len(data)
    return length
