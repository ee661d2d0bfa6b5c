"""Lines that were read before, read again at their positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from voicetel.store.ingest.chunks.builder import LONG_LINE_BYTES
from voicetel.store.ingest.fingerprints import BLANKS
from voicetel.store.ingest.lines.line_text import without_lone_surrogates
from voicetel.store.ingest.open_log import OpenLog
from voicetel.store.segments.arrays import values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicetel.store.segments.arrays import Integers

AT_ONCE_BYTES = 1 << 25
AT_ONCE_LINES = 50_000
_LONG_LINE_WEIGHT = 8
"""Whoever looks through a text copies it a few times; of short ones a share is held at once, a long one is held whole each time."""
_GAP_BYTES = 1 << 16
"""Lines that stand closer are read in one piece, with what lies between."""


def hash_sql(content: str) -> str:
    """SQL for a hash of bytes, UBIGINT; ``content`` is an expression.

    DuckDB's own takes eight bytes at a time, of which the last has little weight: contents that differ in such bytes alone, as
    those of equal build do whose numbers stand there, can have the same. Moved by three bytes and by six they differ elsewhere.
    """
    return f"xor(xor(hash({content}), hash('---'::BLOB || {content})), hash('------'::BLOB || {content}))"


HASH_MACRO = f"CREATE OR REPLACE MACRO hash_of(content) AS {hash_sql('content')}"
"""The same under a name, for .sql files."""


@dataclass(frozen=True, slots=True)
class LinePositions:
    """Where lines stand: number of the log stream, byte offset and length. Lines of a log stream follow each other, in the order of their offsets."""

    stream_id: Integers
    byte_offset: Integers
    length: Integers

    @classmethod
    def of(cls, table: Any) -> LinePositions:
        """From the columns ``stream_id``, ``byte_offset`` and ``bytes`` of an Arrow table in that order."""
        one = table.combine_chunks()

        def whole(name: str) -> Integers:
            array = one[name]
            array = array.chunk(0) if hasattr(array, "chunks") else array
            return values(array, np.int64 if array.type.bit_width == 64 else np.int32).astype(np.int64)

        return cls(whole("stream_id"), whole("byte_offset"), whole("bytes"))


def read_lines(
    positions: LinePositions,
    path_of_stream: Mapping[int, str],
    at_once: int = AT_ONCE_LINES,
    at_once_bytes: int = AT_ONCE_BYTES,
) -> Iterator[tuple[int, list[bytes | None]]]:
    """(number of the first, lines) in order, some at once; blanks at their ends left out.

    None where a file is gone. What stands at a position now need not be what stood there: compare its hash.
    """
    first, found, held = 0, list[bytes | None](), 0
    for content in _contents(positions, path_of_stream):
        weight = len(content or b"")
        weight *= _LONG_LINE_WEIGHT if weight > LONG_LINE_BYTES else 1
        if found and (held + weight > at_once_bytes or len(found) >= at_once):
            yield first, found
            first, found, held = first + len(found), [], 0
        found.append(content)
        held += weight
    if found:
        yield first, found


def with_contents(lines: Any, contents: Sequence[bytes | None]) -> Any:
    """A table of lines with two more columns: ``content``, which is hashed, and ``parsable_content``, the same as a reader of JSON takes it."""
    parsable = [content if content is None else without_lone_surrogates(content) for content in contents]
    return lines.append_column("content", pa.array(contents, pa.binary())).append_column(
        "parsable_content", pa.array(parsable, pa.binary())
    )


def _contents(positions: LinePositions, path_of_stream: Mapping[int, str]) -> Iterator[bytes | None]:
    edges = np.flatnonzero(np.diff(positions.stream_id, prepend=-1, append=-1))
    named = [path_of_stream.get(int(positions.stream_id[begin])) for begin in edges[:-1].tolist()]
    with OpenLog.prefetching([path for path in named if path is not None]) as open_log:
        for path, begin, end in zip(named, edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            offsets, lengths = positions.byte_offset[begin:end], positions.length[begin:end]
            done = 0
            if path is not None:
                try:
                    with open_log(path) as log:
                        read = _read_uncompressed if log.is_uncompressed else _read_compressed
                        for line in read(log, offsets, lengths):
                            done += 1
                            yield line.strip(BLANKS)
                except OSError:
                    pass
            for _ in range(end - begin - done):
                yield None


def _read_uncompressed(log: OpenLog, offsets: Integers, lengths: Integers) -> Iterator[bytes]:
    ends = offsets + lengths
    far = np.flatnonzero(offsets[1:] - ends[:-1] > _GAP_BYTES) + 1
    for piece in np.split(np.arange(len(offsets)), far):
        at = 0
        while at < len(piece):
            low = int(offsets[piece[at]])
            stop = int(np.searchsorted(ends[piece], low + (1 << 20), "right"))
            some = piece[at : max(stop, at + 1)]
            data = log.read_at(low, int(ends[some[-1]]) - low)
            for begin, end in zip((offsets[some] - low).tolist(), (ends[some] - low).tolist(), strict=True):
                yield data[begin:end]
            at += len(some)


def _read_compressed(log: OpenLog, offsets: Integers, lengths: Integers) -> Iterator[bytes]:
    held, begin = b"", 0
    blocks = log.blocks()
    for offset, length in zip(offsets.tolist(), lengths.tolist(), strict=True):
        while begin + len(held) < offset + length:
            if begin + len(held) <= offset:
                begin, held = begin + len(held), b""
            block = next(blocks, None)
            if block is None:
                return
            held += block
        if offset > begin:
            held, begin = held[offset - begin :], offset
        yield held[:length]
