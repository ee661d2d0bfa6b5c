"""What the processes of a cluster take, by kind, while it works."""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from support.cluster.spark_cluster import descendants

LOOK_EVERY_S = 0.5
_TICKS = os.sysconf("SC_CLK_TCK")


class Kind(StrEnum):
    """Of processes, as they are printed."""

    PYTHON = "Python workers"
    EXECUTOR = "executors' JVMs"
    DRIVER = "driver's Python"
    DRIVER_JVM = "driver's JVM"
    DAEMON = "master and workers"


_OF_COMMAND = {
    b"deploy.SparkSubmit": Kind.DRIVER_JVM,
    b"CoarseGrainedExecutorBackend": Kind.EXECUTOR,
    b"worker_daemon": Kind.PYTHON,
    b"deploy.master.Master": Kind.DAEMON,
    b"deploy.worker.Worker": Kind.DAEMON,
    b"--engine\0spark\0": Kind.DRIVER,
}
"""What is in the command of a process → its kind; the first that fits."""


@dataclass
class Watch:
    """Looks at all processes that this one has started, and theirs, while it is open: CPU seconds, and proportional memory in MB."""

    peak_mb: defaultdict[Kind, float] = field(default_factory=lambda: defaultdict(float))
    _looks: defaultdict[tuple[Kind, int], list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

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
        for pid in descendants(os.getpid()):
            kind = _kind(pid)
            if kind is not None:
                self._looks[kind, pid].append((time.time(), _cpu_s(pid)))
                if kind in {Kind.PYTHON, Kind.EXECUTOR}:
                    self.peak_mb[kind] = max(self.peak_mb[kind], _memory_mb(pid))

    def spent(self, kind: Kind, since: float = 0.0, until: float = float("inf")) -> float:
        """CPU seconds of all processes of a kind between two times of the clock, to half a second."""
        of_kind = [looks for (each, _), looks in self._looks.items() if each is kind]
        return sum(_at(looks, until) - _at(looks, since) for looks in of_kind)


def _at(looks: list[tuple[float, float]], when: float) -> float:
    """CPU seconds at a time, on a straight line between the looks around it. Those of a process that has ended stay."""
    before = (0.0, 0.0)
    for moment, spent in looks:
        if moment >= when:
            share = (when - before[0]) / (moment - before[0]) if before[0] else 0.0
            return before[1] + share * (max(spent, before[1]) - before[1])
        before = (moment, max(spent, before[1]))
    return before[1]


def _kind(pid: int) -> Kind | None:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None
    return next((kind for part, kind in _OF_COMMAND.items() if part in command), None)


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
