"""Whole lines of log streams, copied into memory that DuckDB can open under a name, with the place of each.

What is hashed, what the reader sees and what is read again line by line are the same bytes, whatever happens to the file
meanwhile. The lines of many small files go into one chunk, those of a large file into several.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from voicetel.events.fields import MAX_LINE_BYTES
from voicetel.store.ingest.fingerprints import (
    BOM,
    PREFIX_BYTES,
    Fingerprint,
    KnownPath,
    LogFile,
    Source,
    is_whole_object,
    short_hash,
)
from voicetel.store.ingest.log_stream import LogStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import xxhash

    from voicetel.store.ingest.planning import ReadTask
    from voicetel.store.segments.arrays import Integers

CHUNK_BYTES = 1 << 24
LONG_LINE_BYTES = 1 << 17
"""A longer line is validated by itself, by the exact rules: the reader's buffers need not hold it."""
LONG_LINES_BYTES = 1 << 24
"""A chunk ends where its long lines have so many bytes together."""

_BLANK = b" \t\r\v\f"
_IS_BLANK = np.zeros(256, np.bool_)
_IS_BLANK[list(_BLANK)] = True
_LINE_END = 10


LineContent: TypeAlias = bytes | None


class FileChangedError(Exception):
    """A file is not what it was when the run was planned."""


@dataclass(frozen=True, slots=True)
class LongLine:
    """A line that is not in the chunk's memory. ``content`` None: longer than a line may be."""

    source: int
    line: int
    byte_offset: int
    bytes: int
    content: LineContent


@dataclass(slots=True)
class Chunk:
    """Lines that are not blank, by their positions: ``begins`` and ``ends`` in the memory, blanks at both ends left out.

    ``line`` counts from 1, ``byte_offset`` from 0, decompressed; ``length`` is in bytes without the line end, blanks included.
    ``checkpoints`` say how far sources are read once the chunk is.
    """

    descriptor: int
    size: int = 0
    begins: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    ends: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    source: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    line: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    byte_offset: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    length: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    long_lines: list[LongLine] = field(default_factory=list)
    checkpoints: dict[int, Source] = field(default_factory=dict)
    rewinds: list[tuple[int, int]] = field(default_factory=list)
    bytes_read: int = 0

    @property
    def name(self) -> str:
        """A name by which this process can open it."""
        return f"/dev/fd/{self.descriptor}"

    def content(self, nth: int) -> bytes:
        """A line, blanks at its ends left out."""
        return os.pread(self.descriptor, int(self.ends[nth] - self.begins[nth]), int(self.begins[nth]))


class ChunkPool:
    """Memory for chunks, used again and again. Close it at the end."""

    def __init__(self) -> None:
        self._all: list[int] = []
        self._free: list[int] = []

    def take(self) -> Chunk:
        """An empty chunk."""
        if not self._free:
            self._all.append(_anonymous_file())
            return Chunk(self._all[-1])
        return Chunk(self._free.pop())

    def give_back(self, chunk: Chunk) -> None:
        """A chunk that is no longer needed."""
        self._free.append(chunk.descriptor)

    def close(self) -> None:
        """Let go of all memory."""
        for descriptor in self._all:
            os.close(descriptor)
        self._all.clear()
        self._free.clear()


class Chunker:
    """Cuts log streams into chunks. ``changed`` are the tasks whose files were not what they had been when planned."""

    def __init__(self, pool: ChunkPool, next_source: int, warn: Callable[[str], None]) -> None:
        self._pool = pool
        self._next_source = next_source
        self._warn = warn
        self.changed: list[ReadTask] = []
        self.known: dict[str, KnownPath] = {}
        """What the files that were read held."""

    def chunks(self, tasks: Sequence[ReadTask]) -> Iterator[Chunk]:
        """Chunks of whole lines, one after the other. Give each back to the pool."""
        builder = _ChunkBuilder(self._pool.take())
        with LogStream.prefetching([task.file.path for task in tasks]) as open_stream:
            for task in tasks:
                try:
                    with open_stream(task.file.path) as stream:
                        for filled in self._read(task, stream, builder):
                            yield filled.finish()
                            builder.reset(self._pool.take())
                except OSError as error:
                    if error.errno != errno.ESTALE:
                        self._warn(f"{task.file.path}: skipped: {error.strerror}")
                    self.changed.append(task)
                except FileChangedError:
                    self.changed.append(task)
        chunk = builder.finish()
        if chunk.checkpoints or len(chunk.begins) or chunk.long_lines:
            yield chunk
        else:
            self._pool.give_back(chunk)

    def _read(self, task: ReadTask, stream: LogStream, builder: _ChunkBuilder) -> Iterator[_ChunkBuilder]:
        file = stream.file(task.file)
        start, end = task.start, task.fingerprint.length
        if not file.is_same_file(task.file) or (stream.is_uncompressed and file.size < end):
            raise FileChangedError
        state = stream.hash_states([0])[0]
        if task.source is not None:
            states = stream.hash_states({start, task.source.length})
            if task.source.length not in states or states[task.source.length].digest() != task.source.digest:
                raise FileChangedError
            state = states[start]
            number = task.source.number
            if task.source.unterminated_line_start is not None:
                builder.chunk.rewinds.append((number, start))
        else:
            number = self._next_source
            self._next_source += 1
        reading = _StreamReader(task.source, number, start, end, state)
        try:
            for _ in reading.fill(stream, builder):
                yield builder
            if stream.is_replaced():
                raise FileChangedError  # noqa: TRY301  as what is raised by reading
        except (OSError, FileChangedError):
            reading.checkpoint(builder)
            raise
        length, digest = reading.position, reading.state.digest()
        fingerprint = task.fingerprint
        found = Fingerprint(
            reading.first_line_hash,
            reading.prefix_hash,
            length,
            digest,
            fingerprint.pending,
            reading.unterminated_line_start,
            fingerprint.decompression_error,
        )
        seen = task.file if _is_unchanged(file, task.file) else file.as_stale()
        self.known[task.file.path] = KnownPath(seen, found, number)


def chunks_between(stream: LogStream, start: int, end: int, pool: ChunkPool) -> Iterator[Chunk]:
    """Chunks of the whole lines between two line starts, as of a source 0 whose first line they begin with. Give each back to the pool.

    The last chunk's checkpoint says how many line ends there were. Raises FileChangedError where there is less.
    """
    builder = _ChunkBuilder(pool.take())
    reading = _StreamReader(None, 0, start, end, stream.hash_states([0])[0])
    for _ in reading.fill(stream, builder):
        yield builder.finish()
        builder.reset(pool.take())
    yield builder.finish()


def _is_unchanged(file: LogFile, planned: LogFile) -> bool:
    return (file.size, file.mtime_ns, file.ctime_ns) == (planned.size, planned.mtime_ns, planned.ctime_ns)


class _ChunkBuilder:
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

    def add(self, data: bytes, line_ends: Integers, source: int, byte_offset: int, line: int) -> None:
        """Whole lines; ``line_ends`` are places in ``data``, ``line`` is the number of the first."""
        _write(self.chunk.descriptor, data, self.chunk.size)
        begins = np.empty_like(line_ends)
        begins[0] = 0
        np.add(line_ends[:-1], 1, out=begins[1:])
        ends = line_ends.copy()
        _strip(np.frombuffer(data, np.uint8), begins, ends)
        is_filled = begins < ends
        if not is_filled.all():
            raw_begins = np.concatenate([[0], line_ends[:-1] + 1])[is_filled]
            line_ends, begins, ends = line_ends[is_filled], begins[is_filled], ends[is_filled]
            numbers = np.flatnonzero(is_filled) + line
        else:
            raw_begins = np.concatenate([[0], line_ends[:-1] + 1])
            numbers = np.arange(line, line + len(line_ends))
        size = self.chunk.size
        positions = np.stack([begins + size, ends + size, numbers, raw_begins + byte_offset, line_ends - raw_begins])
        self._positions.append((positions, source))
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
            chunk.source = np.repeat(np.array([source for _, source in self._positions], np.int64), counts)
        return chunk


class _StreamReader:
    """One log stream on its way into chunks."""

    def __init__(self, known: Source | None, source: int, start: int, end: int, state: xxhash.xxh3_128) -> None:
        self._source = source
        self._end = end
        self._line = known.line_count + 1 if known else 1
        self._partial_line = bytearray()
        self._oversized_bytes = 0
        self._prefix = b""
        self.position = start
        self.state = state
        self.unterminated_line_start: int | None = None
        self.first_line_hash = known.first_line_hash if known else None
        self.prefix_hash = known.prefix_hash if known and known.length >= PREFIX_BYTES else None
        self._needs_prefix = self.prefix_hash is None

    def fill(self, stream: LogStream, builder: _ChunkBuilder) -> Iterator[None]:
        """Add what there is; stop wherever the chunk is full, to be gone on with in another."""
        if self._needs_prefix and self.position:
            self._prefix = b"".join(_first_bytes(stream, min(PREFIX_BYTES, self.position)))
        at = self.position
        for block in stream.blocks(at):
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
        self.state.update(data)
        if self._needs_prefix and len(self._prefix) < PREFIX_BYTES:
            self._prefix += data[: PREFIX_BYTES - len(self._prefix)]

    def _add(self, data: bytes, builder: _ChunkBuilder) -> Iterator[None]:
        """Whole lines, the first of which may have begun before."""
        if self._oversized_bytes:
            line_end = data.find(b"\n") + 1
            self._hash(data[:line_end])
            length = self._oversized_bytes + line_end - 1
            builder.add_long(LongLine(self._source, self._line, self.position, length, None))
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

    def _add_lines(self, data: bytes, builder: _ChunkBuilder) -> Iterator[None]:
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

    def _add_short(self, data: bytes, line_ends: Integers, builder: _ChunkBuilder) -> Iterator[None]:
        if not data:
            return
        if not builder.has_room(len(data)):
            self.checkpoint(builder)
            yield
        builder.add(data, line_ends, self._source, self.position, self._line)
        self._hash(data)
        self._advance(len(data), len(line_ends), builder)

    def _add_long(self, line: bytes, builder: _ChunkBuilder) -> Iterator[None]:
        if not builder.has_room(0):
            self.checkpoint(builder)
            yield
        if line.strip(_BLANK):
            content = line.strip(_BLANK) if len(line) <= MAX_LINE_BYTES else None
            builder.add_long(LongLine(self._source, self._line, self.position, len(line), content))
        self._hash(line + b"\n")
        self._advance(len(line) + 1, 1, builder)

    def _advance(self, length: int, lines: int, builder: _ChunkBuilder) -> None:
        self.position += length
        self._line += lines
        builder.chunk.bytes_read += length

    def checkpoint(self, builder: _ChunkBuilder) -> None:
        """How far the source is read with what is in the chunk so far."""
        if self._needs_prefix:
            prefix = self._prefix[: self.position]
            self.first_line_hash = short_hash(prefix.partition(b"\n")[0])
            self.prefix_hash = short_hash(prefix)
        if self.first_line_hash is None or self.prefix_hash is None or not self.position:
            return
        digest = self.state.digest()
        lines = self._line - 1
        builder.chunk.checkpoints[self._source] = Source(
            self._source,
            self.first_line_hash,
            self.prefix_hash,
            self.position,
            digest,
            lines,
            self.unterminated_line_start,
        )

    def _read_last_line(self, at: int, builder: _ChunkBuilder) -> Iterator[None]:
        """The last line, if it has no line end and is whole all the same."""
        if self._partial_line or self._oversized_bytes:
            line = bytes(self._partial_line)
            if (
                at < self._end
                or self._oversized_bytes
                or not is_whole_object(line.removeprefix(BOM) if self.position == 0 else line)
            ):
                raise FileChangedError
            # It goes into the chunk with a line end, which is no part of what is read of the source.
            before, unterminated_line_start = self.state.copy(), self.position
            if self.position == 0 and line.startswith(BOM):
                before.update(BOM)
            yield from self._add(b"\n", builder)
            before.update(line.removeprefix(BOM) if unterminated_line_start == 0 else line)
            self.state, self.unterminated_line_start = before, unterminated_line_start
            self._advance(-1, -1, builder)
        elif at < self._end:
            raise FileChangedError
        self.checkpoint(builder)


def _first_bytes(stream: LogStream, length: int) -> Iterator[bytes]:
    for block in stream.blocks():
        yield block[:length]
        length -= len(block)
        if length <= 0:
            return


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


def _anonymous_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("voicetel")
    with tempfile.TemporaryFile() as file, contextlib.suppress(OSError):
        return os.dup(file.fileno())
    raise OSError
