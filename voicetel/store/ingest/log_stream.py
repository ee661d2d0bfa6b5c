"""The bytes of one log file, decompressed, whatever it is called and however it is packed."""

from __future__ import annotations

import bz2
import contextlib
import lzma
import os
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import xxhash

from voicetel.store.ingest.fingerprints import LogFile
from voicetel.store.ingest.open_file import OpenFile
from voicetel.store.object_storage.uris import is_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from voicetel.store.ingest.open_file import Readable
    from voicetel.store.object_storage.object_file import ObjectFile

    Opener: TypeAlias = Callable[[str], contextlib.AbstractContextManager["LogStream"]]

BLOCK_BYTES = 1 << 20

BOMB_RATIO = 300
BOMB_BYTES = 1 << 28
"""A file that unpacks to more than both is no log: real ones shrink ten- to fiftyfold."""

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_DEFLATE = _GZIP_MAGIC + b"\x08"
"""How every member begins that a tool writes."""
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_BZIP2_MAGIC = b"BZh"
_XZ_MAGIC = b"\xfd7zXZ\x00"


class DamagedError(Exception):
    """A compressed file ends or breaks in the middle; what came before it is good."""


class LogStream:
    """One open file. ``damage`` says, once it was read, why decompression stopped early."""

    def __init__(self, path: str, file: OpenFile | ObjectFile) -> None:
        self.path = path
        self.damage: str | None = None
        self._file = file
        self._unpack = _unpacker(file.read_at(0, 6))

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: str) -> Iterator[LogStream]:
        """Open a file or an object for as long as it is needed.

        A file stays the same whatever happens to its name; of an object ``is_replaced`` tells.
        """
        if is_object(path):
            from voicetel.store.object_storage.object_file import ObjectFile  # noqa: PLC0415  paths of files do without

            with ObjectFile.open(path) as found:
                yield cls(path, found)
            return
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  a name can be /dev/fd/N
            yield cls(path, OpenFile(file))

    @classmethod
    @contextlib.contextmanager
    def opening_ahead(cls, paths: Sequence[str]) -> Iterator[Opener]:
        """What opens ``paths``, asked in their order: objects are under way before their turn comes."""
        names = [path for path in paths if is_object(path)]
        if len(names) < 2:
            yield cls.open
            return
        from voicetel.store.object_storage.ahead import ObjectsAhead  # noqa: PLC0415  paths of files do without

        with ObjectsAhead(names) as ahead:

            @contextlib.contextmanager
            def opened(path: str) -> Iterator[LogStream]:
                if not is_object(path):
                    with cls.open(path) as stream:
                        yield stream
                    return
                with contextlib.closing(ahead.take(path)) as found:
                    yield cls(path, found)

            yield opened

    @property
    def is_plain(self) -> bool:
        """Whether the bytes stand in the file as they are, so that any of them can be read by themselves."""
        return self._unpack is None

    def file(self, listed: LogFile) -> LogFile:
        """What the file system says of it now; of an object, what the storage says beside the time by which it is ``listed``."""
        if isinstance(self._file, OpenFile):
            return LogFile.of(self.path, self._file.status())
        return replace(listed, size=self._file.size, etag=self._file.etag)

    def is_replaced(self) -> bool:
        """Whether an object was replaced while it was read, so that it is none of its versions that was. Never of a file."""
        return not isinstance(self._file, OpenFile) and self._file.is_replaced()

    def size(self) -> int:
        """Bytes that are stored now, compressed or not."""
        return self._file.size

    def read_at(self, start: int, length: int) -> bytes:
        """Bytes of a file that is not compressed; fewer where it ends."""
        return self._file.read_at(start, length)

    def blocks(self, start: int = 0) -> Iterator[bytes]:
        """The bytes from ``start`` on, as far as they are good."""
        self.damage = None
        if self._unpack is None:
            while block := self._file.block_at(start, BLOCK_BYTES):
                yield block
                start += len(block)
            return
        before = 0
        self._file.seek(0)
        try:
            for block in self._unpack(self._file):
                if before + len(block) > start:
                    yield block[max(0, start - before) :]
                before += len(block)
        except DamagedError as error:
            self.damage = str(error)

    def hash_states(self, lengths: Iterable[int]) -> dict[int, xxhash.xxh3_128]:
        """For each of ``lengths``, the state of a hash of the bytes up to there. Left out where there are fewer."""
        wanted = sorted(set(lengths), reverse=True)
        state, total = xxhash.xxh3_128(), 0
        found: dict[int, xxhash.xxh3_128] = {}
        while wanted and wanted[-1] == 0:
            found[wanted.pop()] = state.copy()
        for block in self.blocks() if wanted else ():
            rest = memoryview(block)
            while wanted and wanted[-1] <= total + len(rest):
                stop = wanted[-1] - total
                state.update(rest[:stop])
                rest, total = rest[stop:], total + stop
                found[wanted.pop()] = state.copy()
            if not wanted:
                break
            state.update(rest)
            total += len(rest)
        return found


def is_object(path: str) -> bool:
    """Whether a path is that of an object in storage: a URI, unless a file is called so."""
    return is_uri(path) and not os.path.lexists(path)


def _unpacker(magic: bytes) -> Callable[[Readable], Iterator[bytes]] | None:
    if magic.startswith(_GZIP_MAGIC):
        return _gunzip
    if magic.startswith(_ZSTD_MAGIC):
        return _unzstd
    if magic.startswith(_BZIP2_MAGIC):
        return _unbzip2
    if magic == _XZ_MAGIC:
        return _unxz
    return None


def _gunzip(file: Readable) -> Iterator[bytes]:
    """Every member, as far as it is good, those behind a broken one too.

    Where a broken member ends within a line, a line end is put there, so that it takes no line of the next one with it.
    """
    following: int | None = 0
    unpacked, damage, last = 0, "", b"\n"
    while following is not None:
        begin = following
        member = _GzipMember(file, begin)
        try:
            for block in member.blocks():
                last = block[-1:]
                unpacked += len(block)
                _refuse_bomb(member.end, unpacked)
                yield block
            following = member.next()
        except _BrokenMemberError as error:
            following = _whole_member_behind(file, begin)
            damage = damage or (str(error) if following is None else f"{error} (whole members behind it count, too)")
            if following is not None and last != b"\n":
                yield b"\n"
    if damage:
        raise DamagedError(damage)


class _BrokenMemberError(Exception):
    """A gzip member ends or breaks in the middle, or what stands there is none."""


class _GzipMember:
    """One member of a gzip file, from a position on. ``end``: how far it is read."""

    def __init__(self, file: Readable, begin: int) -> None:
        self._file = file
        self._unpack = zlib.decompressobj(wbits=31)
        self.end = begin

    def blocks(self) -> Iterator[bytes]:
        """What it holds. Raises _BrokenMemberError."""
        self._file.seek(self.end)
        while not self._unpack.eof and (data := self._file.read(BLOCK_BYTES >> 2)):
            self.end += len(data)
            while data and not self._unpack.eof:
                try:
                    block = self._unpack.decompress(data, BLOCK_BYTES)
                except zlib.error as error:
                    raise _BrokenMemberError("the gzip data is broken") from error
                data = self._unpack.unconsumed_tail
                if block:
                    yield block
        self.end -= len(self._unpack.unused_data)
        if not self._unpack.eof:
            raise _BrokenMemberError("the gzip data breaks off")

    def next(self) -> int | None:
        """Where the next member begins, zeros between the two left out; None at the end of the file.

        Raises _BrokenMemberError where something else stands there.
        """
        self._file.seek(self.end)
        while data := self._file.read(BLOCK_BYTES):
            if rest := data.lstrip(b"\0"):
                begin = self.end + len(data) - len(rest)
                if rest.startswith(_GZIP_MAGIC[: len(rest)]):
                    return begin
                raise _BrokenMemberError("something that is not gzip follows the last member")
            self.end += len(data)
        return None


def _whole_member_behind(file: Readable, broken: int) -> int | None:
    """Where the first whole member behind the beginning of a broken one begins: that may be within what was taken for it."""
    at, held = broken + 1, b""
    file.seek(at)
    while data := file.read(BLOCK_BYTES):
        held += data
        found = held.find(_GZIP_DEFLATE)
        while found >= 0:
            if _is_whole(_GzipMember(file, at + found)):
                return at + found
            found = held.find(_GZIP_DEFLATE, found + 1)
        kept = held[-len(_GZIP_DEFLATE) + 1 :]
        at, held = at + len(held) - len(kept), kept
        file.seek(at + len(kept))
    return None


def _is_whole(member: _GzipMember) -> bool:
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


def _unbzip2(file: Readable) -> Iterator[bytes]:
    return _unpack_streams(file, "bzip2", bz2.BZ2Decompressor, OSError)


def _unxz(file: Readable) -> Iterator[bytes]:
    return _unpack_streams(file, "xz", lzma.LZMADecompressor, lzma.LZMAError)


def _unpack_streams(
    file: Readable,
    name: str,
    new: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor],
    broken: type[Exception],
) -> Iterator[bytes]:
    """One compressed stream after the other, as tools write them that compress in parallel or append."""
    unpack = new()
    packed = unpacked = 0
    while data := file.read(BLOCK_BYTES >> 2):
        packed += len(data)
        while data or not (unpack.needs_input or unpack.eof):
            if unpack.eof:
                data = data.lstrip(b"\0")
                if not data:
                    break
                unpack = new()
            try:
                block = unpack.decompress(data, BLOCK_BYTES)
            except (broken, EOFError, ValueError) as error:
                raise DamagedError(f"the {name} data is broken") from error
            data = unpack.unused_data if unpack.eof else b""
            unpacked += len(block)
            if block:
                yield block
            _refuse_bomb(packed, unpacked)
    if not unpack.eof:
        raise DamagedError(f"the {name} data breaks off")


def _refuse_bomb(packed: int, unpacked: int) -> None:
    if unpacked > BOMB_BYTES and unpacked > packed * BOMB_RATIO:
        raise DamagedError(f"it unpacks to more than {BOMB_RATIO} times its size")
