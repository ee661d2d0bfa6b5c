"""What making ``report.html`` costs beside ``analyze``, each over logs that nothing is kept of yet.

    .venv/bin/python bench/page.py [SIZE]

SIZE is that of the logs (50MB unless it is said). Prints CPU seconds, peak memory and the budget: 1.3 times analyze and 2 s.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

FACTOR, MORE_S = 1.3, 2.0


def main() -> None:
    """Measure and print."""
    size = sys.argv[1] if len(sys.argv) > 1 else "50MB"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure(folder, "simulate", "-o", str(folder / "logs"), "--size", size, "--days", "14")
        logs = str(folder / "logs")
        analyze_s, analyze_mb = measure(folder / "a", "analyze", logs, "--json")
        page_s, page_mb = measure(folder / "b", "report", logs, "-o", str(folder / "report.html"))
        print(f"{size}: analyze {analyze_s:.1f} s of CPU, {analyze_mb:.0f} MB; page {page_s:.1f} s, {page_mb:.0f} MB")
        print(
            f"budget {FACTOR * analyze_s + MORE_S:.1f} s; the page has {Path(folder, 'report.html').stat().st_size:,} B"
        )


def measure(cache: Path, *arguments: str) -> tuple[float, float]:
    """CPU seconds and peak MB of a command with a cache of its own."""
    command = [sys.executable, "-m", "voicetel", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "XDG_CACHE_HOME": str(cache)})
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
