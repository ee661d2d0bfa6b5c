"""Whole lines under a name that DuckDB can open, bounded at both ends whatever happens to the file meanwhile.

A file that is read from its beginning to its end goes by its own descriptor. A part of a file, or decompressed
bytes, are copied into memory that has a descriptor (an unlinked temporary file where there is none), at most
``SLICE_BYTES`` at a time.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicetel.events.fields import MAX_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.store.content import Content

SLICE_BYTES = 1 << 28
WHOLE_FILE_BYTES = 1 << 30
"""A file up to this size is read by its own descriptor; a larger one in slices, so that a kill costs little."""

MOST_SLICES = 6000
DESCRIPTORS_PER_SLICE = 3
"""Ours and the engine's, and one to spare for everything else that is open."""

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Oversize:
    """A line longer than a line may be, by its place in the content. ``bytes`` leaves the line end out."""

    byte_offset: int
    bytes: int


@dataclass(slots=True)
class Slice:
    """Whole lines of one content, from ``start`` up to ``end`` (bytes, decompressed), readable as ``name``.

    ``oversize`` are lines between the two that are too long and are not in what ``name`` holds, which is ``parts``:
    [from, to) of the content, in order. Close it when it has been read.
    """

    descriptor: int
    start: int
    end: int
    parts: list[tuple[int, int]] = field(default_factory=list)
    oversize: list[Oversize] = field(default_factory=list)
    of_file: bool = False

    @property
    def name(self) -> str:
        """A name by which this process can open it."""
        return f"/dev/fd/{self.descriptor}"

    @property
    def reach_bytes(self) -> int:
        """How far it reaches, lines that are too long included."""
        return self.end - self.start

    def grew(self) -> bool:
        """Whether it is a file that got longer or shorter, so that what was read may be more or less than it says."""
        return self.of_file and os.fstat(self.descriptor).st_size != self.end

    def chunks(self) -> Iterator[tuple[int, bytes]]:
        """(offset in the content, bytes) of what ``name`` holds, in order."""
        position = 0
        for begin, end in self.parts:
            at = begin
            while at < end:
                data = os.pread(self.descriptor, min(1 << 20, end - at), position)
                if not data:
                    return
                yield at, data
                at += len(data)
                position += len(data)

    def close(self) -> None:
        """Let go of the descriptor, and of the copy with it."""
        os.close(self.descriptor)


def slices_at_once(wanted: int) -> int:
    """How many slices may be open together, of ``wanted``: as many as the system lets one process open.

    Many files are read in few transactions then, each of which costs as much as some thousand lines. Where the usual
    limit of 1024 descriptors is too low for that, it is raised as far as any process may raise its own.
    """
    try:
        import resource  # noqa: PLC0415  not on every system
    except ImportError:
        return 128
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = DESCRIPTORS_PER_SLICE * min(wanted, MOST_SLICES)
    if resource.RLIM_INFINITY != soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else max(soft, min(needed, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MOST_SLICES if soft == resource.RLIM_INFINITY else max(1, min(MOST_SLICES, soft // DESCRIPTORS_PER_SLICE))


def slices(content: Content, start: int, end: int, *, whole: bool = True) -> Iterator[Slice]:
    """Cut [start, end) of a content, both at line ends, into slices. With ``whole`` a file may go by its descriptor."""
    if whole and content.is_plain and start == 0 and end <= WHOLE_FILE_BYTES:
        slice_ = _whole_file(content.path, end)
        if slice_:
            yield slice_
            return
    yield from _copies(content, start, end)


def _whole_file(path: str, end: int) -> Slice | None:
    """The file itself, if it ends where it should and DuckDB can read all of it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    if os.fstat(descriptor).st_size == end and os.pread(descriptor, 3, 0) != _BOM and _lines_fit(descriptor, end):
        return Slice(descriptor, 0, end, [(0, end)], of_file=True)
    os.close(descriptor)
    return None


def _lines_fit(descriptor: int, end: int) -> bool:
    """Whether no line is too long: wherever there is a line end in every window of that length, none can be."""
    at, window = 0, 1 << 16
    while end - at > MAX_LINE_BYTES:
        last = at + MAX_LINE_BYTES + 1
        begin = last
        while begin > at:
            begin = max(at, begin - window)
            found = os.pread(descriptor, min(window, last - begin), begin).rfind(b"\n")
            if found >= 0:
                at = begin + found + 1
                break
        else:
            return False
    return True


class _Copy:
    """A slice being filled."""

    def __init__(self, start: int) -> None:
        self.slice = Slice(_anonymous_file(), start, start)
        self.held = 0

    def add(self, begin: int, data: bytes | memoryview) -> None:
        end = begin + len(data)
        while data:
            written = os.write(self.slice.descriptor, data)
            self.held += written
            data = memoryview(data)[written:]
        parts = self.slice.parts
        if parts and parts[-1][1] == begin:
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((begin, end))
        self.slice.end = end

    def skip(self, line: Oversize) -> None:
        self.slice.oversize.append(line)
        self.slice.end = line.byte_offset + line.bytes + 1


def _copies(content: Content, start: int, end: int) -> Iterator[Slice]:
    copy = _Copy(start)
    for piece in _whole_lines(content, start, end):
        if isinstance(piece, Oversize):
            copy.skip(piece)
        else:
            copy.add(*piece)
        if copy.held >= SLICE_BYTES:
            yield copy.slice
            copy = _Copy(copy.slice.end)
    if copy.slice.end > copy.slice.start:
        yield copy.slice
    else:
        copy.slice.close()


def _whole_lines(content: Content, start: int, end: int) -> Iterator[tuple[int, bytes] | Oversize]:
    """The lines of [start, end) as runs of lines that fit, each with its offset, and the lines that do not."""
    at = start
    rest = b""
    skipped = 0
    chunks = content.chunks(start)
    # Not one chunk further: a compressed file may break off right behind the end.
    while (left := end - at - len(rest) - skipped) > 0:
        data = next(chunks, b"")[:left]
        if not data:
            break
        if skipped:
            stop = data.find(b"\n") + 1
            skipped += stop or len(data)
            if not stop:
                continue
            yield Oversize(at, skipped - 1)
            at, skipped, data = at + skipped, 0, data[stop:]
        if at == 0 and not rest and data.startswith(_BOM):
            at, data = at + len(_BOM), data[len(_BOM) :]
        data = rest + data
        stop = data.rfind(b"\n") + 1
        rest = data[stop:]
        yield from _fitting(at, data[:stop])
        at += stop
        if len(rest) > MAX_LINE_BYTES:
            skipped, rest = len(rest), b""


def _fitting(at: int, lines: bytes) -> Iterator[tuple[int, bytes] | Oversize]:
    """Whole lines as one run, cut only where there may be one that is too long."""
    begin = 0
    while len(lines) - begin > MAX_LINE_BYTES:
        stop = lines.find(b"\n", begin) + 1
        too_long = stop - begin - 1 > MAX_LINE_BYTES
        yield Oversize(at + begin, stop - begin - 1) if too_long else (at + begin, lines[begin:stop])
        begin = stop
    if begin < len(lines):
        yield at + begin, lines[begin:]


def _anonymous_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("voicetel")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
