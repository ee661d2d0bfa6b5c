"""The most memory that each command takes over logs of a size: ``commands.py [SIZE] [--only REGEX] [--data DIR]``, 1GB unless it is said.

The commands are those that there are: one that is made from the registry is asked with ``--json``, and by a group where it
groups, others as ``CASES`` says; one that is in neither is an error. All share one store, which the first one makes. Each is
a process of its own. Peaks are of its resident memory, or of one of its children, whichever is largest, in units of 1,000,000 bytes.
Exits with 1 where one takes more than its budget, or fails.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.imports import write_export
from bench.memory.cases import CASES
from bench.run import logs_of
from voicetel.cli.app import app
from voicetel.registry import REPORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
BUDGET_MB = 700
_DONE = (0, 3, 4)
"""Exit codes of a command that did its work."""
IMPORTED_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Peak:
    """CPU seconds and peak of a command. ``error``: its last line where it failed."""

    cpu_seconds: float
    peak_mb: float
    error: str = ""


def commands() -> Iterator[str]:
    """What is typed of every command of ``voicetel``, in the order of --help."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        yield from (f"{name} {verb}" for verb in command.commands) if hasattr(command, "commands") else (name,)


def cases() -> Iterator[tuple[str, str]]:
    """Each command, and what follows it, as often as it is run."""
    reports = {report.words: report for report in REPORTS if report.has_command}
    for words in commands():
        if words in CASES:
            yield from ((words, rest) for rest in CASES[words])
        elif words in reports:
            yield words, "{logs} --json"
            if "by" in reports[words].takes:
                yield words, "{logs} --by agent_name --json"
        else:
            raise SystemExit(f"{words}: CASES does not say how it is run")


def peak_of(arguments: list[str], cache: Path, talk: Callable[[subprocess.Popen[str]], None] | None) -> Peak:
    """Run a command in a process of its own. ``talk``: what it is asked once it runs."""
    command = [sys.executable, "-m", "voicetel", *arguments]
    pipe = subprocess.PIPE if talk else subprocess.DEVNULL
    with tempfile.TemporaryFile("w+") as errors:
        environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, env=environment, text=True)
        if talk:
            talk(process)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        is_done = process.returncode in (*_DONE, -signal.SIGTERM if talk else 0)
        error = "" if is_done else (errors.read().splitlines() or ["no message"])[-1]
    peak_mb = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return Peak(used.ru_utime + used.ru_stime, peak_mb, error)


def ask_server(process: subprocess.Popen[str]) -> None:
    """Ask ``serve`` for the page and for its largest answers."""
    assert process.stdout is not None
    address, _, token = process.stdout.readline().strip().partition("?token=")
    for path in ("api/v1/report", "api/v1/calls?limit=1000", "api/v1/analyze?by=agent_name", "api/v1/interruptions"):
        request = urllib.request.Request(f"{address}{path}", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request) as response:
            response.read()
    process.terminate()


def ask_assistant(process: subprocess.Popen[str]) -> None:
    """Ask ``mcp`` as a coding assistant does."""
    assert process.stdin is not None
    assert process.stdout is not None
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
    asked: list[tuple[str, dict[str, Any]]] = [("initialize", client)]
    asked += [
        ("tools/call", {"name": name, "arguments": arguments})
        for name, arguments in (("analyze", {}), ("calls", {"limit": 1000}), ("report", {}), ("tools", {}))
    ]
    for number, (method, params) in enumerate(asked):
        process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        if "result" not in answer or answer["result"].get("isError"):
            raise SystemExit(f"mcp: {method} {params}: {answer}")
        if method == "initialize":
            process.stdin.write('{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
    process.terminate()


_SERVER = """
import sys
from support.servers.postgres_server import packaged_binaries, running_server
with running_server(packaged_binaries()) as server:
    print(server.dsn(), flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def database() -> Iterator[str]:
    """The DSN of a PostgreSQL of its own. A process of its own starts it: what this one takes, those that it starts are said to take."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    command, pipe = [sys.executable, "-c", _SERVER], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


TALKS = {"serve": ask_server, "mcp": ask_assistant}


def halves(logs: Path, work: Path) -> tuple[Path, Path]:
    """Two folders with the earlier and the later half of the files."""
    files = sorted(logs.glob("*.jsonl"))
    base, new = work / "base", work / "new"
    for folder, some in ((base, files[: len(files) // 2]), (new, files[len(files) // 2 :])):
        folder.mkdir()
        for file in some:
            (folder / file.name).hardlink_to(file)
    return base, new


def prepared(logs: Path, work: Path, dsn: str) -> dict[str, object]:
    """What stands for the names in braces."""
    base, new = halves(logs, work)
    with min(logs.glob("*.jsonl")).open(encoding="utf-8") as file:
        call = json.loads(file.readline())["call_id"]
    invoice = "day,model,used,unit,amount\n2026-11-02,llama-3.1-8b-instant,30000,input_tokens,0.0015\n"
    (work / "invoice.csv").write_text(invoice, encoding="utf-8")
    write_export(work / "export.json", IMPORTED_BYTES, days=7)
    return {"logs": logs, "base": base, "new": new, "call": call, "out": work, "dsn": dsn, "here": ROOT}


def main() -> None:
    """Run every command and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", nargs="?", default="1GB")
    parser.add_argument("--only", default="", help="a regular expression that is found in what is run")
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "voicetel-bench")
    options = parser.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)
    logs = logs_of(options.data, options.size)
    is_over = False
    with tempfile.TemporaryDirectory(dir=options.data) as name, database() as dsn:
        work = Path(name)
        names = prepared(logs, work, dsn)
        print("| command | CPU seconds | peak MB | budget MB |\n|---|---:|---:|---:|")
        for words, rest in cases():
            if not re.search(options.only, f"{words} {rest}"):
                continue
            arguments = [*words.split(), *(each.format(**names) for each in shlex.split(rest))]
            peak = peak_of(arguments, work / "cache", TALKS.get(words))
            is_over |= peak.peak_mb > BUDGET_MB or bool(peak.error)
            shown = " ".join(re.sub(r"\{(logs|here)\}/?|--dsn '\{dsn\}'", " ", f"{words} {rest}").split())
            print(f"| `{shown}` {peak.error}| {peak.cpu_seconds:.1f} | {peak.peak_mb:.0f} | {BUDGET_MB} |", flush=True)
    sys.exit(is_over)


if __name__ == "__main__":
    main()
