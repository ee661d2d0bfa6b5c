"""Whether two workers say what one machine says of logs in disorder: ``PYTHONPATH=tests .venv/bin/python bench/parity/two_workers.py [SIZE]``.

SIZE of simulated logs (270MB unless it is said) are dealt out line by line over twelve files. One line in fifty stands twice, a
thousand keys of lines have other content in another file, one file has a packed twin, of another there is the beginning alone, and lines that do
not count are everywhere. Raises AssertionError where the JSON of ``analyze``, ``calls`` or ``validate`` differs in a byte.
"""

from __future__ import annotations

import gzip
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support.cluster.spark_cluster import standalone_cluster

FILES = 12
REPEATED = 0.02
CHANGED = 1000
BAD_LINES = (
    b"no json\n",
    b'{"v":1}\n',
    b'{"v":2,"event":"turn","ts":"2026-11-02T09:00:00Z","call_id":"newer"}\n',
    b"\xff\n",
)


def main() -> None:
    """Make the logs, ask both, and print what it took."""
    size = sys.argv[1] if len(sys.argv) > 1 else "270MB"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        voicetel("simulate", "-o", str(folder / "made"), "--size", size, "--seed", "3")
        logs = deal(folder / "made", folder / "logs")
        print(
            f"{sum(each.stat().st_size for each in logs.iterdir()):,} bytes, load {os.getloadavg()[0]:.1f}", flush=True
        )
        with standalone_cluster(folder, workers=2) as cluster:
            for command in (("analyze", "--by", "agent_name"), ("analyze",), ("calls",), ("validate",)):
                asked = (command[0], str(logs), *command[1:], "--json")
                began = time.monotonic()
                one = voicetel(*asked, "--no-cache")
                between = time.monotonic()
                engine = ("--engine", "spark", "--master", cluster.master, "--conf", "spark.executor.memory=512m")
                if voicetel(*asked, *engine) != one:
                    raise AssertionError(f"{' '.join(command)}: the answers differ")
                seconds = f"{between - began:.0f} s on one machine, {time.monotonic() - between:.0f} s on two workers"
                print(f"{' '.join(command)}: {len(one):,} bytes of JSON, the same; {seconds}", flush=True)


def deal(made: Path, logs: Path) -> Path:
    """Deal the lines out."""
    draw = random.Random(3)
    logs.mkdir()
    files = [(logs / f"part-{number:02}.jsonl").open("wb") for number in range(FILES)]
    changed = 0
    for path in sorted(made.glob("*.jsonl")):
        for line in path.open("rb"):
            draw.choice(files).write(line)
            if draw.random() < REPEATED:
                draw.choice(files).write(line)
                if changed < CHANGED and b'"eou_latency_ms":' in line:
                    changed += 1
                    draw.choice(files).write(line.replace(b'"eou_latency_ms":', b'"eou_latency_ms":1'))
            if draw.random() < REPEATED / 100:
                draw.choice(files).write(draw.choice(BAD_LINES))
    for file in files:
        file.close()
    content = (logs / "part-00.jsonl").read_bytes()
    (logs / "twin.jsonl.gz").write_bytes(gzip.compress(content, 1))
    half = (logs / "part-01.jsonl").read_bytes()[: len(content) // 2]
    (logs / "beginning.jsonl").write_bytes(half[: half.rfind(b"\n") + 1])
    return logs


def voicetel(*arguments: str) -> bytes:
    """What the command writes."""
    return subprocess.run([sys.executable, "-m", "voicetel", *arguments], check=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    main()
