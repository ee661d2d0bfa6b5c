"""The writer: between an agent that must never wait and a disk that may be slow, full or gone."""

from __future__ import annotations

import re
import time
import weakref
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voicetel.events.line import decode, encode
from voicetel.events.scalars import plain_text
from voicetel.recorder.clock import Clock
from voicetel.recorder.writer import process_exit, writer_thread
from voicetel.recorder.writer.worker import Event, EventSource, FlushRequest, Worker

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

MAX_QUEUED: Final = 10_000
FLUSH_TIMEOUT_S: Final = 30.0
"""How long whoever asks for a flush waits for it; the end of a process waits ``process_exit.EXIT_TIMEOUT_S`` at most."""

captures: Final[list[list[dict[str, object]]]] = []
"""Where ``voicetel.testing.capture_events`` collects; while it is not empty, nothing goes to disk."""


class EventWriter:
    """Appends events to ``<log_dir>/<UTC day>-<name>-<writer id>.jsonl``, one JSON object per line.

    ``emit`` puts the event into a queue and returns; a daemon thread, one for all writers of a process, turns it into
    a line and appends it by one ``os.write``. The file is begun with the first event and anew when the UTC day changes.
    Each process has its own file: after a fork the child gets a new writer id, thread and an empty queue.

    Nothing here raises or blocks on the way of an event, whatever its values do. Where the queue of ``max_queued``
    events is full the newest is dropped; what was lost, for whatever reason, is counted in ``lost`` and written as a
    ``mark`` of kind ``dropped`` once there is room. A folder or a disk that cannot be written to costs one warning on
    the logger ``voicetel.recorder``.

    At exit and on SIGTERM what is queued is written, for at most 2 s. For SIGTERM a handler is installed where the
    process has none of its own; after writing it lets the signal do what it does without one. ``handle_sigterm=False``
    leaves the signal alone.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        *,
        name: str | None = None,
        max_queued: int = MAX_QUEUED,
        handle_sigterm: bool = True,
    ) -> None:
        # An agent that changes its working folder later goes on writing where it began.
        self.log_dir = Path(log_dir).absolute()
        self.clock = Clock()
        self._name = file_name_part(plain_text(name)) or "voicetel"
        self._max_queued = max_queued
        self._closed = False
        self._captured = 0
        self._before_flush: list[Callable[[], None]] = []
        self._after_fork: list[Callable[[], None]] = []
        self._begin()
        process_exit.watch(self, handle_sigterm=handle_sigterm)

    @property
    def writer_id(self) -> str:
        """The ``writer`` of this process's lines, 16 hexadecimal digits."""
        return self._worker.writer_id

    @property
    def path(self) -> Path | None:
        """The file that was written to last; None before the first line."""
        return self._worker.file.path

    @property
    def lines_written(self) -> int:
        """How many lines this process has written."""
        return self._worker.lines_written

    @property
    def lost(self) -> int:
        """How many events this process has lost: queue full, not writable as JSON, disk full, folder read-only."""
        return self._worker.losses.total

    def emit(self, event: EventSource) -> bool:
        """Queue an event and return at once. False where it was dropped: the queue is full or the writer closed.

        ``v``, ``writer`` and ``seq`` are added, and ``ts`` (this moment) where the event brings none; a ``ts`` may be
        a datetime (without a zone it is UTC) or RFC 3339 text. Keys come out in the order of the format's table;
        values that do not fit their field are left out. The event belongs to the writer from now on: do not change
        it. A function without parameters may stand for it, and is called on the writer thread; it may have a
        ``call_id``, under which its loss is counted.
        """
        if captures:
            return self._capture(event)
        worker = self._worker
        if len(worker.queue) >= self._max_queued or self._closed:
            worker.losses.add(event)
            return False
        worker.queue.append((event, time.monotonic()))
        if not worker.served:
            self._serve(worker)
        return True

    def count_lost(self, event: object) -> None:
        """Count an event that was lost on its way here: ``lost`` and the call's ``dropped`` mark state it."""
        self._worker.losses.add(event)

    def flush(self, timeout_s: float = FLUSH_TIMEOUT_S) -> bool:
        """Wait until everything emitted so far is on disk. Blocks: in a coroutine, await ``aflush``.

        False where that took longer than ``timeout_s``, or where something since the last flush could not be written.
        """
        request = self._request_flush()
        return request is None or (request.done.wait(timeout_s) and request.all_written)

    async def aflush(self, timeout_s: float = FLUSH_TIMEOUT_S) -> bool:
        """Do as ``flush`` without blocking the event loop."""
        import asyncio  # noqa: PLC0415 - only those who have a loop pay for it

        request = self._request_flush()
        return request is None or (await asyncio.to_thread(request.done.wait, timeout_s) and request.all_written)

    def close(self, timeout_s: float = FLUSH_TIMEOUT_S) -> bool:
        """Flush and close the file; what is emitted later is dropped and counted."""
        request = self._request_flush(last=True)
        self._closed = True
        return request is None or (request.done.wait(timeout_s) and request.all_written)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def attach(self, *, before_flush: Callable[[], None], after_fork: Callable[[], None]) -> None:
        """Name who holds back incomplete events: they emit them before a flush, and forget them in a forked child."""
        self._before_flush.append(before_flush)
        self._after_fork.append(after_fork)

    def emit_held_back(self) -> None:
        """Have those who attached themselves emit what they hold back."""
        for emit in self._before_flush:
            emit()

    def begin_anew(self) -> None:
        """In a forked child: leave the parent's queue, file and thread to the parent."""
        self._worker.file.close()
        self._begin()
        for forget in self._after_fork:
            forget()

    def _begin(self) -> None:
        self._worker = Worker(self.log_dir, self._name)
        # A writer that nobody holds any more still writes what it has queued.
        weakref.finalize(self, _finish, self._worker).atexit = False

    def _request_flush(self, *, last: bool = False) -> FlushRequest | None:
        """Begin a flush without waiting for it; None where there is nothing to wait for."""
        self.emit_held_back()
        worker = self._worker
        if self._closed or not (worker.served or worker.queue):
            return None
        self._serve(worker)
        return writer_thread.current.request_flush(worker, last=last)

    def _serve(self, worker: Worker) -> None:
        if worker.ended:
            worker.end()
            return
        # No thread to be had, or the interpreter is going down: the next event tries again.
        with suppress(RuntimeError):
            if writer_thread.current.serve(worker):
                process_exit.arm()

    def _capture(self, source: EventSource) -> bool:
        event: Event = source if isinstance(source, Mapping) else source()
        self._captured += 1
        line = encode(event, writer=self.writer_id, seq=self._captured, now=self.clock.now())
        captures[-1].append(decode(line))
        return True


def _finish(worker: Worker) -> None:
    """Have what is queued written, and the file closed."""
    with suppress(RuntimeError):
        if worker.queue and writer_thread.current.serve(worker):
            process_exit.arm()
    writer_thread.current.request_flush(worker, last=True)


def file_name_part(name: str | None) -> str:
    """Make a word that is safe in a file name: ASCII letters, digits, dots, dashes and underscores, at most 48."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name or "").strip(".-")[:48]
