"""The thread that turns queued events into lines, so that an agent's thread never has to."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from voicetel.events.line import encode
from voicetel.recorder.clock import Clock
from voicetel.recorder.log_file import LogFile
from voicetel.recorder.losses import Losses

if TYPE_CHECKING:
    from pathlib import Path

Event = Mapping[str, object]
EventSource = Event | Callable[[], Event]
"""An event, or a function without parameters that builds it on the writer's thread."""

POLL_S: Final = 0.05
"""How long an event may lie in the queue of an idle writer.

Waking a sleeping thread costs the one who wakes it some 10 µs, more than all the rest of ``emit``: so events do not,
the writer looks after them by itself.
"""

_log = logging.getLogger("voicetel.recorder")

running: set[Worker] = set()
"""Workers whose thread lives: what has to be waited for when the process ends."""


class Ticket:
    """Stands in the queue behind the events a flush waits for."""

    def __init__(self, *, last: bool = False) -> None:
        self.last = last
        self.complete = False
        self.done = threading.Event()


class Worker:
    """One queue, one daemon thread, one file. Belongs to the process that made it."""

    def __init__(self, log_dir: Path, name: str) -> None:
        self.writer_id = os.urandom(8).hex()
        self.queue: deque[tuple[EventSource, float] | Ticket] = deque()
        self.losses = Losses()
        self.file = LogFile(log_dir, f"{name}-{self.writer_id}")
        self.written = 0
        self._seq = 0
        self._clock = Clock()
        self._warned = False
        self._complete = True
        self._start = threading.RLock()
        self._nap = threading.Lock()
        self._nap.acquire()
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread unless it runs. Raises RuntimeError where the system gives no more threads."""
        with self._start:
            if self.thread is None:
                thread = threading.Thread(target=self._run, name="voicetel-writer", daemon=True)
                thread.start()
                self.thread = thread
                running.add(self)

    def ask(self, *, last: bool = False) -> Ticket:
        """Queue a ticket that is done when everything before it is on disk; the last one ends the thread."""
        ticket = Ticket(last=last)
        self.queue.append(ticket)
        # A bare lock and not an Event: a signal handler may interrupt this line and come here again.
        with suppress(RuntimeError):
            self._nap.release()
        return ticket

    def _run(self) -> None:
        while True:
            try:
                item = self.queue.popleft()
            except IndexError:
                self._nap.acquire(timeout=POLL_S)
                continue
            if isinstance(item, Ticket):
                self._settle(item)
                if item.last:
                    return
            else:
                self._record(*item)

    def _record(self, source: EventSource, queued_at_s: float) -> None:
        event: object = source
        try:
            event = source if isinstance(source, Mapping) else source()
            line = self._encode(event, queued_at_s)
        except Exception:  # noqa: BLE001 - the event is somebody else's object and may raise anything
            self._lost(event, "an event could not be written as JSON and was left out")
            return
        if self._append(line):
            self._tell_losses()
        else:
            self.losses.add(event)

    def _encode(self, event: Event, queued_at_s: float) -> bytes:
        line = encode(event, writer=self.writer_id, seq=self._seq + 1, now=self._clock.at(queued_at_s))
        self._seq += 1
        return line

    def _append(self, line: bytes) -> bool:
        try:
            self.file.append(line)
        except (OSError, ValueError) as error:
            # A ValueError is a folder whose name cannot be one: a NUL in it.
            self._warn(f"cannot write to the log: {error}; the agent goes on, its events are lost until that is mended")
            return False
        self.written += 1
        return True

    def _tell_losses(self) -> None:
        untold = self.losses.take()
        while untold:
            call_id, count = untold.popitem()
            mark = {"event": "mark", "call_id": call_id, "kind": "dropped", "count": count}
            if not self._append(self._encode(mark, time.monotonic())):
                self.losses.put_back({call_id: count, **untold})
                return

    def _settle(self, ticket: Ticket) -> None:
        self._tell_losses()
        try:
            self.file.sync()
        except OSError as error:
            self._warn(f"cannot bring the log to disk: {error}")
        ticket.complete, self._complete = self._complete, True
        if ticket.last:
            self.file.close()
            running.discard(self)
        ticket.done.set()

    def _lost(self, event: object, why: str) -> None:
        self.losses.add(event)
        self._warn(why)

    def _warn(self, message: str) -> None:
        self._complete = False
        if not self._warned:
            self._warned = True
            _log.warning("%s", message)
