"""The one thread of a process that turns queued events into lines, so that no thread of the agent has to."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from voicetel.recorder.writer.worker import FlushRequest

if TYPE_CHECKING:
    from voicetel.recorder.writer.worker import Worker

POLL_S: Final = 0.05
"""How long an event may lie in the queue of an idle writer.

Waking a sleeping thread costs the one who wakes it some 10 µs, more than all the rest of ``emit``: so events do not,
the thread looks after them by itself.
"""

_BATCH: Final = 256
"""Events of one worker in a row, while others wait."""


class WriterThread:
    """Serves the workers of all writers of a process by one daemon thread, which ends when there is none left."""

    def __init__(self) -> None:
        # It may be taken again by its own thread: a signal handler interrupts anything.
        self._lock = threading.RLock()
        self._workers: tuple[Worker, ...] = ()
        self._thread: threading.Thread | None = None
        self._starts = False
        self._nap = threading.Lock()
        self._nap.acquire()

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The workers that are served."""
        return self._workers

    def serve(self, worker: Worker) -> bool:
        """Serve a worker from now on; whether that began the thread. Raises RuntimeError where none is to be had."""
        with self._lock:
            if not worker.served and not worker.ended:
                self._workers = (*self._workers, worker)
                worker.served = True
            if self._starts or (self._thread is not None and self._thread.is_alive()):
                return False
            # Whatever interrupts these lines (a signal, the garbage collector) may come here again.
            self._starts = True
            try:
                thread = threading.Thread(target=self._run, name="voicetel-writer", daemon=True)
                thread.start()
                self._thread = thread
            except BaseException:
                self._dismiss(worker)
                raise
            finally:
                self._starts = False
            return True

    def request_flush(self, worker: Worker, *, last: bool = False) -> FlushRequest:
        """Queue a request that is done when everything before it is on disk."""
        request = FlushRequest(last=last)
        worker.queue.append(request)
        if worker.ended:
            worker.end()
        # A bare lock and not an Event: a signal handler may interrupt this line and come here again.
        with suppress(RuntimeError):
            self._nap.release()
        return request

    def _run(self) -> None:
        while True:
            try:
                if self._serve_all():
                    continue
                if self._ends():
                    return
                self._nap.acquire(timeout=POLL_S)
            except BaseException:  # noqa: BLE001, S112 - the thread outlives whatever its workers hold
                continue

    def _serve_all(self) -> bool:
        busy = False
        for worker in self._workers:
            busy = worker.process(_BATCH) or busy
            if worker.ended:
                self._dismiss(worker)
        return busy

    def _dismiss(self, worker: Worker) -> None:
        with self._lock:
            worker.served = False
            self._workers = tuple(each for each in self._workers if each is not worker)

    def _ends(self) -> bool:
        with self._lock:
            if self._workers:
                return False
            self._thread = None
            return True


current = WriterThread()
"""The writer thread of this process."""


def begin_anew() -> None:
    """In a forked child: leave the parent's thread and workers to the parent."""
    global current  # noqa: PLW0603 - one per process
    current = WriterThread()
