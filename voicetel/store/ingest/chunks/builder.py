"""Fills a chunk: lines are copied into its memory, and their positions noted, blanks at their ends left out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from voicetel.store.ingest.fingerprints import BLANKS

if TYPE_CHECKING:
    from voicetel.store.ingest.chunks.chunk import Chunk, LongLine
    from voicetel.store.segments.arrays import Integers

CHUNK_BYTES = 1 << 24
LONG_LINE_BYTES = 1 << 17
"""A longer line is validated by itself, by the exact rules: the reader's buffers need not hold it."""
LONG_LINES_BYTES = 1 << 24
"""A chunk ends where its long lines have so many bytes together."""

_IS_BLANK = np.zeros(256, np.bool_)
_IS_BLANK[list(BLANKS)] = True


class ChunkBuilder:
    """A chunk that is being filled."""

    def __init__(self, chunk: Chunk) -> None:
        self.reset(chunk)

    def reset(self, chunk: Chunk) -> None:
        """Go on with an empty chunk."""
        self.chunk = chunk
        self._positions: list[tuple[Integers, int]] = []
        self._long_bytes = 0

    def has_room(self, length: int) -> bool:
        """Whether so many bytes more belong into this chunk."""
        size = self.chunk.size
        return (not size or size + length <= CHUNK_BYTES) and self._long_bytes < LONG_LINES_BYTES

    def add(self, data: bytes, line_ends: Integers, stream_id: int, byte_offset: int, line: int) -> None:
        """Whole lines; ``line_ends`` are places in ``data``, ``line`` is the number of the first."""
        _write(self.chunk.descriptor, data, self.chunk.size)
        begins = np.empty_like(line_ends)
        begins[0] = 0
        np.add(line_ends[:-1], 1, out=begins[1:])
        ends = line_ends.copy()
        _strip(np.frombuffer(data, np.uint8), begins, ends)
        is_not_blank = begins < ends
        if not is_not_blank.all():
            raw_begins = np.concatenate([[0], line_ends[:-1] + 1])[is_not_blank]
            line_ends, begins, ends = line_ends[is_not_blank], begins[is_not_blank], ends[is_not_blank]
            numbers = np.flatnonzero(is_not_blank) + line
        else:
            raw_begins = np.concatenate([[0], line_ends[:-1] + 1])
            numbers = np.arange(line, line + len(line_ends))
        size = self.chunk.size
        positions = np.stack([begins + size, ends + size, numbers, raw_begins + byte_offset, line_ends - raw_begins])
        self._positions.append((positions, stream_id))
        self.chunk.size += len(data)

    def add_long(self, line: LongLine) -> None:
        """A line that is not copied into the chunk."""
        self.chunk.long_lines.append(line)
        self._long_bytes += len(line.content or b"")

    def finish(self) -> Chunk:
        """The chunk as it is to be read."""
        chunk = self.chunk
        os.ftruncate(chunk.descriptor, chunk.size)
        if self._positions:
            positions = np.concatenate([each for each, _ in self._positions], axis=1)
            chunk.begins, chunk.ends, chunk.line, chunk.byte_offset, chunk.length = positions
            counts = [each.shape[1] for each, _ in self._positions]
            chunk.stream_id = np.repeat(np.array([stream_id for _, stream_id in self._positions], np.int64), counts)
        return chunk


def _strip(data: np.ndarray[tuple[int], np.dtype[np.uint8]], begins: Integers, ends: Integers) -> None:
    """Move the ends of lines inwards past blanks."""
    while len(at := np.flatnonzero((begins < ends) & _IS_BLANK[data[np.minimum(begins, len(data) - 1)]])):
        begins[at] += 1
    while len(at := np.flatnonzero((begins < ends) & _IS_BLANK[data[np.maximum(ends - 1, 0)]])):
        ends[at] -= 1


def _write(descriptor: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, at)
        view, at = view[written:], at + written
