"""Calls in a process of its own that is ended while their agents speak. Run as a module it is this process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from support.livekit.job import speaking_call

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[3]


def end_while_speaking(spoken_s: Mapping[str, float], log_dir: Path, how: str) -> None:
    """Run a process with a call for each id, whose agents have spoken for so long when it is ``killed``, or ``raises`` by itself."""
    command = [sys.executable, "-m", "support.livekit.ending", str(log_dir), how, json.dumps(spoken_s)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"speaking\n"
        if how == "killed":
            process.terminate()
        process.wait()
    assert process.returncode == (-signal.SIGTERM if how == "killed" else 1)


async def _speak(log_dir: Path, how: str, spoken_s: Mapping[str, float]) -> None:
    longest_s = max(spoken_s.values())
    calls = [
        speaking_call(log_dir, call_id, begins_after_s=longest_s - each_s, spoken_s=each_s)
        for call_id, each_s in spoken_s.items()
    ]
    held = await asyncio.gather(*calls)
    sys.stdout.write("speaking\n")
    sys.stdout.flush()
    if how == "raises":
        raise RuntimeError
    await asyncio.Event().wait()
    del held  # until here no session may be collected


if __name__ == "__main__":
    asyncio.run(_speak(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])))
