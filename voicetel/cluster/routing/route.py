"""Lines to the buckets of their calls: what a task does to its bytes, and what it finds in them on the way."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from voicetel.cluster.packed_tables import LINES, Blob
from voicetel.cluster.routing.id_hashes import buckets_of, hash_padded, hash_texts
from voicetel.cluster.routing.id_search import IdSearch
from voicetel.cluster.routing.leading_ids import leading_ids
from voicetel.cluster.routing.line_findings import LineFindings
from voicetel.cluster.routing.splits import line_start
from voicetel.errors import VoicetelError
from voicetel.events.fields import MAX_LINE_BYTES
from voicetel.store.ingest.chunks.stream_reader import FileChangedError
from voicetel.store.ingest.open_log import OpenLog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicetel.cluster.job import Job
    from voicetel.cluster.routing.splits import Split

Integers: TypeAlias = NDArray[np.int64]

PIECE_BYTES = 8 << 20
"""Lines that a task holds at once, decompressed: memory of this size is used again, larger pieces would be cleared anew each time."""
MAX_PIECE_BYTES = 32 << 20
"""The same where there are so many buckets that each would get too little of a piece to be packed well."""
BYTES_OF_A_BUCKET = 32 << 10
"""What each bucket gets of a piece at least, as far as MAX_PIECE_BYTES allows."""
SURELY_TOO_LONG = MAX_LINE_BYTES + (1 << 16)
"""A line of more bytes counts nowhere, with or without blanks around it: it is counted, and goes nowhere."""

_LENGTH_BYTES = 4
_BOM = b"\xef\xbb\xbf"


class LogChangedError(VoicetelError):
    """A log became shorter while it was read, or was replaced."""


def route(splits: Iterable[Split], job: Job) -> Iterator[Blob]:
    """All lines of ``splits``, packed, for their buckets; behind them what was found on the way, aggregates and rows for any bucket."""
    job.check()
    zstd = pa.Codec("zstd", compression_level=1)
    piece_bytes = min(max(PIECE_BYTES, job.buckets * BYTES_OF_A_BUCKET), MAX_PIECE_BYTES)
    with LineFindings(job) as found, IdSearch() as search:
        for split in splits:
            with OpenLog.open(split.path) as log:
                start = line_start(log, split.start, split.length)
                end = line_start(log, split.end, split.length)
                for piece in _pieces(log, start, end, piece_bytes):
                    lines, long_lines = _lines(piece)
                    found.too_long += long_lines
                    if len(lines):
                        yield from _routed(search, zstd, lines, job.buckets)
                try:
                    yield from found.inspect_split(split, log, start, end)
                except FileChangedError as error:
                    raise _changed(log, "is shorter than when the run began") from error
                if log.is_replaced():
                    raise _changed(log, "was replaced while it was read")
        yield from found.blobs()


def unpack_lines(blob: bytes) -> memoryview:
    """The lines of one blob, each with its line end."""
    size = int.from_bytes(blob[:_LENGTH_BYTES], "little")
    return memoryview(pa.Codec("zstd").decompress(memoryview(blob)[_LENGTH_BYTES:], decompressed_size=size))


def _routed(search: IdSearch, zstd: pa.Codec, lines: pa.Array, buckets: int) -> Iterator[Blob]:
    numbers = _buckets(search, lines, buckets)
    order = np.argsort(numbers, kind="stable")
    numbers = numbers[order]
    ordered = lines.take(pa.array(order)) if numbers[0] != numbers[-1] else lines
    edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
    offsets = np.frombuffer(ordered.buffers()[1], np.int64)[ordered.offset :]
    for begin, end in pairwise(edges):
        data = ordered.buffers()[2].slice(int(offsets[begin]), int(offsets[end] - offsets[begin]))
        size = len(data).to_bytes(_LENGTH_BYTES, "little")
        yield Blob(LINES, int(numbers[begin]), size + zstd.compress(data, asbytes=True))


def _buckets(search: IdSearch, lines: pa.Array, buckets: int) -> Integers:
    """The bucket of every line. What is no UTF-8 is no line that counts: it goes where it seems to belong, else to bucket 0."""
    found = np.zeros(len(lines), np.int64)
    begun, ids = leading_ids(lines)
    found[begun] = buckets_of(hash_padded(ids), buckets)
    if len(begun) < len(lines):
        others = np.setdiff1d(np.arange(len(lines)), begun, assume_unique=True)
        nth, ids_found = search.ids(lines.take(pa.array(others)))
        found[others[nth]] = buckets_of(hash_texts(ids_found), buckets)
    return found


def _lines(piece: memoryview) -> tuple[pa.Array, int]:
    """The lines of some bytes, each with its line end, as a large binary array, and how many are too long to be one."""
    ends = np.flatnonzero(np.frombuffer(piece, np.uint8) == ord("\n")) + 1
    offsets = np.concatenate([np.zeros(1, np.int64), ends.astype(np.int64)])
    lengths = np.diff(offsets)
    lines = pa.Array.from_buffers(
        pa.large_binary(), len(lengths), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(piece)]
    )
    is_kept = (lengths > 1) & (lengths <= SURELY_TOO_LONG)
    too_long = int((lengths > SURELY_TOO_LONG).sum())
    return (lines if is_kept.all() else lines.filter(pa.array(is_kept))), too_long


def _pieces(log: OpenLog, start: int, end: int, piece_bytes: int) -> Iterator[memoryview]:
    """Whole lines between two line starts, some MB at a time, the last one with a line end. Of a line that is too long, the end alone."""
    while log.is_local and log.is_uncompressed and start < end:
        piece = log.read_at(start, min(piece_bytes, end - start))
        stop = piece.rfind(b"\n") + 1
        if not stop or len(piece) < min(piece_bytes, end - start):
            break
        yield _without_bom(memoryview(piece)[:stop], start)
        start += stop
    yield from _pieces_of_blocks(log, start, end, piece_bytes)


def _pieces_of_blocks(log: OpenLog, start: int, end: int, piece_bytes: int) -> Iterator[memoryview]:
    """The same of bytes that come in blocks, and where a line is longer than a piece."""
    held: list[bytes] = []
    size, enough = 0, piece_bytes
    left = end - start
    for block in log.blocks(start) if left > 0 else ():
        held.append(block[:left])
        size += len(held[-1])
        left -= len(held[-1])
        if size >= enough:
            joined = b"".join(held)
            if stop := joined.rfind(b"\n") + 1:
                yield _without_bom(memoryview(joined)[:stop], start)
                start += stop
            held = [joined[stop:] if stop else joined[:SURELY_TOO_LONG]]
            size = len(held[0])
            enough = size + piece_bytes
        if left == 0:
            break
    if left > 0:
        raise _changed(log, "is shorter than when the run began")
    if size:
        held += [] if held[-1].endswith(b"\n") else [b"\n"]
        yield _without_bom(memoryview(b"".join(held)), start)


def _without_bom(piece: memoryview, start: int) -> memoryview:
    return piece[len(_BOM) :] if start == 0 and piece[: len(_BOM)] == _BOM else piece


def _changed(log: OpenLog, how: str) -> LogChangedError:
    return LogChangedError(f"{log.path}: it {how}", hint="run again")
