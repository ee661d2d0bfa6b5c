"""A place for what holds words: nobody else can read it, and it is gone afterwards, however the process ends."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_GUARD = "import shutil, sys; sys.stdin.buffer.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"
"""Waits until nobody can write to its input any more, as when the process that started it is killed."""


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """A temporary folder of mode 0700. A process of its own removes it should this one be killed."""
    folder = Path(tempfile.mkdtemp(prefix="voicetel-"))
    guard = None
    try:
        guard = subprocess.Popen(  # noqa: S603  our own interpreter, and a path of ours
            [sys.executable, "-I", "-S", "-c", _GUARD, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if guard is not None:
            guard.communicate()
