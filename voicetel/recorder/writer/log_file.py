"""The file a recorder appends to: whole lines only, one file per process and UTC day."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT
for _name in ("O_CLOEXEC", "O_NOFOLLOW", "O_BINARY"):
    _FLAGS |= getattr(os, _name, 0)


PAGE_BYTES: Final = 4096
"""A process can be killed between two pages of one write, never inside of one."""


class LogFile:
    """``<log_dir>/<UTC day>-<stem>.jsonl``, readable by its owner only.

    The folder is made when the first line is written. When the UTC day changes, a new file is begun, so that a
    log of an agent that never stops can be compressed and removed day by day. A file that was deleted while it is
    written is made again; one that was renamed or truncated is written on. A descriptor that somebody else closed
    (a process that becomes a daemon closes all it has) is never used again, even if its number now belongs to another
    file: the log is opened anew.

    A line that would cross from one page of the file into the next is moved to the next by spaces in front of it:
    whoever is killed leaves a whole line or none. Only lines longer than a page can be torn by a kill.

    Every method raises OSError and leaves the file fit for the next line: what a short write left behind is cut
    off, and where even that fails the next line begins on a line of its own.
    """

    def __init__(self, log_dir: Path, stem: str) -> None:
        self._log_dir = log_dir
        self._stem = stem
        self._day = ""
        self._descriptor: int | None = None
        self._identity: tuple[int, int] | None = None
        self._torn = False

    @property
    def path(self) -> Path | None:
        """The file that is open now or was open last; None before the first line."""
        return self._log_dir / f"{self._day}-{self._stem}.jsonl" if self._day else None

    def append(self, line: bytes) -> None:
        """Append one line, its newline included, by one ``os.write``."""
        descriptor, size = self._ready()
        data = b"\n" + line if self._torn else _padding(size, len(line)) + line
        try:
            written = os.write(descriptor, data)
        except OSError:
            self.close()
            raise
        if written < len(data):
            self._cut(descriptor, written)
            self.close()
            raise OSError(f"only {written} of {len(data)} bytes could be written")
        self._torn = False

    def sync(self) -> None:
        """Have the system put on disk what was appended."""
        if self._descriptor is not None:
            descriptor, _ = self._ready()
            os.fsync(descriptor)

    def close(self) -> None:
        """Close the file; the next line opens it again."""
        owned = self._own_status() is not None
        descriptor, self._descriptor = self._descriptor, None
        if owned and descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)

    def _ready(self) -> tuple[int, int]:
        """Give the descriptor to append to and the size of its file, opened if need be."""
        today = time.strftime("%Y-%m-%d", time.gmtime())
        # A wall clock that is set back keeps the file it has.
        if today > self._day:
            self.close()
            self._day = today
            self._torn = False
        status = self._own_status()
        if status is not None and status.st_nlink > 0 and self._descriptor is not None:
            return self._descriptor, status.st_size
        self.close()
        return self._open()

    def _own_status(self) -> os.stat_result | None:
        """Give the status of the open file; None where none is open, or the descriptor is not this log's any more."""
        if self._descriptor is None:
            return None
        try:
            status = os.fstat(self._descriptor)
        except OSError:
            return None
        return status if (status.st_dev, status.st_ino) == self._identity else None

    def _open(self) -> tuple[int, int]:
        self._log_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(f"{self._log_dir}/{self._day}-{self._stem}.jsonl", _FLAGS, 0o600)
        status = os.fstat(descriptor)
        self._descriptor, self._identity = descriptor, (status.st_dev, status.st_ino)
        self._torn = status.st_size > 0 and _last_byte(descriptor, status.st_size) != b"\n"
        return descriptor, status.st_size

    def _cut(self, descriptor: int, written: int) -> None:
        # The end is asked for, not remembered: somebody may have truncated the file since.
        try:
            os.ftruncate(descriptor, max(os.fstat(descriptor).st_size - written, 0))
        except OSError:
            self._torn = True


def _padding(size: int, line_bytes: int) -> bytes:
    """Spaces from the end of the file to the end of its page, if the line does not fit there and fits into one."""
    room = PAGE_BYTES - size % PAGE_BYTES
    return b" " * room if room < line_bytes <= PAGE_BYTES else b""


def _last_byte(descriptor: int, size: int) -> bytes:
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1)
