"""A chunk: lines in memory by their positions, and the pool that the memory comes from."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from voicetel.store.ingest.fingerprints import StreamState
    from voicetel.store.segments.arrays import Integers

LineContent: TypeAlias = bytes | None


@dataclass(frozen=True, slots=True)
class LongLine:
    """A line that is not in the chunk's memory. ``content`` None: longer than a line may be."""

    stream_id: int
    line: int
    byte_offset: int
    bytes: int
    content: LineContent


@dataclass(slots=True)
class Chunk:
    """Lines that are not blank, by their positions: ``begins`` and ``ends`` in the memory, blanks at both ends left out.

    ``line`` counts from 1, ``byte_offset`` from 0, decompressed; ``length`` is in bytes without the line end, blanks included.
    ``checkpoints`` say how far log streams are read once the chunk is. ``rewinds`` are (log stream, byte): from there on it is read
    anew, since its last line had no end; rows of it that are there already are deleted.
    """

    descriptor: int
    size: int = 0
    begins: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    ends: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    stream_id: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    line: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    byte_offset: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    length: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    long_lines: list[LongLine] = field(default_factory=list)
    checkpoints: dict[int, StreamState] = field(default_factory=dict)
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


def _anonymous_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("voicetel")
    with tempfile.TemporaryFile() as file, contextlib.suppress(OSError):
        return os.dup(file.fileno())
    raise OSError
