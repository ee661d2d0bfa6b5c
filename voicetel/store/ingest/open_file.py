"""A file that is open for reading from any position."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Readable(Protocol):
    """What is read piece by piece: a file, or an object in storage."""

    def read(self, length: int, /) -> bytes:
        """Bytes from where the last ones ended, perhaps fewer; none at the end."""

    def seek(self, position: int, /) -> int:
        """Go on elsewhere."""

    def tell(self) -> int:
        """Where ``read`` goes on."""


class OpenFile:
    """A file of this machine. It stays the same file whatever happens to its name."""

    def __init__(self, file: BinaryIO) -> None:
        self._descriptor = file.fileno()
        self.read: Callable[[int], bytes] = file.read
        self.seek: Callable[[int], int] = file.seek
        self.tell: Callable[[], int] = file.tell

    def status(self) -> os.stat_result:
        """What the file system says of it now."""
        return os.fstat(self._descriptor)

    @property
    def size(self) -> int:
        """Bytes on disk now."""
        return self.status().st_size

    def read_at(self, start: int, length: int) -> bytes:
        """Bytes from a position on; fewer where it ends."""
        data = os.pread(self._descriptor, length, start)
        while len(data) < length and (more := os.pread(self._descriptor, length - len(data), start + len(data))):
            data += more
        return data

    def read_into(self, buffer: memoryview, start: int) -> int:
        """Fill a buffer with bytes from a position on, and say with how many; 0 at the end."""
        return os.preadv(self._descriptor, [buffer], start)

    def block_at(self, start: int, length: int) -> bytes:
        """At most so many bytes from a position on, as they come; none at the end."""
        return os.pread(self._descriptor, length, start)
