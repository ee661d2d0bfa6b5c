"""Each file is inspected before anything is routed: how long its log stream is, and how it begins. Executors share what takes long."""

from __future__ import annotations

import heapq
import os
import re
from pathlib import PurePath
from typing import TYPE_CHECKING

import msgspec

from voicetel.store.ingest.fingerprints import Fingerprint, LogFile
from voicetel.store.ingest.open_log import is_storage_object
from voicetel.store.ingest.planning import inspect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    InspectFiles = Callable[[Sequence[tuple[bytes, int]]], Iterable[bytes]]
    """Has each file, a path and its size, inspected by ``inspect_files``."""

PACKED_BYTES = 16 << 20
"""Of packed files, which an inspection unpacks: so many take the driver longer than the executors take to begin."""

MANY_FILES = 200
"""So many files are inspected by executors, whatever they are."""

_PACKED_NAME = re.compile(r"\.(gz|bz2|xz|zst)([.\-_].*)?$", re.DOTALL)


class FileInspection(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a file before it is read: a fingerprint, or why there is none."""

    number: int
    fingerprint: Fingerprint | None
    error: str | None


def inspected_files(files: Sequence[LogFile], inspect_files: InspectFiles) -> Mapping[str, Fingerprint | str]:
    """Path → what executors say of the files that they inspect: the packed ones, or all where there are many."""
    packed = [file for file in files if _PACKED_NAME.search(PurePath(file.path).name)]
    some = files if len(files) > MANY_FILES else packed if sum(file.size for file in packed) > PACKED_BYTES else ()
    if not some:
        return {}
    found = {}
    for blob in inspect_files([(os.fsencode(path_for_workers(file.path)), file.size) for file in some]):
        each = msgspec.msgpack.decode(blob, type=FileInspection)
        found[some[each.number].path] = each.fingerprint or each.error or ""
    return found


def inspections_of(files: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """A ``FileInspection`` for each file, given by its number and path."""
    for number, path in files:
        try:
            _, fingerprint = inspect(LogFile.listed(os.fsdecode(path), 0, 0))
            found = FileInspection(number, fingerprint, None)
        except OSError as error:
            found = FileInspection(number, None, error.strerror or str(error))
        yield msgspec.msgpack.encode(found)


def shared_out(files: Sequence[tuple[bytes, int]], tasks: int) -> list[int]:
    """For each file the task that inspects it: the largest ones first, each where there is least to do so far."""
    work = [(0, task) for task in range(tasks)]
    found = [0] * len(files)
    for number in sorted(range(len(files)), key=lambda each: -files[each][1]):
        done, found[number] = work[0]
        heapq.heapreplace(work, (done + files[number][1] + _COST_OF_A_FILE, found[number]))
    return found


_COST_OF_A_FILE = 1 << 18
"""Opening it, in bytes read."""


def path_for_workers(path: str) -> str:
    """Workers are in other folders, but URIs are the same everywhere. Links stay what they are."""
    return path if is_storage_object(path) else os.path.abspath(path)  # noqa: PTH100
