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
    from collections.abc import Callable, Generator, Iterator

    from voicetel.store.ingest.open_file import Readable

BLOCK_BYTES = 1 << 19
"""So much is allocated and copied in the processor's cache."""

BOMB_RATIO = 300
BOMB_BYTES = 1 << 28
"""A file that unpacks to more than both is no log: real ones shrink ten- to fiftyfold."""

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = tuple(bytes([low, 0x2A, 0x4D, 0x18]) for low in range(0x50, 0x60))
"""How frames begin that hold no data; tools that compress in parallel write them between the others."""
_ZSTD_READ_BYTES = 1 << 16
"""Asked of a frame at once: what it unpacks to before it breaks is lost where it is less."""
_RESERVED_BLOCK = 3


class DecompressionError(Exception):
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
    """How members are known and unpacked. ``data_magic``: the bytes that each with data begins with that a tool writes."""

    name: str
    magics: tuple[bytes, ...]
    data_magic: bytes
    new_decompressor: Callable[[], Any] | None
    """A decompressor of one member as bz2 has them; None: its members are frames of zstd."""
    errors: tuple[type[Exception], ...]


_FORMATS = (
    _Format("gzip", (b"\x1f\x8b",), b"\x1f\x8b\x08", _Inflater, (zlib.error,)),
    _Format("bzip2", (b"BZh",), b"BZh", bz2.BZ2Decompressor, (OSError, EOFError, ValueError)),
    _Format("xz", (b"\xfd7zXZ\x00",), b"\xfd7zXZ\x00", lzma.LZMADecompressor, (lzma.LZMAError, EOFError, ValueError)),
    _Format("zstd", (_ZSTD_MAGIC, *_ZSTD_SKIPPABLE), _ZSTD_MAGIC, None, (OSError,)),
)


def decompressor(magic: bytes) -> Callable[[Readable], Iterator[bytes]] | None:
    """What unpacks a file with these first bytes; None where it is not compressed."""
    found = next((each for each in _FORMATS if magic.startswith(each.magics)), None)
    return None if found is None else partial(_decompress, format_=found)


def _decompress(file: Readable, format_: _Format) -> Iterator[bytes]:
    """Every member, as far as it is good, those behind a broken one too.

    Where a broken member ends within a line, a line end is put there, so that it takes no line of the next one with it.
    """
    following: int | None = 0
    unpacked, decompression_error, last = 0, "", b"\n"
    while following is not None:
        begin = following
        member = _Member(file, begin, format_)
        try:
            for block in member.blocks():
                last = block[-1:]
                unpacked += len(block)
                _check_bomb(member.position, unpacked)
                yield block
            following = member.find_next()
        except _BrokenMemberError as error:
            following = _next_intact_member(file, begin, format_)
            decompression_error = decompression_error or (
                str(error) if following is None else f"{error} (whole members behind it count, too)"
            )
            if following is not None and last != b"\n":
                yield b"\n"
    if decompression_error:
        raise DecompressionError(decompression_error)


class _Member:
    """One member of a file, from a position on. ``position``: how far it is read."""

    def __init__(self, file: Readable, begin: int, format_: _Format) -> None:
        self._file = file
        self._format = format_
        self.position = begin

    def blocks(self) -> Iterator[bytes]:
        """What it holds. Raises _BrokenMemberError."""
        if self._format.new_decompressor is None:
            yield from self._frame()
            return
        name, unpacker = self._format.name, self._format.new_decompressor()
        self._file.seek(self.position)
        while not unpacker.eof and (data := self._file.read(BLOCK_BYTES >> 2)):
            self.position += len(data)
            while not unpacker.eof and (data or not unpacker.needs_input):
                try:
                    block = unpacker.decompress(data, BLOCK_BYTES)
                except self._format.errors as error:
                    raise _BrokenMemberError(f"the {name} data is broken") from error
                data = b""
                if block:
                    yield block
        if not unpacker.eof:
            raise _BrokenMemberError(f"the {name} data breaks off")
        self.position -= len(unpacker.unused_data)

    def _frame(self) -> Iterator[bytes]:
        """The same of a frame of zstd."""
        import pyarrow as pa  # noqa: PLC0415  for the few who have .zst

        frame = _ZstdFrame(self._file, self.position)
        try:
            with pa.CompressedInputStream(pa.PythonFile(frame, mode="r"), "zstd") as stream:
                while block := stream.read(_ZSTD_READ_BYTES):
                    self.position = frame.position
                    yield block
        except OSError as error:
            raise _BrokenMemberError("the zstd data is broken or breaks off") from error
        self.position = frame.position
        if not frame.is_whole:
            raise _BrokenMemberError("the zstd data is broken or breaks off")

    def find_next(self) -> int | None:
        """Where the next member begins, zeros between the two left out; None at the end of the file.

        Raises _BrokenMemberError where something else stands there.
        """
        self._file.seek(self.position)
        while data := self._file.read(BLOCK_BYTES):
            if rest := data.lstrip(b"\0"):
                begin = self.position + len(data) - len(rest)
                if any(rest.startswith(magic[: len(rest)]) for magic in self._format.magics):
                    return begin
                raise _BrokenMemberError(f"something that is not {self._format.name} follows the last member")
            self.position += len(data)
        return None


class _ZstdFrame:
    """One frame as a file that ends with it, so that its reader takes nothing of the next. ``position``: how far it is read."""

    closed = False

    def __init__(self, file: Readable, begin: int) -> None:
        self._file = file
        self._parser = _frame_parser()
        self._requested = next(self._parser)
        """How many bytes the parser needs next; below zero: how many it passes over."""
        self._buffer = bytearray()
        """Those of them that are read."""
        self.position = begin
        self.is_whole = False
        file.seek(begin)

    def read(self, size: int = -1) -> bytes:
        """Some bytes."""
        if self.is_whole:
            return b""
        data = self._file.read(min(size, BLOCK_BYTES >> 2) if size >= 0 else BLOCK_BYTES >> 2)
        taken = 0
        while taken < len(data) and not self.is_whole:
            taken += self._parse(data[taken:])
        self.position += taken
        return data[:taken]

    def _parse(self, data: bytes) -> int:
        """Give the parser the bytes that it needs next; how many of ``data`` these are."""
        taken = data[: abs(self._requested) - len(self._buffer)]
        if self._requested < 0:
            self._requested += len(taken)
        else:
            self._buffer += taken
        if len(self._buffer) == self._requested:
            part = bytes(self._buffer)
            self._buffer.clear()
            try:
                self._requested = self._parser.send(part)
                while not self._requested:
                    self._requested = self._parser.send(b"")
            except StopIteration:
                self.is_whole = True
        return len(taken)

    def tell(self) -> int:
        """Where the next bytes come from."""
        return self.position

    def close(self) -> None:
        """The file is not this one's to close."""


def _frame_parser() -> Generator[int, bytes, None]:
    """Finds the end of a frame by the sizes that stand in it (RFC 8878). Yields how many bytes it needs next, and is sent them.

    Below zero, so many bytes are passed over: content that it need not see.
    """
    magic = yield 4
    if magic in _ZSTD_SKIPPABLE:
        yield -int.from_bytes((yield 4), "little")
        return
    (descriptor,) = yield 1
    has_window = not descriptor & 0x20
    size_bytes = (0 if has_window else 1, 2, 4, 8)[descriptor >> 6]
    yield has_window + (0, 1, 2, 4)[descriptor & 3] + size_bytes
    is_last = False
    while not is_last:
        header = int.from_bytes((yield 3), "little")
        is_last, kind, size = bool(header & 1), header >> 1 & 3, header >> 3
        if kind == _RESERVED_BLOCK:
            raise OSError("a block of no kind that there is")
        yield -(1 if kind == 1 else size)  # one byte that is repeated, or as many as there are
    yield 4 if descriptor & 4 else 0


def _next_intact_member(file: Readable, broken: int, format_: _Format) -> int | None:
    """Where the first whole member behind the beginning of a broken one begins: that may be within what was taken for it."""
    at, held = broken + 1, b""
    data_magic = format_.data_magic
    file.seek(at)
    while data := file.read(BLOCK_BYTES):
        held += data
        found = held.find(data_magic)
        while found >= 0:
            if _is_whole(_Member(file, at + found, format_)):
                return at + found
            found = held.find(data_magic, found + 1)
        kept = held[-len(data_magic) + 1 :]
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


def _check_bomb(packed: int, unpacked: int) -> None:
    if unpacked > BOMB_BYTES and unpacked > packed * BOMB_RATIO:
        raise DecompressionError(f"it unpacks to more than {BOMB_RATIO} times its size")
