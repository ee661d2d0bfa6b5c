"""A standalone Spark cluster on this machine: a master, workers of one core, ended by their process ids."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyspark

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLASS = "org.apache.spark.deploy"
_UP_WITHIN_S = 120


@dataclass
class Cluster:
    """Processes of a cluster. ``master`` is its URL."""

    master: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def executors(self) -> list[int]:
        """Process ids of the JVMs that run tasks: children of the workers."""
        return [child for worker in self.workers for child in _children(worker.pid)]

    def kill_worker(self) -> None:
        """SIGKILL the first worker with its executors."""
        worker = self.workers.pop(0)
        children = _children(worker.pid)
        for process in (worker.pid, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        worker.wait()


@contextlib.contextmanager
def standalone_cluster(folder: Path, workers: int, *, bound: bool = False) -> Iterator[Cluster]:
    """Start one and wait until its workers are known. ``bound``: each with its executor to a core of its own, as a machine of one core."""
    host = "127.0.0.1"
    port = _free_port()
    cluster = Cluster(f"spark://{host}:{port}")
    with contextlib.ExitStack() as stack:
        log = folder / "master.log"
        at = ["--host", host, "--port", str(port), "--webui-port", "0"]
        _start(stack, [f"{_CLASS}.master.Master", *at], log, folder)
        _wait_for(log, "I have been elected leader", 1)
        for number in range(workers):
            of_worker = ["--host", host, "--webui-port", "0", "--cores", "1", "--memory", "1g"]
            work = ["--work-dir", str(folder / f"work-{number}"), cluster.master]
            arguments = [f"{_CLASS}.worker.Worker", *of_worker, *work]
            with bound_to(_own_core(number)) if bound else contextlib.nullcontext():
                cluster.workers.append(_start(stack, arguments, folder / f"worker-{number}.log", folder))
        _wait_for(log, "Registering worker", workers)
        yield cluster


def last_cores(count: int) -> set[int]:
    """So many of the cores that this process may use, from the last on; all, where there are fewer."""
    return set(sorted(os.sched_getaffinity(0), reverse=True)[:count])


@contextlib.contextmanager
def bound_to(cores: set[int]) -> Iterator[None]:
    """Processes that this thread starts meanwhile run on these cores alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _own_core(number: int) -> set[int]:
    """The core of the worker of that number, from the last core on; workers share cores where there are fewer."""
    cores = sorted(os.sched_getaffinity(0), reverse=True)
    return {cores[number % len(cores)]}


def _start(stack: contextlib.ExitStack, arguments: list[str], log: Path, folder: Path) -> subprocess.Popen[bytes]:
    script = Path(pyspark.__file__).parent / "bin" / "spark-class"
    environment = {
        **os.environ,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        "SPARK_LOCAL_DIRS": str(folder),
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    file = stack.enter_context(log.open("wb"))
    process = subprocess.Popen([str(script), *arguments], stdout=file, stderr=file, env=environment)
    stack.callback(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    children = _children(process.pid)
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """A process's children, and theirs."""
    found = _children(pid)
    return found + [each for child in found for each in descendants(child)]


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    tasks = path.parent.parent
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in tasks.iterdir():
            found += [int(each) for each in (task / "children").read_text().split()]
    return found


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(log: Path, text: str, times: int) -> None:
    end = time.monotonic() + _UP_WITHIN_S
    while log.read_text(errors="replace").count(text) < times:
        if time.monotonic() > end:
            raise TimeoutError(f"{text!r} is not in the log: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)
