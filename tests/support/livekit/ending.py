"""A script with sessions open, in a process of its own that is ended while the agent speaks."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def end_while_speaking(script: str, log_dir: Path, how: str) -> None:
    """Run ``script log_dir how`` until it prints ``speaking``; then it is ``killed``, or ``raises`` by itself."""
    command = [sys.executable, "-c", script, str(log_dir), how, str(ROOT), str(ROOT / "tests")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"speaking\n"
        if how == "killed":
            process.terminate()
        process.wait()
    assert process.returncode == (-signal.SIGTERM if how == "killed" else 1)
