"""Starts the process that runs a query, watches it, and takes what it says."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from voicetel.errors import UsageError, VoicetelError

if TYPE_CHECKING:
    import pyarrow as pa

GRACE_S = 2
"""How long after its time a query that does not stop by itself is killed."""

STARTING_S = 60
"""How long the process may take to begin: the interpreter, DuckDB, opening the file."""

STREAM_FACTOR = 2
"""An Arrow stream has headers and padding beside its rows."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may take. ``max_rows`` 0: as many as ``max_bytes`` allows."""

    timeout_s: float = 30
    memory_mb: int = 512
    address_space_mb: int = 3072
    spill_mb: int = 1024
    max_rows: int = 10_000
    max_bytes: int = 8_000_000
    threads: int = 2

    @property
    def cpu_s(self) -> int:
        """CPU time after which the kernel ends it: all its threads for all its time, and what it takes to begin."""
        return int(self.timeout_s * self.threads) + 10


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Rows of a query. ``cut`` says which limit ended them: rows, bytes, or none.

    ``rate_notes`` are sentences on rates far off their list price, where the query names amounts.
    """

    table: pa.Table
    cut: str
    rate_notes: tuple[str, ...] = ()


def run_query(sql: str, database: Path, folder: Path, limits: Limits) -> QueryResult:
    """Run one SELECT or EXPLAIN over a database file. What does not fit into memory is put aside in ``folder``, a private one.

    Raises UsageError for what is not run or means nothing, VoicetelError for what takes too much time or memory or fails.
    """
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as spill:
        return _run_query(sql, database, Path(spill), limits)


def _run_query(sql: str, database: Path, spill: Path, limits: Limits) -> QueryResult:
    task = {
        "sql": sql,
        "database": str(database),
        "spill": str(spill),
        "limits": {**asdict(limits), "cpu_s": limits.cpu_s},
    }
    with subprocess.Popen(  # noqa: S603  our own interpreter, and our own file
        [sys.executable, "-I", str(files("voicetel.sql") / "child.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=spill,
        env=_environment(spill),
        start_new_session=True,
    ) as process:
        watch = _Watch(process, limits)
        try:
            output = watch.run(json.dumps(task).encode())
        finally:
            _kill(process)
    if process.returncode == 0 and "cut" in watch.said:
        import pyarrow as pa  # noqa: PLC0415  a query that fails needs none

        with pa.ipc.open_stream(io.BytesIO(output)) as stream:
            return QueryResult(stream.read_all(), watch.said["cut"])
    raise _failure(watch.said, process.returncode, limits)


class _Watch:
    """Reads both outputs of the process in bounded memory, and ends it when its time is over."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits) -> None:
        self.said: dict[str, Any] = {}
        self._process = process
        self._limits = limits
        self._timer = threading.Timer(STARTING_S, self._too_late)

    def run(self, task: bytes) -> bytes:
        """Give the task, wait for the end, give what was written to stdout."""
        stdin, stdout = _pipe(self._process.stdin), _pipe(self._process.stdout)
        self._timer.daemon = True
        self._timer.start()
        listener = threading.Thread(target=self._listen, daemon=True)
        listener.start()
        with suppress(BrokenPipeError):
            stdin.write(task)
            stdin.close()
        output = stdout.read(self._limits.max_bytes * STREAM_FACTOR)
        if stdout.read(1):
            _kill(self._process)
        self._process.wait()
        listener.join()
        self._timer.cancel()
        return output

    def _listen(self) -> None:
        for raw in _pipe(self._process.stderr):
            line = raw.decode("utf-8", "replace")
            if line == "started\n":
                self._timer.cancel()
                self._timer = threading.Timer(self._limits.timeout_s + GRACE_S, self._too_late)
                self._timer.daemon = True
                self._timer.start()
            elif line.startswith("{"):
                self.said = json.loads(line)

    def _too_late(self) -> None:
        self.said = {"error": "timeout", "message": ""}
        _kill(self._process)


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise VoicetelError("the process of the query has no pipe")
    return stream


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the user's, but where libraries are found."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return {**kept, "HOME": str(folder), "LANG": "C.UTF-8"}


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process, and whatever it may have started."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _failure(said: dict[str, Any], code: int, limits: Limits) -> VoicetelError:
    message = said.get("message", "")
    match said.get("error"):
        case "refused":
            return UsageError(message, hint="write one SELECT; `voicetel sql --schema` lists the relations")
        case "query" if code == 2:
            return UsageError(message, hint="`voicetel sql --schema` lists the relations")
        case "query":
            return VoicetelError(message)
        case "memory":
            return VoicetelError(
                f"the query needs more than {limits.memory_mb} MB of memory", hint="ask for fewer rows or columns"
            )
        case "timeout":
            return VoicetelError(
                f"the query did not end within {limits.timeout_s:g} s", hint="ask for less, or give --timeout"
            )
    return VoicetelError("the query was stopped: it took more CPU time, memory or disk than it may")
