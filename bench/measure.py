"""What one run of the command costs."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def measured(*arguments: object, cache: Path | None = None) -> str:
    """Run ``voicetel`` in a process of its own, with a store below ``cache`` where that is given.

    Seconds, CPU seconds, and the most memory that any run so far had.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started_s = time.perf_counter()
    command = [sys.executable, "-m", "voicetel", *map(str, arguments)]
    surroundings = os.environ if cache is None else {**os.environ, "XDG_CACHE_HOME": str(cache)}
    subprocess.run(command, check=True, capture_output=True, env=surroundings)
    seconds = time.perf_counter() - started_s
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{seconds:.1f} s, {cpu_s:.1f} CPU s, peak {after.ru_maxrss / 1024:.0f} MB"
