"""A look at each file before anything is routed: how long its log stream is, and how it begins. Executors share what takes long."""

from __future__ import annotations

import heapq
import os
import re
from pathlib import PurePath
from typing import TYPE_CHECKING

import msgspec

from voicetel.store.ingest.fingerprints import Fingerprint, LogFile
from voicetel.store.ingest.log_stream import is_object
from voicetel.store.ingest.planning import inspect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Looker = Callable[[Sequence[tuple[bytes, int]]], Iterable[bytes]]
    """Has (path, size) of each file looked into by ``look_into_files``."""

PACKED_BYTES = 16 << 20
"""Of packed files, which a look unpacks: so many take the driver longer than the executors take to begin."""

MANY_FILES = 200
"""So many files are looked into by executors, whatever they are."""

_PACKED_NAME = re.compile(r"\.(gz|bz2|xz|zst)([.\-_].*)?$", re.DOTALL)


class Look(msgspec.Struct, frozen=True, array_like=True):
    """What a look came to: a fingerprint, or why there is none."""

    number: int
    fingerprint: Fingerprint | None
    error: str | None


def looks(files: Sequence[LogFile], look: Looker) -> Mapping[str, Fingerprint | str]:
    """Path → what executors say of the files that they look into: the packed ones, or all where there are many."""
    packed = [file for file in files if _PACKED_NAME.search(PurePath(file.path).name)]
    some = files if len(files) > MANY_FILES else packed if sum(file.size for file in packed) > PACKED_BYTES else ()
    if not some:
        return {}
    found = {}
    for blob in look([(os.fsencode(path_for_workers(file.path)), file.size) for file in some]):
        each = msgspec.msgpack.decode(blob, type=Look)
        found[some[each.number].path] = each.fingerprint or each.error or ""
    return found


def look_into_files(files: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """A ``Look`` for each file, given by its number and path."""
    for number, path in files:
        try:
            _, fingerprint = inspect(LogFile.listed(os.fsdecode(path), 0, 0))
            look = Look(number, fingerprint, None)
        except OSError as error:
            look = Look(number, None, error.strerror or str(error))
        yield msgspec.msgpack.encode(look)


def shared_out(files: Sequence[tuple[bytes, int]], tasks: int) -> list[int]:
    """For each file the task that looks into it: the largest ones first, each where there is least to do so far."""
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
    return path if is_object(path) else os.path.abspath(path)  # noqa: PTH100
