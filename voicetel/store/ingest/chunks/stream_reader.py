"""One log stream on its way into chunks: whole lines, long ones apart, and how far they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicetel.events.fields import MAX_LINE_BYTES
from voicetel.store.ingest.chunks.builder import LONG_LINE_BYTES
from voicetel.store.ingest.chunks.chunk import LongLine
from voicetel.store.ingest.fingerprints import BLANKS, BOM, PREFIX_BYTES, StreamState, is_whole_object, short_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    import xxhash

    from voicetel.store.ingest.chunks.builder import ChunkBuilder
    from voicetel.store.ingest.open_log import OpenLog
    from voicetel.store.segments.arrays import Integers

_LINE_END = 10


class FileChangedError(Exception):
    """A file is not what it was when the run was planned."""


class StreamReader:
    """One log stream on its way into chunks: its bytes from ``start`` to ``end``.

    ``before``: how far it was read by earlier runs, None: not at all. ``hasher`` has hashed what stands before ``start``.
    """

    def __init__(
        self, before: StreamState | None, stream_id: int, start: int, end: int, hasher: xxhash.xxh3_128
    ) -> None:
        self._stream_id = stream_id
        self._end = end
        self._line = before.line_count + 1 if before else 1
        self._partial_line = bytearray()
        self._oversized_bytes = 0
        self._prefix = b""
        self.position = start
        self.hasher = hasher
        self.unterminated_line_start: int | None = None
        self.first_line_hash = before.first_line_hash if before else None
        self.prefix_hash = before.prefix_hash if before and before.length >= PREFIX_BYTES else None
        self._needs_prefix = self.prefix_hash is None

    def fill(self, log: OpenLog, builder: ChunkBuilder) -> Iterator[None]:
        """Add what there is; stop wherever the chunk is full, to be gone on with in another."""
        if self._needs_prefix and self.position:
            self._prefix = b"".join(_first_bytes(log, min(PREFIX_BYTES, self.position)))
        at = self.position
        for block in log.blocks(at):
            data = block[: self._end - at]
            at += len(data)
            line_end = data.rfind(b"\n") + 1
            if line_end == 0:
                self._keep_partial_line(data)
            else:
                yield from self._add(data[:line_end], builder)
                self._keep_partial_line(data[line_end:])
            if at >= self._end:
                break
        yield from self._read_last_line(at, builder)

    def _keep_partial_line(self, data: bytes) -> None:
        """The beginning of a line whose end is still to come."""
        if self._oversized_bytes or len(self._partial_line) + len(data) > MAX_LINE_BYTES:
            self._hash(bytes(self._partial_line))
            self._hash(data)
            self._oversized_bytes += len(self._partial_line) + len(data)
            self._partial_line.clear()
        else:
            self._partial_line += data

    def _hash(self, data: bytes) -> None:
        self.hasher.update(data)
        if self._needs_prefix and len(self._prefix) < PREFIX_BYTES:
            self._prefix += data[: PREFIX_BYTES - len(self._prefix)]

    def _add(self, data: bytes, builder: ChunkBuilder) -> Iterator[None]:
        """Whole lines, the first of which may have begun before."""
        if self._oversized_bytes:
            line_end = data.find(b"\n") + 1
            self._hash(data[:line_end])
            length = self._oversized_bytes + line_end - 1
            builder.add_long(LongLine(self._stream_id, self._line, self.position, length, None))
            self._advance(length + 1, 1, builder)
            self._oversized_bytes, data = 0, data[line_end:]
            if not data:
                return
        if self._partial_line:
            data = bytes(self._partial_line) + data
            self._partial_line.clear()
        if self.position == 0 and data.startswith(BOM):
            self._hash(BOM)
            self._advance(len(BOM), 0, builder)
            data = data[len(BOM) :]
        yield from self._add_lines(data, builder)

    def _add_lines(self, data: bytes, builder: ChunkBuilder) -> Iterator[None]:
        line_ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _LINE_END)
        lengths = np.diff(line_ends, prepend=-1)
        begin = first = 0
        for nth in np.flatnonzero(lengths > LONG_LINE_BYTES).tolist():
            line_end = int(line_ends[nth]) + 1
            line_begin = line_end - int(lengths[nth])
            yield from self._add_short(data[begin:line_begin], line_ends[first:nth] - begin, builder)
            yield from self._add_long(data[line_begin : line_end - 1], builder)
            begin, first = line_end, nth + 1
        yield from self._add_short(data[begin:] if begin else data, line_ends[first:] - begin, builder)

    def _add_short(self, data: bytes, line_ends: Integers, builder: ChunkBuilder) -> Iterator[None]:
        if not data:
            return
        if not builder.has_room(len(data)):
            self.checkpoint(builder)
            yield
        builder.add(data, line_ends, self._stream_id, self.position, self._line)
        self._hash(data)
        self._advance(len(data), len(line_ends), builder)

    def _add_long(self, line: bytes, builder: ChunkBuilder) -> Iterator[None]:
        if not builder.has_room(0):
            self.checkpoint(builder)
            yield
        if line.strip(BLANKS):
            content = line.strip(BLANKS) if len(line) <= MAX_LINE_BYTES else None
            builder.add_long(LongLine(self._stream_id, self._line, self.position, len(line), content))
        self._hash(line + b"\n")
        self._advance(len(line) + 1, 1, builder)

    def _advance(self, length: int, lines: int, builder: ChunkBuilder) -> None:
        self.position += length
        self._line += lines
        builder.chunk.bytes_read += length

    def checkpoint(self, builder: ChunkBuilder) -> None:
        """How far the log stream is read with what is in the chunk so far."""
        if self._needs_prefix:
            prefix = self._prefix[: self.position]
            self.first_line_hash = short_hash(prefix.partition(b"\n")[0])
            self.prefix_hash = short_hash(prefix)
        if self.first_line_hash is None or self.prefix_hash is None or not self.position:
            return
        digest = self.hasher.digest()
        lines = self._line - 1
        builder.chunk.checkpoints[self._stream_id] = StreamState(
            self._stream_id,
            self.first_line_hash,
            self.prefix_hash,
            self.position,
            digest,
            lines,
            self.unterminated_line_start,
        )

    def _read_last_line(self, at: int, builder: ChunkBuilder) -> Iterator[None]:
        """The last line, if it has no line end and is whole all the same."""
        if self._partial_line or self._oversized_bytes:
            line = bytes(self._partial_line)
            if (
                at < self._end
                or self._oversized_bytes
                or not is_whole_object(line.removeprefix(BOM) if self.position == 0 else line)
            ):
                raise FileChangedError
            # It goes into the chunk with a line end, which is no part of what is read of the log stream.
            without_end, unterminated_line_start = self.hasher.copy(), self.position
            if self.position == 0 and line.startswith(BOM):
                without_end.update(BOM)
            yield from self._add(b"\n", builder)
            without_end.update(line.removeprefix(BOM) if unterminated_line_start == 0 else line)
            self.hasher, self.unterminated_line_start = without_end, unterminated_line_start
            self._advance(-1, -1, builder)
        elif at < self._end:
            raise FileChangedError
        self.checkpoint(builder)


def _first_bytes(log: OpenLog, length: int) -> Iterator[bytes]:
    for block in log.blocks():
        yield block[:length]
        length -= len(block)
        if length <= 0:
            return
