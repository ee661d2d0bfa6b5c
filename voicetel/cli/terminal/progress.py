"""Progress on stderr where somebody sits at a terminal, for what takes longer than a second; elsewhere nothing at all."""

from __future__ import annotations

import sys
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

from voicetel.cli.diagnostics import console

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress

AFTER_S = 1.0
"""What takes less shows nothing."""


class _Display(ABC):
    """A line that appears a second after it was started, and goes when it is stopped."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._bar: Progress | None = None

    @abstractmethod
    def _made(self) -> Progress:
        """What appears."""

    def _begin(self) -> None:
        if sys.stderr is None or not sys.stderr.isatty():
            return
        _displays.append(self)
        self._timer = threading.Timer(AFTER_S, self._show)
        self._timer.daemon = True
        self._timer.start()

    def _show(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._bar = self._made()
                self._bar.start()

    def stop(self) -> None:
        """Take it away, for good."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
                self._timer = None
            if self._bar:
                self._bar.stop()
                self._bar = None
        if self in _displays:
            _displays.remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


_displays: list[_Display] = []
"""Those that have been started: one at a time, since a terminal has one last line."""


def clear() -> None:
    """Take away whatever is shown: something is to be written."""
    for display in tuple(_displays):
        display.stop()


class LoadProgress(_Display):
    """A bar for reading or writing so many bytes. ``doing`` is the word before it."""

    def __init__(self, doing: str = "Reading") -> None:
        super().__init__()
        self._doing = doing
        self._total_bytes = 0
        self._read_bytes = 0

    def start(self, total_bytes: int) -> None:
        """So many bytes are to be read."""
        self._total_bytes = total_bytes
        if total_bytes:
            clear()
            self._begin()

    def advance(self, read_bytes: int) -> None:
        """So many more have been."""
        with self._lock:
            self._read_bytes += read_bytes
            if self._bar:
                self._bar.update(self._bar.task_ids[0], completed=self._read_bytes)

    def _made(self) -> Progress:
        from rich import progress  # noqa: PLC0415  only those who wait need it

        bar = progress.Progress(
            progress.SpinnerColumn(),
            self._doing,
            progress.BarColumn(bar_width=24),
            progress.DownloadColumn(),
            progress.TransferSpeedColumn(),
            progress.TimeRemainingColumn(),
            console=console(),
            transient=True,
        )
        bar.add_task("", total=self._total_bytes, completed=self._read_bytes)
        return bar


class StepProgress(_Display):
    """What is being done and for how long, where nobody knows how much of it there is. ``doing`` says what."""

    def __init__(self, doing: str) -> None:
        super().__init__()
        self._doing = doing

    def __enter__(self) -> Self:
        clear()
        self._begin()
        return self

    def say(self, doing: str) -> None:
        """Something else is being done now."""
        with self._lock:
            self._doing = doing
            if self._bar:
                self._bar.update(self._bar.task_ids[0], description=doing)

    def _made(self) -> Progress:
        from rich import progress  # noqa: PLC0415  only those who wait need it

        bar = progress.Progress(
            progress.SpinnerColumn(),
            progress.TextColumn("{task.description}", markup=False),
            progress.TimeElapsedColumn(),
            console=console(),
            transient=True,
        )
        bar.add_task(self._doing, total=None)
        return bar
