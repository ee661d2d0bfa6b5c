"""What a file holds, whatever it is called and however it is packed.

That is whole lines, and an identity that survives renaming, copying and compression.

Two files are the same source when the shorter is a beginning of the longer. That is judged by hashes of windows at
the beginning and before a given length, so that a gigabyte need not be read to know that it was read before.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD_BYTES = 4096
TAIL_BYTES = 65536
CHUNK_BYTES = 1 << 20

BOMB_RATIO = 300
BOMB_BYTES = 1 << 28
"""A file that unpacks to more than both is no log: real ones shrink ten- to fiftyfold."""

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Measure:
    """What one look at a content says of it. Lengths in bytes, decompressed.

    ``head`` is the hash of the first line (of its first 4 KiB) and None while that is not whole. ``length`` runs up
    to the last line end, ``tail`` is the hash that identifies the content up to there, ``pending`` is what stands
    behind it. ``damage`` says why decompression stopped early.
    """

    head: bytes | None
    length: int
    tail: bytes
    pending: int
    damage: str | None = None


class Content:
    """The bytes of one log file, decompressed. Every method opens the file anew and leaves nothing open."""

    def __init__(self, path: str) -> None:
        self.path = path
        with Path(path).open("rb") as file:
            magic = file.read(4)
        self._unpack = _unpacker(magic)

    @property
    def is_plain(self) -> bool:
        """Whether the bytes stand in the file as they are, so that any part can be read by itself."""
        return self._unpack is None

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """The bytes from ``start`` on, piece by piece. Raises DamagedError where decompression breaks off."""
        with Path(self.path).open("rb") as file:
            if self._unpack is None:
                file.seek(start)
                while chunk := file.read(CHUNK_BYTES):
                    yield chunk
                return
            before = 0
            for chunk in self._unpack(file):
                if before + len(chunk) > start:
                    yield chunk[max(0, start - before) :]
                before += len(chunk)

    def measure(self) -> Measure:
        """Find the head, the last line end and what is pending behind it."""
        if self._unpack is None:
            return self._measure_plain()
        head, recent, tail, total, length, damage = b"", b"", b"", 0, 0, None
        try:
            for chunk in self.chunks():
                if len(head) < HEAD_BYTES:
                    head += chunk[: HEAD_BYTES - len(head)]
                if (end := chunk.rfind(b"\n") + 1) > 0:
                    length = total + end
                    tail = (recent + chunk[:end])[-TAIL_BYTES:]
                recent = (recent + chunk)[-TAIL_BYTES:]
                total += len(chunk)
        except DamagedError as error:
            damage = str(error)
        return Measure(_head(head), length, _tail(head[:length], tail), total - length, damage)

    def _measure_plain(self) -> Measure:
        with Path(self.path).open("rb") as file:
            head = file.read(HEAD_BYTES)
            size = file.seek(0, os.SEEK_END)
            length = size
            while length > 0:
                begin = max(0, length - TAIL_BYTES)
                file.seek(begin)
                if (end := file.read(length - begin).rfind(b"\n")) >= 0:
                    length = begin + end + 1
                    break
                length = begin
            return Measure(_head(head), length, _tail(*_windows(file, length)), size - length)

    def tails(self, lengths: list[int]) -> dict[int, bytes]:
        """For each of ``lengths``, the hash that identifies the content up to there. Left out where it is shorter."""
        if self._unpack is not None:
            return self._tails_unpacked(lengths)
        with Path(self.path).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            return {length: _tail(*_windows(file, length)) for length in lengths if length <= size}

    def tail(self, length: int) -> bytes:
        """The hash that identifies the content up to ``length``, which it must have."""
        return self.tails([length])[length]

    def _tails_unpacked(self, lengths: list[int]) -> dict[int, bytes]:
        tails: dict[int, bytes] = {}
        wanted = sorted(set(lengths), reverse=True)
        head, recent, total = b"", b"", 0
        try:
            for chunk in self.chunks():
                if len(head) < HEAD_BYTES:
                    head += chunk[: HEAD_BYTES - len(head)]
                recent += chunk
                total += len(chunk)
                while wanted and wanted[-1] <= total:
                    length = wanted.pop()
                    end = len(recent) - (total - length)
                    tails[length] = _tail(head[:length], recent[max(0, end - TAIL_BYTES) : end])
                if not wanted:
                    break
                recent = recent[-TAIL_BYTES:]
        except DamagedError:
            pass
        return tails


class DamagedError(Exception):
    """A compressed file ends or breaks in the middle; what came before it is good."""


def _windows(file: BinaryIO, length: int) -> tuple[bytes, bytes]:
    file.seek(0)
    head = file.read(min(HEAD_BYTES, length))
    begin = max(0, length - TAIL_BYTES)
    file.seek(begin)
    return head, file.read(length - begin)


def _head(first_bytes: bytes) -> bytes | None:
    line, end, _ = first_bytes.partition(b"\n")
    whole = end or len(first_bytes) >= HEAD_BYTES
    return hashlib.blake2b(line, digest_size=16).digest() if whole else None


def _tail(head: bytes, tail: bytes) -> bytes:
    digest = hashlib.blake2b(head, digest_size=16)
    digest.update(tail)
    return digest.digest()


def _unpacker(magic: bytes) -> Callable[[BinaryIO], Iterator[bytes]] | None:
    if magic.startswith(_GZIP_MAGIC):
        return _gunzip
    if magic == _ZSTD_MAGIC:
        return _unzstd
    return None


def _gunzip(file: BinaryIO) -> Iterator[bytes]:
    """Every member, as far as it is good: ``gzip`` would lose what it had read when a member breaks off."""
    unpack = zlib.decompressobj(wbits=31)
    packed = unpacked = 0
    while data := file.read(CHUNK_BYTES >> 2):
        packed += len(data)
        while data:
            if unpack.eof:
                data = data.lstrip(b"\0")
                if not data:
                    break
                if not data.startswith(_GZIP_MAGIC[: len(data)]):
                    raise DamagedError("something that is not gzip follows the last member")
                unpack = zlib.decompressobj(wbits=31)
            try:
                chunk = unpack.decompress(data, CHUNK_BYTES)
            except zlib.error as error:
                raise DamagedError("the gzip data is broken") from error
            data = unpack.unconsumed_tail or unpack.unused_data
            unpacked += len(chunk)
            if chunk:
                yield chunk
            _refuse_bomb(packed, unpacked)
    if not unpack.eof:
        raise DamagedError("the gzip data breaks off")


def _unzstd(file: BinaryIO) -> Iterator[bytes]:
    import pyarrow as pa  # noqa: PLC0415  a fifth of a second, for the few who have .zst

    unpacked = 0
    try:
        with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                unpacked += len(chunk)
                yield chunk
                _refuse_bomb(file.tell(), unpacked)
    except OSError as error:
        raise DamagedError("the zstd data is broken or breaks off") from error


def _refuse_bomb(packed: int, unpacked: int) -> None:
    if unpacked > BOMB_BYTES and unpacked > packed * BOMB_RATIO:
        raise DamagedError(f"it unpacks to more than {BOMB_RATIO} times its size")
