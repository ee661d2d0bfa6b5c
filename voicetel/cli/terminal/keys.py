"""Single keys, without Enter, where a person sits at a terminal."""

from __future__ import annotations

import contextlib
import os
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
    """The key that is pressed within so many seconds; None where none is. Inside ``single_keys``.

    A key of several bytes, as of a Cyrillic layout, comes as U+FFFD, once for each of them.
    """
    if sys.platform == "win32" or sys.stdin is None or not sys.stdin.isatty():
        time.sleep(seconds)
        return None
    descriptor = sys.stdin.fileno()
    ready, _, _ = select.select([descriptor], [], [], seconds)
    # sys.stdin would take all that is typed into its buffer, where select does not see it.
    return os.read(descriptor, 1).decode("utf-8", "replace") if ready else None
