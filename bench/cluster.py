"""What a cluster costs beside one machine: ``PYTHONPATH=tests .venv/bin/python bench/cluster.py [SIZE]`` (1GB unless it is said).

The same logs are analyzed here, by a standalone cluster of one worker and by one of two, each bound to a core of its own, all on this
machine. Prints CPU seconds, wall time from the first task's begin to the last job's end, what was shuffled, and the largest memory of an executor and of
its Python worker. The first tasks of an executor load its classes and the modules of its Python worker, which is paid once whatever the size: so the same is timed
in a session that has answered once over a few logs, too. Raises AssertionError where an answer differs.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from support.cluster.spark_cluster import Cluster, descendants, standalone_cluster
from voicetel import load
from voicetel.cluster.spark import session
from voicetel.reporters.json_text import json_text
from voicetel.results import to_json

LOOK_EVERY_S = 0.5
IN_SESSION = "--in-session"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Watch:
    """CPU seconds and largest proportional memory (MB) of the processes of a cluster, by kind, while it is open."""

    cluster: Cluster
    cpu_s: dict[tuple[str, int], float] = field(default_factory=dict)
    peak_mb: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            self.look()

    def look(self) -> None:
        """Look once at every process."""
        for worker in self.cluster.workers:
            for pid in descendants(worker.pid):
                kind = _kind(pid)
                if kind is not None:
                    self.cpu_s[kind, pid] = max(_cpu_s(pid), self.cpu_s.get((kind, pid), 0.0))
                    self.peak_mb[kind] = max(self.peak_mb[kind], _memory_mb(pid))

    def total(self, kind: str) -> float:
        """CPU seconds of all processes of a kind."""
        return sum(spent for (each, _), spent in self.cpu_s.items() if each == kind)


def main() -> None:
    """Measure and print."""
    size = sys.argv[1] if len(sys.argv) > 1 else "1GB"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        logs = folder / "logs"
        voicetel("simulate", "-o", str(logs), "--size", size, "--seed", "1")
        gigabytes = sum(each.stat().st_size for each in logs.iterdir()) / 1e9
        print(f"{gigabytes:.3f} GB, load {os.getloadavg()[0]:.1f}", flush=True)
        command = ("analyze", str(logs), "--json")
        before = _children_cpu_s()
        expected = voicetel(*command, "--no-cache")
        alone = (_children_cpu_s() - before) / gigabytes
        print(f"one machine: {alone:.1f} CPU s a GB, load {os.getloadavg()[0]:.1f}", flush=True)
        walls = [measure(folder, command, expected, workers, gigabytes=gigabytes, alone=alone) for workers in (1, 2)]
        print(f"two workers against one, from the first task on: {walls[0] / walls[1]:.2f} times as fast", flush=True)
        few = folder / "few"
        voicetel("simulate", "-o", str(few), "--size", "4MB", "--seed", "2")
        with load(logs, cache=False) as here:
            result = json.loads(json_text(to_json(here.answer("analyze"))))
        begun = [measure_begun(folder, logs, few, result, workers) for workers in (1, 2)]
        print(f"two workers against one, in a session that has begun: {begun[0] / begun[1]:.2f} times as fast")


def measure(
    folder: Path, command: tuple[str, ...], expected: bytes, workers: int, *, gigabytes: float, alone: float
) -> float:
    """Run on so many workers, print what it took, and give back the seconds from the first task's begin to the last job's end."""
    place = folder / f"cluster-{workers}"
    events = place / "events"
    events.mkdir(parents=True)
    with standalone_cluster(place, workers=workers, bound=True) as cluster, Watch(cluster) as watch:
        settings = {
            "spark.executor.memory": "512m",
            "spark.eventLog.enabled": "true",
            "spark.eventLog.compress": "false",
            "spark.eventLog.dir": events.as_uri(),
        }
        conf = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
        found = voicetel(*command, "--engine", "spark", "--master", cluster.master, *conf)
        watch.look()
        if found != expected:
            raise AssertionError("the answer is not that of one machine")
    shuffled, wall_s, failed = read_events(events)
    python, java = watch.total("python"), watch.total("executor")
    print(
        f"{workers} workers: {wall_s:.1f} s from the first task on, Python {python / gigabytes:.1f} CPU s a GB ({python / gigabytes / alone:.2f} x),"
        f" executors' JVMs {java:.1f} CPU s, shuffled {shuffled / 1e9 / gigabytes:.3f} GB a GB,"
        f" largest executor {watch.peak_mb['executor']:.0f} MB + Python {watch.peak_mb['python']:.0f} MB,"
        f" {failed} tasks failed, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return wall_s


def measure_begun(folder: Path, logs: Path, few: Path, expected: object, workers: int) -> float:
    """Answer over a few logs and then over all in one session of so many workers, print what the second took, and give it back."""
    place = folder / f"begun-{workers}"
    place.mkdir()
    with standalone_cluster(place, workers=workers, bound=True) as cluster:
        arguments = [sys.executable, __file__, IN_SESSION, cluster.master, str(logs), str(few)]
        run = subprocess.run(arguments, check=True, stdout=subprocess.PIPE)
    found = json.loads(run.stdout)
    if found["answer"] != expected:
        raise AssertionError("the answer is not that of one machine")
    seconds = float(found["seconds"])
    print(f"{workers} workers: {seconds:.1f} s in a session that has begun, load {os.getloadavg()[0]:.1f}", flush=True)
    return seconds


def in_session(master: str, logs: str, few: str) -> None:
    """Answer over a few logs and then over all in one session; prints the second answer and its seconds as JSON."""
    with session(master, {"spark.executor.memory": "512m"}) as spark:
        with load(few, engine=spark) as begin:
            begin.answer("analyze")
        began = time.monotonic()
        with load(logs, engine=spark) as whole:
            answer = to_json(whole.answer("analyze"))
        seconds = time.monotonic() - began
    print(json_text({"seconds": seconds, "answer": answer}))


def read_events(folder: Path) -> tuple[int, float, int]:
    """(bytes shuffled, seconds from the first task's begin to the last job's end, tasks that failed) of Spark's own log."""
    shuffled, failed, begins, ends = 0, 0, [], []
    for path in folder.rglob("events_*"):
        for line in path.read_text("utf-8").splitlines():
            event: dict[str, Any] = json.loads(line)
            match event.get("Event"):
                case "SparkListenerTaskStart":
                    begins.append(event["Task Info"]["Launch Time"])
                case "SparkListenerJobEnd":
                    ends.append(event["Completion Time"])
                case "SparkListenerTaskEnd":
                    metrics = event.get("Task Metrics") or {}
                    shuffled += metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
                    failed += bool(event["Task Info"]["Failed"])
    return shuffled, (max(ends) - min(begins)) / 1000, failed


def voicetel(*arguments: str) -> bytes:
    """What the command writes."""
    run = subprocess.run([sys.executable, "-m", "voicetel", *arguments], check=True, stdout=subprocess.PIPE)
    return run.stdout


def _children_cpu_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _kind(pid: int) -> str | None:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None
    if b"CoarseGrainedExecutorBackend" in command:
        return "executor"
    return "python" if b"pyspark" in command and b"daemon" in command else None


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == [IN_SESSION]:
        in_session(*sys.argv[2:])
    else:
        main()
