"""The bytes of one log file, decompressed, whatever it is called and however it is packed."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import xxhash

from voicetel.store.ingest.compression import BLOCK_BYTES, DecompressionError, decompressor
from voicetel.store.ingest.fingerprints import LogFile
from voicetel.store.ingest.open_file import OpenFile
from voicetel.store.object_storage.uris import is_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from voicetel.store.object_storage.object_file import ObjectFile

    Opener: TypeAlias = Callable[[str], contextlib.AbstractContextManager["OpenLog"]]


class OpenLog:
    """One open file. ``decompression_error`` says, once it was read, why decompression stopped early."""

    def __init__(self, path: str, file: OpenFile | ObjectFile) -> None:
        self.path = path
        self.decompression_error: str | None = None
        self._file = file
        self._decompress = decompressor(file.read_at(0, 6))

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: str) -> Iterator[OpenLog]:
        """Open a file or an object for as long as it is needed.

        A file stays the same whatever happens to its name; of an object ``is_replaced`` tells.
        """
        if is_storage_object(path):
            from voicetel.store.object_storage.object_file import ObjectFile  # noqa: PLC0415  paths of files do without

            with ObjectFile.open(path) as found:
                yield cls(path, found)
            return
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  a name can be /dev/fd/N
            yield cls(path, OpenFile(file))

    @classmethod
    @contextlib.contextmanager
    def prefetching(cls, paths: Sequence[str]) -> Iterator[Opener]:
        """What opens ``paths``, asked in their order: objects are under way before their turn comes."""
        names = [path for path in paths if is_storage_object(path)]
        if len(names) < 2:
            yield cls.open
            return
        from voicetel.store.object_storage.prefetch import ObjectPrefetcher  # noqa: PLC0415  paths of files do without

        with ObjectPrefetcher(names) as ahead:

            @contextlib.contextmanager
            def opened(path: str) -> Iterator[OpenLog]:
                if not is_storage_object(path):
                    with cls.open(path) as log:
                        yield log
                    return
                with contextlib.closing(ahead.take(path)) as found:
                    yield cls(path, found)

            yield opened

    @property
    def is_uncompressed(self) -> bool:
        """Whether the bytes stand in the file as they are, so that any of them can be read by themselves."""
        return self._decompress is None

    @property
    def is_local(self) -> bool:
        """Whether it is a file, of which any bytes are at hand; those of an object come in order, ahead of who reads them."""
        return isinstance(self._file, OpenFile)

    def log_file(self, listed: LogFile) -> LogFile:
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
        self.decompression_error = None
        if self._decompress is None:
            while block := self._file.block_at(start, BLOCK_BYTES):
                yield block
                start += len(block)
            return
        before = 0
        self._file.seek(0)
        try:
            for block in self._decompress(self._file):
                if before + len(block) > start:
                    yield block[max(0, start - before) :]
                before += len(block)
        except DecompressionError as error:
            self.decompression_error = str(error)

    def _blocks_to_hash(self) -> Iterator[bytes | memoryview]:
        """The bytes from the beginning on; each block is gone when the next one is asked for.

        A gigabyte in new blocks would be two thousand times memory that the system clears first.
        """
        if not self.is_uncompressed or not isinstance(self._file, OpenFile):
            yield from self.blocks()
            return
        buffer, start = memoryview(bytearray(BLOCK_BYTES)), 0
        while length := self._file.read_into(buffer, start):
            yield buffer[:length]
            start += length

    def hash_states(self, lengths: Iterable[int]) -> dict[int, xxhash.xxh3_128]:
        """For each of ``lengths``, the state of a hash of the bytes up to there. Left out where there are fewer."""
        lengths_left = sorted(set(lengths), reverse=True)
        state, total = xxhash.xxh3_128(), 0
        found: dict[int, xxhash.xxh3_128] = {}
        while lengths_left and lengths_left[-1] == 0:
            found[lengths_left.pop()] = state.copy()
        for block in self._blocks_to_hash() if lengths_left else ():
            rest = memoryview(block)
            while lengths_left and lengths_left[-1] <= total + len(rest):
                stop = lengths_left[-1] - total
                state.update(rest[:stop])
                rest, total = rest[stop:], total + stop
                found[lengths_left.pop()] = state.copy()
            if not lengths_left:
                break
            state.update(rest)
            total += len(rest)
        return found


def is_storage_object(path: str) -> bool:
    """Whether a path is that of an object in storage: a URI, unless a file is called so."""
    return is_uri(path) and not os.path.lexists(path)
