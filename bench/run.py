"""Hold voicetel to its budgets: ``run.py [--sizes 100MB 1GB] [--rounds 1] [--data DIR]``; docs/performance.md is written.

Makes made-up logs (kept in ``--data`` for the next time), then reads them with bare DuckDB, Polars and voicetel. Every
measurement is a process of its own, and the median of some rounds counts. What is compared are ratios of CPU time to bare
DuckDB's on the same file in the same run: they hold from machine to machine, and where others are at work; seconds do not.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
REPORT = HERE.parent / "docs" / "performance.md"
ONCE_FROM_BYTES = 2_000_000_000
"""Logs of this size are measured once."""
BUDGETS_FROM_BYTES = 900_000_000
"""Of fewer, the start of the process takes a share that no budget speaks of."""


@dataclass(frozen=True)
class Measured:
    """Wall time of a process, its CPU time in all threads, its peak memory, and what it printed."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    said: str


@dataclass(frozen=True)
class Row:
    """One line of the table. ``ratio`` of CPU to bare DuckDB's; ``budget`` of it, where there is one."""

    logs: str
    work: str
    seconds: float
    cpu_seconds: float
    ratio: float
    peak_mb: float
    budget: float | None = None


def measure(*arguments: str, cache: Path | None = None) -> Measured:
    """Run bench/task.py with some arguments as a process of its own."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache or HERE / "nowhere")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed comes compiled
    done = subprocess.run(
        [sys.executable, str(HERE / "task.py"), *arguments], capture_output=True, text=True, check=True, env=environment
    )
    said = json.loads(done.stdout.splitlines()[-1])
    return Measured(said["seconds"], said["cpu_seconds"], said["peak_mb"], said["said"])


def median(*arguments: str, cache: Path | None = None, rounds: int) -> Measured:
    """The middle one of some runs."""
    runs = sorted((measure(*arguments, cache=cache) for _ in range(rounds)), key=_cpu_seconds)
    return Measured(
        statistics.median(each.seconds for each in runs),
        statistics.median(map(_cpu_seconds, runs)),
        max(each.peak_mb for each in runs),
        runs[0].said,
    )


def _cpu_seconds(done: Measured) -> float:
    return done.cpu_seconds


def logs_of(data: Path, size: str, file_size: str | None = None) -> Path:
    """Made-up logs of a size, made if they are not there."""
    folder = data / (size if file_size is None else f"{size}-in-{file_size}")
    if not folder.is_dir():
        making = folder.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        command = [sys.executable, str(HERE / "make_data.py"), size, str(making), *([file_size] if file_size else [])]
        subprocess.run(command, check=True)
        making.rename(folder)
    return folder


def one_file(folder: Path) -> Path:
    """All of a folder's logs as one file beside it."""
    whole = folder.with_suffix(".jsonl")
    if not whole.is_file():
        with whole.open("wb") as file:
            for log in sorted(folder.glob("*.jsonl")):
                file.write(log.read_bytes())
    return whole


def rows_for(name: str, log: Path, work: Path, *, rounds: int) -> list[Row]:
    """Every measurement over one file."""
    bare = median("bare", str(log), rounds=rounds)
    polars = median("polars", str(log), rounds=rounds)

    held = log.stat().st_size >= BUDGETS_FROM_BYTES

    def row(what: str, done: Measured, budget: float | None = None) -> Row:
        ratio = done.cpu_seconds / bare.cpu_seconds
        return Row(name, what, done.seconds, done.cpu_seconds, ratio, done.peak_mb, budget if held else None)

    found = [row("bare DuckDB", bare), row("Polars read_ndjson", polars)]
    cold = [measure("analyze", str(log), cache=work / f"cold-{number}") for number in range(rounds)]
    found.append(row("first analyze", sorted(cold, key=_cpu_seconds)[rounds // 2], 5.5))
    found.append(row("analyze --no-cache", median("analyze", str(log), "--no-cache", rounds=rounds), 5.5))
    kept = work / "cold-0"
    found.append(row("analyze again", median("analyze", str(log), cache=kept, rounds=rounds), 0.7))
    found.append(row("another question, nothing new", measure("analyze", str(log), "--by", "language", cache=kept)))
    found.append(row("analyze, 1 % appended", _appended(log, work), 0.8))
    for number in range(rounds):
        shutil.rmtree(work / f"cold-{number}")
    return found


def _appended(log: Path, work: Path) -> Measured:
    """A run over a log whose last hundredth came after the run before."""
    growing = work / "growing.jsonl"
    size = log.stat().st_size
    with log.open("rb") as whole:
        whole.seek(size - size // 100)
        whole.readline()
        begin = whole.tell()
        rest = whole.read()
    shutil.copyfile(log, growing)
    os.truncate(growing, begin)
    measure("analyze", str(growing), cache=work / "growing")
    with growing.open("ab") as file:
        file.write(rest)
    done = measure("analyze", str(growing), cache=work / "growing")
    growing.unlink()
    shutil.rmtree(work / "growing")
    return done


def many_files(data: Path, size: str, file_size: str, work: Path) -> list[Row]:
    """Many small files against one of the same bytes."""
    folder = logs_of(data, size, file_size)
    whole = one_file(folder)
    one = measure("analyze", str(whole), "--no-cache")
    many = measure("analyze", str(folder), "--no-cache")
    again_cache = work / "many"
    measure("analyze", str(folder), cache=again_cache)
    again = measure("analyze", str(folder), cache=again_cache)
    count = len(list(folder.glob("*.jsonl")))
    name = f"{size} in {count:,} files"
    return [
        Row(
            name,
            "analyze --no-cache, against one file",
            many.seconds,
            many.cpu_seconds,
            many.cpu_seconds / one.cpu_seconds,
            many.peak_mb,
            1.5,
        ),
        Row(
            name,
            "analyze again, against one file read first",
            again.seconds,
            again.cpu_seconds,
            again.cpu_seconds / one.cpu_seconds,
            again.peak_mb,
        ),
    ]


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| logs | work | seconds | CPU seconds | ratio | budget | peak MB |", "|---|---|---:|---:|---:|---:|---:|"]
    for row in rows:
        budget = "" if row.budget is None else f"≤ {row.budget:g}"
        lines.append(
            f"| {row.logs} | {row.work} | {row.seconds:.2f} | {row.cpu_seconds:.2f} | {row.ratio:.2f} | {budget} |"
            f" {row.peak_mb:.0f} |"
        )
    return "\n".join(lines)


def machine() -> str:
    """What it was measured on."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} cores, {memory_gb:.0f} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, DuckDB {version('duckdb')}, Polars {version('polars')}"
    )


def main() -> None:
    """Measure, print the table, and write it where it was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="*", default=["100MB", "1GB", "5GB"])
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "voicetel-bench")
    parser.add_argument("--rounds", type=int, default=3, help="runs whose median counts")
    parser.add_argument("--many", default="1GB", help="size of the logs in files of 100 KB; 0 for none")
    options = parser.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)
    compileall.compile_dir(str(HERE.parent / "voicetel"), quiet=1)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(dir=options.data) as work:
        for size in options.sizes:
            log = one_file(logs_of(options.data, size))
            rounds = options.rounds if log.stat().st_size < ONCE_FROM_BYTES else 1
            rows += rows_for(size, log, Path(work), rounds=rounds)
            print(table(rows), flush=True)
        if options.many != "0":
            rows += many_files(options.data, options.many, "100KB", Path(work))
    largest = options.sizes[-1]
    profile = measure("profile", str(one_file(logs_of(options.data, largest)))).said
    report = f"{machine()}\n\n{table(rows)}\n\nWhere the time of a first run over {largest} goes:\n\n{profile}"
    print(report)
    before, _, rest = REPORT.read_text(encoding="utf-8").partition("<!-- measured -->")
    _, _, after = rest.partition("<!-- /measured -->")
    REPORT.write_text(f"{before}<!-- measured -->\n\n{report}\n\n<!-- /measured -->{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
