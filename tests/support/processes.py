"""The command in a process of its own, on a terminal where wanted."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMMAND = (sys.executable, "-m", "voicetel")

PATIENCE_S = 1200
"""What hangs ends in time; no test takes this long, however loaded the machine is."""


def run_piped(*arguments: str, stdin: bytes | None = None, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command with its output in pipes."""
    return subprocess.run(
        [*COMMAND, *arguments], input=stdin, capture_output=True, env=os.environ | env, check=False, timeout=PATIENCE_S
    )


def run_on_terminal(
    arguments: Sequence[str], width: int, env: Mapping[str, str], *, with_errors: bool = False
) -> tuple[int, str]:
    """Run the command on a terminal of ``width`` columns: its exit code, and what it wrote there.

    Without ``with_errors`` stderr goes nowhere: progress comes and goes with the load of the machine.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    surroundings = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR"}}
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs if with_errors else subprocess.DEVNULL,
        env=surroundings | {"TERM": "xterm"} | dict(env),
    )
    os.close(theirs)
    written = bytearray()
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so when the last writer has closed
            break
        if not piece:
            break
        written += piece
    os.close(ours)
    return process.wait(timeout=PATIENCE_S), written.decode("utf-8").replace("\r\n", "\n")
