"""Single keys, without Enter, where a person sits at a terminal."""

from __future__ import annotations

import contextlib
import select
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def single_keys() -> Iterator[None]:
    """Keys arrive as they are pressed, and are not shown; where stdin is no terminal nothing changes."""
    try:
        import termios  # noqa: PLC0415  POSIX alone has it
        import tty  # noqa: PLC0415
    except ImportError:
        yield
        return
    if sys.stdin is None or not sys.stdin.isatty():
        yield
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def key_within(seconds: float) -> str | None:
    """The key that is pressed within so many seconds; None where none is. Inside ``single_keys``."""
    if sys.platform == "win32" or sys.stdin is None or not sys.stdin.isatty():
        time.sleep(seconds)
        return None
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return sys.stdin.read(1) if ready else None
