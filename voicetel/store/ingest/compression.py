"""Compressed logs unpacked: every member of a file, as far as it is good.

A tool that compresses in parallel, or appends, writes one member after the other (a stream, a frame). Where one is broken, the
whole ones behind it count all the same.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voicetel.store.ingest.open_file import Readable

BLOCK_BYTES = 1 << 20

BOMB_RATIO = 300
BOMB_BYTES = 1 << 28
"""A file that unpacks to more than both is no log: real ones shrink ten- to fiftyfold."""

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class DamagedError(Exception):
    """A compressed file ends or breaks in the middle; what came before it is good."""


class _BrokenMemberError(Exception):
    """A member ends or breaks in the middle, or what stands there is none."""


class _Inflater:
    """zlib's decompressor of one gzip member, asked as those of bz2 and lzma are."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        """The member has ended."""
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        """Nothing more comes of what it was given."""
        return not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """What stands behind the member."""
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most so many bytes of what was given so far."""
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)


@dataclass(frozen=True, slots=True)
class _Format:
    """How members are known and unpacked. ``beginning``: the bytes that each begins with that a tool writes."""

    name: str
    magic: bytes
    beginning: bytes
    new: Callable[[], Any]
    errors: tuple[type[Exception], ...]


_FORMATS = (
    _Format("gzip", b"\x1f\x8b", b"\x1f\x8b\x08", _Inflater, (zlib.error,)),
    _Format("bzip2", b"BZh", b"BZh", bz2.BZ2Decompressor, (OSError, EOFError, ValueError)),
    _Format("xz", b"\xfd7zXZ\x00", b"\xfd7zXZ\x00", lzma.LZMADecompressor, (lzma.LZMAError, EOFError, ValueError)),
)


def unpacker(magic: bytes) -> Callable[[Readable], Iterator[bytes]] | None:
    """What unpacks a file with these first bytes; None where it is not compressed."""
    if magic.startswith(_ZSTD_MAGIC):
        return _unzstd
    found = next((each for each in _FORMATS if magic.startswith(each.magic)), None)
    return None if found is None else partial(_unpack, format_=found)


def _unpack(file: Readable, format_: _Format) -> Iterator[bytes]:
    """Every member, as far as it is good, those behind a broken one too.

    Where a broken member ends within a line, a line end is put there, so that it takes no line of the next one with it.
    """
    following: int | None = 0
    unpacked, damage, last = 0, "", b"\n"
    while following is not None:
        begin = following
        member = _Member(file, begin, format_)
        try:
            for block in member.blocks():
                last = block[-1:]
                unpacked += len(block)
                _refuse_bomb(member.end, unpacked)
                yield block
            following = member.next()
        except _BrokenMemberError as error:
            following = _whole_member_behind(file, begin, format_)
            damage = damage or (str(error) if following is None else f"{error} (whole members behind it count, too)")
            if following is not None and last != b"\n":
                yield b"\n"
    if damage:
        raise DamagedError(damage)


class _Member:
    """One member of a file, from a position on. ``end``: how far it is read."""

    def __init__(self, file: Readable, begin: int, format_: _Format) -> None:
        self._file = file
        self._format = format_
        self.end = begin

    def blocks(self) -> Iterator[bytes]:
        """What it holds. Raises _BrokenMemberError."""
        name, unpack = self._format.name, self._format.new()
        self._file.seek(self.end)
        while not unpack.eof and (data := self._file.read(BLOCK_BYTES >> 2)):
            self.end += len(data)
            while not unpack.eof and (data or not unpack.needs_input):
                try:
                    block = unpack.decompress(data, BLOCK_BYTES)
                except self._format.errors as error:
                    raise _BrokenMemberError(f"the {name} data is broken") from error
                data = b""
                if block:
                    yield block
        if not unpack.eof:
            raise _BrokenMemberError(f"the {name} data breaks off")
        self.end -= len(unpack.unused_data)

    def next(self) -> int | None:
        """Where the next member begins, zeros between the two left out; None at the end of the file.

        Raises _BrokenMemberError where something else stands there.
        """
        self._file.seek(self.end)
        while data := self._file.read(BLOCK_BYTES):
            if rest := data.lstrip(b"\0"):
                begin = self.end + len(data) - len(rest)
                if rest.startswith(self._format.magic[: len(rest)]):
                    return begin
                raise _BrokenMemberError(f"something that is not {self._format.name} follows the last member")
            self.end += len(data)
        return None


def _whole_member_behind(file: Readable, broken: int, format_: _Format) -> int | None:
    """Where the first whole member behind the beginning of a broken one begins: that may be within what was taken for it."""
    at, held = broken + 1, b""
    beginning = format_.beginning
    file.seek(at)
    while data := file.read(BLOCK_BYTES):
        held += data
        found = held.find(beginning)
        while found >= 0:
            if _is_whole(_Member(file, at + found, format_)):
                return at + found
            found = held.find(beginning, found + 1)
        kept = held[-len(beginning) + 1 :]
        at, held = at + len(held) - len(kept), kept
        file.seek(at + len(kept))
    return None


def _is_whole(member: _Member) -> bool:
    try:
        for _ in member.blocks():
            pass
    except _BrokenMemberError:
        return False
    return True


def _unzstd(file: Readable) -> Iterator[bytes]:
    import pyarrow as pa  # noqa: PLC0415  for the few who have .zst

    unpacked = 0
    try:
        with pa.CompressedInputStream(pa.PythonFile(_LeftOpen(file), mode="r"), "zstd") as stream:
            while block := stream.read(BLOCK_BYTES):
                unpacked += len(block)
                yield block
                _refuse_bomb(file.tell(), unpacked)
    except OSError as error:
        raise DamagedError("the zstd data is broken or breaks off") from error


class _LeftOpen:
    """A file that stays open when its reader is closed."""

    closed = False

    def __init__(self, file: Readable) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Some bytes."""
        return self._file.read(size)

    def tell(self) -> int:
        """Where the next ones come from."""
        return self._file.tell()

    def close(self) -> None:
        """Not this one's to close."""


def _refuse_bomb(packed: int, unpacked: int) -> None:
    if unpacked > BOMB_BYTES and unpacked > packed * BOMB_RATIO:
        raise DamagedError(f"it unpacks to more than {BOMB_RATIO} times its size")
