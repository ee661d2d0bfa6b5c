"""What a process owes its writers when it exits, is terminated or forks."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from voicetel.recorder.writer import writer_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

EXIT_TIMEOUT_S: Final = 2.0


class Writer(Protocol):
    """What the end and the doubling of a process ask of a writer."""

    def emit_held_back(self) -> None:
        """Emit what is not complete yet."""

    def begin_anew(self) -> None:
        """Leave what was queued to the parent process."""


_writers: weakref.WeakSet[Writer] = weakref.WeakSet()
_endings: set[weakref.WeakMethod[Callable[[], None]]] = set()


def watch(writer: Writer, *, handle_sigterm: bool) -> None:
    """Flush a writer at exit and give it a new beginning after a fork, for as long as it lives."""
    _writers.add(writer)
    if (
        handle_sigterm
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    ):
        signal.signal(signal.SIGTERM, _on_sigterm)


def before_end(ending: Callable[[], None]) -> None:
    """Have a method called when this process ends, so that what is going on can be brought to its end in the log."""
    _endings.add(weakref.WeakMethod(ending))


def no_longer_before_end(ending: Callable[[], None]) -> None:
    """Nothing is left for a method to end."""
    _endings.discard(weakref.WeakMethod(ending))


def arm() -> None:
    """See to it that this process flushes when it exits.

    Children made by multiprocessing leave by a door of their own, which knows only multiprocessing's finalizers, and
    begin by emptying the list of callbacks that they inherited: so this is asked for where a thread starts.
    """
    atexit.unregister(flush_all)
    atexit.register(flush_all)
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.Finalize(None, flush_all, exitpriority=0)


def flush_all(timeout_s: float = EXIT_TIMEOUT_S) -> None:
    """Write what every writer of this process has queued, all of them together within ``timeout_s``."""
    deadline_s = time.monotonic() + timeout_s
    while _endings:
        ending = _endings.pop()()
        if ending is not None:
            with suppress(Exception):
                ending()
    for writer in list(_writers):
        writer.emit_held_back()
    thread = writer_thread.current
    requests = [thread.request_flush(worker) for worker in thread.workers]
    for request in requests:
        request.done.wait(max(deadline_s - time.monotonic(), 0))


def _on_sigterm(signum: int, frame: FrameType | None) -> None:
    flush_all()
    signal.signal(signum, signal.SIG_DFL)
    signal.raise_signal(signum)


def _after_fork_in_child() -> None:
    writer_thread.begin_anew()
    _endings.clear()
    for writer in list(_writers):
        writer.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
