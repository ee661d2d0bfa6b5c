"""One object, read in pieces: from any position, ahead of who reads it, a few MB at a time."""

from __future__ import annotations

import contextlib
import errno
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from voicetel.store.object_storage.filesystems import UnreadableError, file_system, translated_errors
from voicetel.store.object_storage.uris import parse_uri

if TYPE_CHECKING:
    from collections.abc import Iterator

MIN_PIECE_BYTES = 1 << 18
MAX_PIECE_BYTES = 1 << 22
"""Pieces of what is read on and on become larger: who looks at a beginning fetches no more of it."""
PIECES_AHEAD = 2

_VERSIONS = ("ETag", "etag", "generation")
"""Under what the storages say which version of an object one reads."""


class ObjectFile:
    """An open object. ``size`` and ``etag`` are those that it had when it was opened; ``etag`` is empty where there is none."""

    def __init__(self, name: str) -> None:
        """Ask for it. Raises OSError where it is gone or may not be read, VoicetelError where the storage cannot be asked."""
        self.name = name
        self._uri = parse_uri(name)
        self._system, self._path = file_system(self._uri)
        with translated_errors(self._uri):
            self._object = self._system.open_input_file(self._path)
            self.size = int(self._object.size())
            self.etag = _version(self._object)
        self._position = 0
        self._piece_begin, self._piece = 0, b""
        self._ahead: deque[tuple[int, int, Future[bytes]]] = deque()
        self._executor: ThreadPoolExecutor | None = None
        self._fetch_first()

    def _fetch_first(self) -> None:
        """What every reader begins with: of a small object that is all."""
        self._first = self._fetch(0, min(self.size, MIN_PIECE_BYTES))
        self._piece = self._first

    @classmethod
    @contextlib.contextmanager
    def open(cls, name: str) -> Iterator[ObjectFile]:
        """Open an object for as long as it is needed."""
        file = cls(name)
        try:
            yield file
        finally:
            file.close()

    def close(self) -> None:
        """Let go of it."""
        if self._executor:
            self._executor.shutdown(cancel_futures=True)
        with contextlib.suppress(OSError):
            self._object.close()

    def is_replaced(self) -> bool:
        """Whether another version has taken its place since it was opened: what was read may be of both."""
        try:
            with translated_errors(self._uri), self._system.open_input_file(self._path) as now:
                return (int(now.size()), _version(now)) != (self.size, self.etag)
        except FileNotFoundError:
            return True

    def read_at(self, start: int, length: int) -> bytes:
        """Bytes from a position on; fewer where it ends. Raises OSError (ESTALE) where another version has taken its place."""
        length = max(0, min(length, self.size - start))
        if start + length <= len(self._first):
            return self._first[start : start + length]
        return self._fetch(start, length)

    def block_at(self, start: int, length: int) -> bytes:
        """At most so many bytes from a position on, as they come; none at the end."""
        self.seek(start)
        return self.read(length)

    def tell(self) -> int:
        """Where ``read`` goes on."""
        return self._position

    def seek(self, position: int) -> int:
        """Go on elsewhere."""
        self._position = position
        return position

    def read(self, length: int = -1) -> bytes:
        """Bytes from where the last ones ended; fewer than asked for at the end of a piece, none at the end of the object."""
        if self._position >= self.size:
            return b""
        if not self._piece_begin <= self._position < self._piece_begin + len(self._piece):
            self._next_piece()
        begin = self._position - self._piece_begin
        data = self._piece[begin:] if length < 0 else self._piece[begin : begin + length]
        self._position += len(data)
        return data

    def _next_piece(self) -> None:
        """The piece that begins at the position, and more of them on their way."""
        if not self._ahead or self._ahead[0][0] != self._position:
            self._ahead.clear()
        if self._position < len(self._first):
            self._piece_begin, self._piece = 0, self._first
            return
        size = min(max(len(self._piece), MIN_PIECE_BYTES) * 4, MAX_PIECE_BYTES)
        following = sum(self._ahead[-1][:2]) if self._ahead else self._position
        self._executor = self._executor or ThreadPoolExecutor(PIECES_AHEAD)
        while len(self._ahead) <= PIECES_AHEAD and following < self.size:
            length = min(size, self.size - following)
            self._ahead.append((following, length, self._executor.submit(self._fetch, following, length)))
            following += length
        self._piece_begin, _, coming = self._ahead.popleft()
        self._piece = coming.result()

    def _fetch(self, start: int, length: int) -> bytes:
        if length <= 0:
            return b""
        try:
            with translated_errors(self._uri):
                return bytes(self._object.read_at(length, start))
        except (OSError, UnreadableError) as error:
            is_replaced = False
            with contextlib.suppress(OSError, UnreadableError):
                is_replaced = self.is_replaced()
            if is_replaced:
                raise OSError(errno.ESTALE, "it was replaced while it was read", self.name) from error
            if start and isinstance(error, PermissionError):  # its beginning could be read
                raise UnreadableError(f"{self.name}: may no longer be read", hint=self._uri.credentials_hint) from error
            raise


def version_of(name: str) -> str:
    """Which version of an object there is now; empty where it cannot be read, or the storage does not say."""
    uri = parse_uri(name)
    system, path = file_system(uri)
    try:
        with translated_errors(uri), system.open_input_file(path) as file:
            return _version(file)
    except OSError:
        return ""


def _version(file: Any) -> str:
    metadata = file.metadata() or {}
    found = next((metadata[name] for name in _VERSIONS if name in metadata), b"")
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)
