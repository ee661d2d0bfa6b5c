"""What ``voicetel watch`` costs: a minute in which nothing changes, and one in which an hour of calls is played, 100 lines a second.

    .venv/bin/python bench/watch.py [SIZE]

SIZE is that of the logs that are there already (100MB unless it is said). Prints CPU seconds, what a look takes, and what
``voicetel analyze`` beside it does: whether it reads what is new alone, or has to read everything without the cache.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from voicetel.service.served_logs import ServedLogs
from voicetel.watch.watcher import Watcher

EVERY_S = 5
MINUTE_S = 60
LINES_PER_S = 100
ASKED_AFTER_S = (12, 27, 42)
"""When somebody runs ``voicetel analyze`` while lines are played, in s from their beginning."""


def main() -> None:
    """Measure and print."""
    size = sys.argv[1] if len(sys.argv) > 1 else "100MB"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        simulate(folder / "logs", "--size", size)
        simulate(folder / "hour", "--calls", "1200", "--days", "1", "--seed", "1")
        lines = [
            line for log in sorted((folder / "hour").iterdir()) for line in log.read_bytes().splitlines(keepends=True)
        ]
        watcher = Watcher(ServedLogs(paths=(str(folder / "logs"),), pricing="list"), at_newest=True)
        begin = time.process_time()
        watcher.look(now())
        print(f"first look at {size}: {time.process_time() - begin:.2f} s of CPU")
        time.sleep(EVERY_S)
        watcher.look(now())
        report("nothing changes", watcher)
        player = threading.Thread(target=play, args=(lines[: LINES_PER_S * MINUTE_S], folder / "logs" / "live.jsonl"))
        asker = threading.Thread(target=ask, args=(folder / "logs",))
        player.start()
        asker.start()
        report(f"{LINES_PER_S} lines a second", watcher)
        player.join()
        asker.join()


def simulate(folder: Path, *options: str) -> None:
    """Write logs."""
    command = [sys.executable, "-m", "voicetel", "simulate", "-o", str(folder), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def play(lines: list[bytes], log: Path) -> None:
    """Append lines, so many a second."""
    began = time.monotonic()
    with log.open("ab", buffering=0) as file:
        for number, line in enumerate(lines):
            file.write(line)
            time.sleep(max(0.0, began + (number + 1) / LINES_PER_S - time.monotonic()))


def ask(logs: Path) -> None:
    """Run ``voicetel analyze`` now and then, and print what each run took and warned of."""
    began = time.monotonic()
    for after_s in ASKED_AFTER_S:
        time.sleep(max(0.0, began + after_s - time.monotonic()))
        command = [sys.executable, "-m", "voicetel", "analyze", str(logs), "--json"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        warnings = process.stderr.read().strip()
        _, status, used = os.wait4(process.pid, 0)
        print(
            f"analyze beside it: exit {os.waitstatus_to_exitcode(status)}, {used.ru_utime + used.ru_stime:.1f} s of CPU,"
            f" {warnings or 'from the cache'}"
        )


def report(what: str, watcher: Watcher) -> None:
    """Look for a minute, and print what it took."""
    before, openings, walls, until = time.process_time(), watcher.openings, [], time.monotonic() + MINUTE_S
    while (began := time.monotonic()) < until:
        watcher.look(now())
        walls.append((time.monotonic() - began) * 1000)
        time.sleep(max(0.0, EVERY_S - (time.monotonic() - began)))
    cpu = time.process_time() - before
    looks = f"{len(walls)} looks, {watcher.openings - openings} of them opened the store"
    wall = f"a look p50 {statistics.median(walls):.0f} ms, slowest {max(walls):.0f} ms"
    print(f"{what}: {cpu:.2f} s of CPU in a minute ({cpu / MINUTE_S:.3f} cores); {looks}; {wall}")


def now() -> datetime:
    """Now, UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


if __name__ == "__main__":
    main()
