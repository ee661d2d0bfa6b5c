"""Objects opened before they are wanted: each takes a few round trips, and there can be thousands of small ones."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from voicetel.store.object_storage.object_file import ObjectFile, version_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

THREADS = 16
OBJECTS_PREFETCHED = 32


class ObjectPrefetcher:
    """Opens objects in the order in which they will be taken, some ahead. Use it in a ``with`` block."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = iter(names)
        self._executor = ThreadPoolExecutor(THREADS)
        self._coming: deque[tuple[str, Future[ObjectFile]]] = deque()

    def __enter__(self) -> Self:
        self._top_up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(cancel_futures=True)
        for _, coming in self._coming:
            if not coming.cancelled() and coming.exception() is None:
                coming.result().close()

    def take(self, name: str) -> ObjectFile:
        """The next of the objects, open; what opening it raised is raised here. It is the caller's to close."""
        if not self._coming or self._coming[0][0] != name:
            return ObjectFile(name)
        _, coming = self._coming.popleft()
        self._top_up()
        return coming.result()

    def _top_up(self) -> None:
        while len(self._coming) < OBJECTS_PREFETCHED and (name := next(self._names, None)) is not None:
            self._coming.append((name, self._executor.submit(ObjectFile, name)))


def versions(names: Sequence[str]) -> list[str]:
    """Which version each object is now; empty for one that is gone or may not be read, or where the storage does not say."""
    with ThreadPoolExecutor(THREADS) as executor:
        return list(executor.map(version_of, names))
