"""From log files to pieces of work: which bytes of which files one task routes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.store.ingest.discovery import discover
from voicetel.store.ingest.log_stream import LogStream, is_object
from voicetel.store.ingest.planning import make_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.store.ingest.planning import Plan

SPLIT_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Split:
    """The lines of a log stream that begin in [``start``, ``end``) of its bytes, of which ``length`` count, decompressed."""

    path: str
    start: int
    end: int
    length: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What there is to read. ``pending_bytes`` are those of last lines that have no line end yet."""

    splits: tuple[Split, ...]
    pending_bytes: int
    warnings: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """Of all splits, decompressed."""
        return sum(each.end - each.start for each in self.splits)


def list_splits(paths: Sequence[str], split_bytes: int = SPLIT_BYTES) -> Listing:
    """The log streams under ``paths``, each once as one machine reads them, cut where they can be.

    Raises NoDataError for a path that does not exist.
    """
    warnings: list[str] = []
    plan = make_plan(discover(paths, warnings.append), [], {}, warnings.append)
    splits = []
    with LogStream.prefetching([task.file.path for task in plan.tasks]) as open_stream:
        for task in plan.tasks:
            length = task.fingerprint.length
            with open_stream(task.file.path) as stream:
                step = split_bytes if stream.is_uncompressed else max(length, 1)
            path = _path_for_workers(task.file.path)
            splits += [Split(path, start, min(start + step, length), length) for start in range(0, length, step)]
    return Listing(tuple(splits), _pending_bytes(plan), tuple(warnings))


def tasks_of(splits: Sequence[Split], task_bytes: int = SPLIT_BYTES) -> list[list[Split]]:
    """Splits in tasks of about ``task_bytes``: many small files together."""
    tasks: list[list[Split]] = []
    room = 0
    for split in sorted(splits, key=lambda each: each.start - each.end):
        size = split.end - split.start
        if not tasks or size > room:
            tasks.append([])
            room = task_bytes
        tasks[-1].append(split)
        room -= size
    return tasks


def _path_for_workers(path: str) -> str:
    """Workers are in other folders, but URIs are the same everywhere. Links stay what they are."""
    return path if is_object(path) else os.path.abspath(path)  # noqa: PTH100


def _pending_bytes(plan: Plan) -> int:
    """As the store counts it: of files that hold one log stream that of the longest."""
    pending = sum(fingerprint.pending for _, fingerprint in plan.incomplete_files)
    return pending + sum(task.fingerprint.pending for task in plan.tasks)
