"""By what a log is known again: the file as the file system has it, and hashes of what stands in it."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import xxhash

from voicetel.events.fields import MAX_LINE_BYTES

if TYPE_CHECKING:
    import os

    from voicetel.store.ingest.open_log import OpenLog

BLANKS = b" \t\r\v\f"
"""What may stand before a line and behind it, and is no part of it."""
PREFIX_BYTES = 4096
_STEP_BYTES = 1 << 16
_STABLE_AFTER_NS = 100_000_000
BOM = b"\xef\xbb\xbf"
"""Of UTF-8. At the start of a file it is no part of the first line."""
_OBJECT_STABLE_AFTER_NS = 20 * 60 * 1_000_000_000
"""Listings give whole seconds by the storage's clock, which may differ from ours by 15 minutes: further off, S3 answers nothing."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file and what the file system says of it: enough to tell whether it changed since it was read.

    Of an object in storage ``path`` is the URI, and ``etag`` what the storage calls this version of it; empty while it is only
    listed, or where the storage has no such name. Of a file ``etag`` is None.
    """

    path: str
    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    etag: str | None = None

    @classmethod
    def of(cls, path: str, status: os.stat_result) -> LogFile:
        """What ``stat`` says."""
        return cls(path, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    @classmethod
    def listed(cls, uri: str, size: int, mtime_ns: int) -> LogFile:
        """What a listing of objects says."""
        return cls(uri, 0, 0, size, mtime_ns, 0, "")

    def is_stable(self) -> bool:
        """Whether it was last written long enough ago that another write would give it another time."""
        last = max(self.mtime_ns, self.ctime_ns)
        return last + (_STABLE_AFTER_NS if self.etag is None else _OBJECT_STABLE_AFTER_NS) < time.time_ns()

    def is_unchanged_since(self, earlier: LogFile) -> bool:
        """Whether it is certainly what it was. Of an object that is listed, not all is known."""
        return self == (replace(earlier, etag="") if self.etag == "" else earlier)

    def is_same_file(self, earlier: LogFile) -> bool:
        """Whether it is the one that it was, which may have grown; of an object, that very version."""
        return (self.device, self.inode, self.etag) == (earlier.device, earlier.inode, earlier.etag)

    def as_stale(self) -> LogFile:
        """The same, such that no file is equal to it: it has to be looked into again."""
        return replace(self, size=-1)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What one look at a log stream says of it. Lengths in bytes, decompressed.

    ``first_line_hash`` is a hash of the first line (of its first 4 KiB) and None while that is not whole; ``prefix_hash`` one of the
    first 4 KiB (of less, where there is less) of ``length``, which runs up to the last line end. ``digest`` hashes all of it;
    None: not known. ``pending_bytes`` stand behind it: a last line without its end. A last line without a line end that is a whole JSON object belongs
    to ``length``; ``unterminated_line_start`` is where it begins. ``decompression_error`` says why decompression stopped early.
    """

    first_line_hash: bytes | None
    prefix_hash: bytes | None
    length: int
    digest: bytes | None
    pending_bytes: int
    unterminated_line_start: int | None = None
    decompression_error: str | None = None


@dataclass(frozen=True, slots=True)
class StreamState:
    """A log stream as far as it was read: its hashes up to there, and how many line ends there were."""

    stream_id: int
    first_line_hash: bytes
    prefix_hash: bytes
    length: int
    digest: bytes
    line_count: int
    unterminated_line_start: int | None = None


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the ingest state has stored of a path: the file as it was, what it held, and the log stream that this is, or begins (None: not one line is whole yet)."""

    file: LogFile
    fingerprint: Fingerprint
    stream_id: int | None


def short_hash(data: bytes) -> bytes:
    """A hash of a few bytes."""
    return hashlib.blake2b(data, digest_size=16).digest()


def take_fingerprint(log: OpenLog) -> Fingerprint:
    """Find the first line, the last line end and how many bytes stand behind it.

    What is compressed is read to its end for that, and hashed on the way.
    """
    return _fingerprint_plain(log) if log.is_uncompressed else _fingerprint_compressed(log)


def _fingerprint_plain(log: OpenLog) -> Fingerprint:
    prefix = log.read_at(0, PREFIX_BYTES)
    size = log.size()
    length, last = size, b""
    while length > 0:
        begin = max(0, length - _STEP_BYTES)
        block = log.read_at(begin, length - begin)
        if (end := block.rfind(b"\n")) >= 0:
            length = begin + end + 1
            break
        length = begin
    if 0 < size - length <= MAX_LINE_BYTES:
        last = log.read_at(length, size - length)
    return _fingerprint(prefix, last, length=length, pending_bytes=size - length)


def _fingerprint_compressed(log: OpenLog) -> Fingerprint:
    prefix, last, total, length, decompression_error = b"", bytearray(), 0, 0, None
    hasher = xxhash.xxh3_128()
    whole_lines_hasher = hasher.copy()
    for block in log.blocks():
        if len(prefix) < PREFIX_BYTES:
            prefix += block[: PREFIX_BYTES - len(prefix)]
        if (end := block.rfind(b"\n") + 1) > 0:
            hasher.update(block[:end])
            whole_lines_hasher = hasher.copy()
            hasher.update(block[end:])
            length = total + end
            last = bytearray(block[end:])
        else:
            hasher.update(block)
            if len(last) <= MAX_LINE_BYTES:
                last += block
        total += len(block)
    decompression_error = log.decompression_error
    pending_bytes = total - length
    suffix = bytes(last) if pending_bytes == len(last) and decompression_error is None else b""
    found = _fingerprint(
        prefix,
        suffix,
        length=length,
        pending_bytes=pending_bytes,
        digest=whole_lines_hasher.digest(),
        decompression_error=decompression_error,
    )
    if found.unterminated_line_start is not None:
        return Fingerprint(
            found.first_line_hash,
            found.prefix_hash,
            found.length,
            hasher.digest(),
            0,
            found.unterminated_line_start,
            decompression_error,
        )
    return found


def _fingerprint(
    prefix: bytes,
    last: bytes,
    *,
    length: int,
    pending_bytes: int,
    digest: bytes | None = None,
    decompression_error: str | None = None,
) -> Fingerprint:
    unterminated_line_start = None
    if last and is_whole_object(last.removeprefix(BOM) if length == 0 else last):
        unterminated_line_start, length, pending_bytes = length, length + len(last), 0
    prefix = prefix[:length]
    first_line, line_end, _ = prefix.partition(b"\n")
    has_whole_first_line = line_end or len(prefix) >= PREFIX_BYTES or (unterminated_line_start == 0)
    if not has_whole_first_line:
        return Fingerprint(None, None, length, digest, pending_bytes, unterminated_line_start, decompression_error)
    return Fingerprint(
        short_hash(first_line),
        short_hash(prefix),
        length,
        digest,
        pending_bytes,
        unterminated_line_start,
        decompression_error,
    )


def is_whole_object(line: bytes) -> bool:
    """Whether a last line without a line end cannot be the beginning of a longer one."""
    stripped = line.strip(BLANKS)
    if not (stripped.startswith(b"{") and stripped.endswith(b"}")):
        return False
    try:
        return isinstance(json.loads(stripped), dict)
    except (ValueError, RecursionError):
        return False
