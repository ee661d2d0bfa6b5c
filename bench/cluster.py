"""What a cluster costs beside one machine: ``PYTHONPATH=tests .venv/bin/python bench/cluster.py [SIZE]`` (1GB unless it is said).

The same logs are analyzed here, by a standalone cluster of one worker and by one of two, each bound to a core of its own, all on this
machine. Prints CPU seconds, wall time from the first task's begin to the last job's end, what was shuffled, and the largest memory of an executor and of
its Python worker. The first tasks of an executor load its classes and the modules of its Python worker, which is paid once whatever the size: so the same is timed
in sessions whose executors have all worked before, ROUNDS of each setting in turn and ANSWERS in each session. Raises AssertionError where an answer differs.

Two workers are compared with one twice. First the driver, the master and this bench run where they can: beside one worker they have the rest of the machine,
beside two workers on two cores nothing. Then they share the cores of the workers, one or two, as a machine of one core against one of two. What cores of this
machine can do together at most is measured without a cluster: two runs of one machine at once, each bound to a core, against one that is alone.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from support.cluster.spark_cluster import bound_to, last_cores, standalone_cluster
from support.cluster.watch import Kind, Watch
from voicetel import load
from voicetel.cluster.spark import session
from voicetel.reporters.json_text import json_text
from voicetel.results import to_json

IN_SESSION = "--in-session"
_CONF = {"spark.executor.memory": "512m"}
ROUNDS, ANSWERS = 2, 2
FEW = "150MB"
"""Enough for tasks and a bucket on each of two cores: of less, one executor would do all and the other would begin with what is timed."""


@dataclass(frozen=True)
class Setting:
    """So many workers, each with a core; ``shared``: everything else runs on these cores, too."""

    workers: int
    shared: bool

    def __str__(self) -> str:
        return f"{self.workers} workers{', everything on their cores' if self.shared else ''}"

    @property
    def folder(self) -> str:
        """A name that no other setting has."""
        return f"{self.workers}{'-shared' if self.shared else ''}"

    def bound(self) -> contextlib.AbstractContextManager[None]:
        """What is started meanwhile runs where this setting says."""
        return bound_to(last_cores(self.workers)) if self.shared else contextlib.nullcontext()


ONE, TWO = Setting(1, shared=False), Setting(2, shared=False)
ONE_SHARED, TWO_SHARED = Setting(1, shared=True), Setting(2, shared=True)


@dataclass(frozen=True)
class Logs:
    """What is analyzed: ``expected`` is the answer of one machine, which took ``alone_s`` CPU seconds for each gigabyte."""

    path: Path
    gigabytes: float
    expected: bytes
    alone_s: float


def main() -> None:
    """Measure and print."""
    size = sys.argv[1] if len(sys.argv) > 1 else "1GB"
    # Where all cores are the workers' the rest has to share them: the same setting again.
    settings = (ONE, ONE_SHARED, TWO) if os.cpu_count() == TWO.workers else (ONE, ONE_SHARED, TWO, TWO_SHARED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        logs = make_logs(folder / "logs", size)
        measure_cores(logs)
        walls = {setting: measure(folder, logs, setting) for setting in settings}
        print_ratios("from the first task on", walls)
        few = folder / "few"
        voicetel("simulate", "-o", str(few), "--size", FEW, "--seed", "2")
        with load(logs.path, cache=False) as here:
            result = json.loads(json_text(to_json(here.answer("analyze"))))
        begun: dict[Setting, list[float]] = {setting: [] for setting in settings}
        for number, setting in itertools.product(range(ROUNDS), settings):
            begun[setting] += measure_begun(folder / f"round-{number}", logs, few, result, setting)
        print_ratios("in a session that has begun, by medians", {each: median(begun[each]) for each in settings})


def make_logs(path: Path, size: str) -> Logs:
    """Simulate them, analyze them here, and print what that took."""
    voicetel("simulate", "-o", str(path), "--size", size, "--seed", "1")
    gigabytes = sum(each.stat().st_size for each in path.iterdir()) / 1e9
    print(f"{gigabytes:.3f} GB, load {os.getloadavg()[0]:.1f}", flush=True)
    before = _children_cpu_s()
    expected = voicetel("analyze", str(path), "--json", "--no-cache")
    alone_s = (_children_cpu_s() - before) / gigabytes
    print(f"one machine: {alone_s:.1f} CPU s a GB, load {os.getloadavg()[0]:.1f}", flush=True)
    return Logs(path, gigabytes, expected, alone_s)


def measure_cores(logs: Logs) -> None:
    """Print what two cores do against one where nothing is shared out and nothing is waited for: one run on each."""
    seconds, cpu_s = [], []
    command = [sys.executable, "-m", "voicetel", "analyze", str(logs.path), "--json", "--no-cache"]
    for count in (1, 2):
        before, began = _children_cpu_s(), time.monotonic()
        runs = []
        for core in sorted(last_cores(count)):
            with bound_to({core}):
                runs.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        if any(run.wait() for run in runs):
            raise AssertionError("a run has failed")
        seconds.append((time.monotonic() - began) / count)
        cpu_s.append((_children_cpu_s() - before) / count)
    print(
        f"two cores against one, a run of one machine on each: {seconds[0] / seconds[1]:.2f} times as much in the same time,"
        f" {cpu_s[0]:.1f} CPU s alone, {cpu_s[1]:.1f} beside the other, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def print_ratios(when: str, seconds: dict[Setting, float]) -> None:
    """How many times as fast two workers are as one."""
    print(
        f"two workers against one, {when}: {seconds[ONE] / seconds[TWO]:.2f} times as fast;"
        f" everything on their cores: {seconds[ONE_SHARED] / seconds.get(TWO_SHARED, seconds[TWO]):.2f}",
        flush=True,
    )


def measure(folder: Path, logs: Logs, setting: Setting) -> float:
    """Run in a setting, print what it took, and give back the seconds from the first task's begin to the last job's end."""
    place = folder / f"cluster-{setting.folder}"
    events = place / "events"
    events.mkdir(parents=True)
    with setting.bound(), standalone_cluster(place, workers=setting.workers, bound=True) as cluster, Watch() as watch:
        settings = _CONF | {
            "spark.eventLog.enabled": "true",
            "spark.eventLog.compress": "false",
            "spark.eventLog.dir": events.as_uri(),
        }
        conf = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
        command = ("analyze", str(logs.path), "--json", "--engine", "spark", "--master", cluster.master, *conf)
        found = voicetel(*command)
        watch.look()
        if found != logs.expected:
            raise AssertionError("the answer is not that of one machine")
    shuffled, began, ended, failed = read_events(events)
    wall_s = ended - began
    python, java = (watch.spent(kind) for kind in (Kind.PYTHON, Kind.EXECUTOR))
    print(
        f"{setting}: {wall_s:.1f} s from the first task on, Python {python / logs.gigabytes:.1f} CPU s a GB"
        f" ({python / logs.gigabytes / logs.alone_s:.2f} x), executors' JVMs {java:.1f} CPU s,"
        f" shuffled {shuffled / 1e9 / logs.gigabytes:.3f} GB a GB,"
        f" largest executor {watch.peak_mb[Kind.EXECUTOR]:.0f} MB + Python {watch.peak_mb[Kind.PYTHON]:.0f} MB,"
        f" {failed} tasks failed, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    spent = {kind: watch.spent(kind, began, ended) for kind in Kind}
    each = ", ".join(f"{kind} {cpu_s:.1f}" for kind, cpu_s in spent.items())
    print(
        f"    CPU s from the first task on: {each}; {sum(spent.values()):.1f} in all,"
        f" where the workers' cores had {setting.workers * wall_s:.1f}",
        flush=True,
    )
    return wall_s


def measure_begun(folder: Path, logs: Logs, few: Path, expected: object, setting: Setting) -> list[float]:
    """Answer over a few logs and then ANSWERS times over all in one session, print what each of these took, and give it back."""
    place = folder / f"begun-{setting.folder}"
    place.mkdir(parents=True)
    with setting.bound(), standalone_cluster(place, workers=setting.workers, bound=True) as cluster:
        arguments = [sys.executable, __file__, IN_SESSION, cluster.master, str(logs.path), str(few)]
        run = subprocess.run(arguments, check=True, stdout=subprocess.PIPE)
    found = json.loads(run.stdout)
    if any(answer != expected for answer in found["answers"]):
        raise AssertionError("the answer is not that of one machine")
    seconds: list[float] = found["seconds"]
    each = ", ".join(f"{took:.1f}" for took in seconds)
    print(f"{setting}: {each} s in a session that has begun, load {os.getloadavg()[0]:.1f}", flush=True)
    return seconds


def in_session(master: str, logs: str, few: str) -> None:
    """Answer over a few logs and then ANSWERS times over all in one session; prints these and their seconds as JSON."""
    with session(master, _CONF) as spark:
        with load(few, engine=spark) as begin:
            begin.answer("analyze")
        seconds, answers = [], []
        for _ in range(ANSWERS):
            began = time.monotonic()
            with load(logs, engine=spark) as whole:
                answers.append(to_json(whole.answer("analyze")))
            seconds.append(time.monotonic() - began)
    print(json_text({"seconds": seconds, "answers": answers}))


def read_events(folder: Path) -> tuple[int, float, float, int]:
    """(bytes shuffled, when the first task began, when the last job ended, tasks that failed) of Spark's own log."""
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
    return shuffled, min(begins) / 1000, max(ends) / 1000, failed


def voicetel(*arguments: str) -> bytes:
    """What the command writes."""
    run = subprocess.run([sys.executable, "-m", "voicetel", *arguments], check=True, stdout=subprocess.PIPE)
    return run.stdout


def _children_cpu_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    if sys.argv[1:2] == [IN_SESSION]:
        in_session(*sys.argv[2:])
    else:
        main()
