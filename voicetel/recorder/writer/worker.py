"""The worker of one writer: from the queue of its events to the lines of its file. Runs on the writer thread."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from voicetel.events.line import encode
from voicetel.recorder.clock import Clock
from voicetel.recorder.writer.log_file import LogFile
from voicetel.recorder.writer.losses import Losses
from voicetel.recorder.writer.warnings import warn

if TYPE_CHECKING:
    from pathlib import Path

Event = Mapping[str, object]
EventSource = Event | Callable[[], Event]
"""An event, or a function without parameters that builds it on the writer thread."""


class FlushRequest:
    """Stands in the queue behind the events that a flush waits for. ``last``: the worker ends with it."""

    def __init__(self, *, last: bool = False) -> None:
        self.last = last
        self.all_written = False
        self.done = threading.Event()


class Worker:
    """Events that wait to be written, and the file they go to. Belongs to the process that made it.

    ``served`` says that the writer thread looks after it, ``ended`` that nothing more is written. Whatever an event, a
    disk or a logging handler raises costs at most that event, and is counted in ``losses``.
    """

    def __init__(self, log_dir: Path, name: str) -> None:
        self.writer_id = os.urandom(8).hex()
        self.queue: deque[tuple[EventSource, float] | FlushRequest] = deque()
        self.losses = Losses()
        self.file = LogFile(log_dir, f"{name}-{self.writer_id}")
        self.lines_written = 0
        self.served = False
        self.ended = False
        self._seq = 0
        self._clock = Clock()
        self._warned = False
        self._all_written = True

    def process(self, limit: int) -> bool:
        """Work off at most ``limit`` items; whether there was any."""
        for count in range(limit):
            try:
                item = self.queue.popleft()
            except IndexError:
                return count > 0
            if isinstance(item, FlushRequest):
                self._complete_flush(item)
                if item.last:
                    return True
            else:
                self._write(*item)
        return True

    def end(self) -> None:
        """Close the file; what is queued after the last flush is lost and counted."""
        self.ended, self.served = True, False
        self.file.close()
        while self.queue:
            try:
                item = self.queue.popleft()
            except IndexError:
                return
            if isinstance(item, FlushRequest):
                item.done.set()
            else:
                self.losses.add(item[0])

    def _write(self, source: EventSource, queued_at_s: float) -> None:
        try:
            event = source if isinstance(source, Mapping) else source()
            line = self._encode(event, queued_at_s)
            written = self._append(line)
        except BaseException as error:  # noqa: BLE001 - the event is somebody else's object and may raise anything
            self._all_written = False
            self.losses.add(source)
            self._warn_once("an event could not be written as JSON and was left out: %s", type(error).__name__)
            return
        if written:
            self._write_losses()
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
            self._all_written = False
            self._warn_once(
                "cannot write to the log: %s; the agent goes on, its events are lost until that is mended", error
            )
            return False
        self.lines_written += 1
        return True

    def _write_losses(self) -> None:
        """State in the log what it lacks: one ``dropped`` mark per call."""
        unreported = self.losses.take()
        while unreported:
            call_id, count = unreported.popitem()
            mark = {"event": "mark", "call_id": call_id, "kind": "dropped", "count": count}
            if not self._append(self._encode(mark, time.monotonic())):
                self.losses.put_back({call_id: count, **unreported})
                return

    def _complete_flush(self, request: FlushRequest) -> None:
        try:
            self._write_losses()
            self.file.sync()
        except BaseException as error:  # noqa: BLE001 - whatever goes wrong, whoever waits for the flush is released
            self._all_written = False
            self._warn_once("cannot bring the log to disk: %s", error)
        finally:
            request.all_written, self._all_written = self._all_written, True
            if request.last:
                self.end()
            request.done.set()

    def _warn_once(self, message: str, value: object) -> None:
        if not self._warned:
            self._warned = True
            warn(message, value)
