"""One measurement of bench/run.py in a process of its own: ``task.py bare|polars|analyze|profile PATH [--no-cache]``.

Prints one line of JSON: seconds from the start of the process (imports included), peak memory, and what was found.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time

BEGAN = time.clock_gettime(time.CLOCK_MONOTONIC)
BARE = (
    "SELECT count(*) FROM (SELECT call_id, count(*), avg(eou_latency_ms) FROM read_json($path,"
    " columns = {call_id: 'VARCHAR', eou_latency_ms: 'DOUBLE'}, format = 'newline_delimited') GROUP BY call_id)"
)


def bare(path: str) -> str:
    """What any DuckDB user would write."""
    import duckdb  # noqa: PLC0415

    return str(duckdb.connect().execute(BARE, {"path": path}).fetchall())


def polars(path: str) -> str:
    """The same with Polars."""
    import polars as pl  # noqa: PLC0415

    frame = pl.scan_ndjson(path, schema={"call_id": pl.String, "eou_latency_ms": pl.Float64})
    return str(frame.group_by("call_id").agg(pl.len(), pl.col("eou_latency_ms").mean()).collect().height)


def analyze(path: str, *options: str) -> str:
    """The command, as it is typed, but for the printing."""
    from voicetel.cli.app import app  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as directory:
        app(["analyze", path, "--json", "-o", f"{directory}/report.json", *options], standalone_mode=False)
    return ""


def profile(path: str) -> str:
    """Seconds that a first run spends in each of its steps."""
    from voicetel.outcomes import load_rules  # noqa: PLC0415
    from voicetel.store import load, open_store  # noqa: PLC0415

    spent: dict[str, float] = {}
    execute = load.Loader._all  # noqa: SLF001  every statement goes through it

    def timed(loader: load.Loader, sql: str, **values: object) -> list[tuple[object, ...]]:
        began = time.monotonic()
        try:
            return execute(loader, sql, **values)
        finally:
            step = next((name for mark, name in STEPS.items() if mark in sql), "the rest")
            spent[step] = spent.get(step, 0.0) + time.monotonic() - began

    load.Loader._all = timed  # type: ignore[method-assign, assignment]  # noqa: SLF001
    began = time.monotonic()
    with open_store([path], load_rules(), cache=False):
        whole = time.monotonic() - began
    spent["opening, committing and the rest"] = whole - sum(spent.values()) + spent.pop("the rest", 0.0)
    lines = ["| step | seconds |", "|---|---:|", *(f"| {step} | {seconds:.2f} |" for step, seconds in spent.items())]
    return "\n".join(lines)


STEPS = {
    "INSERT INTO events BY NAME": "read, transform, judge, measure, look for phrases, insert",
    "INSERT INTO usage_sums": "add up what was used",
    "has_duplicates": "look for duplicates",
}


def main(work: str, path: str, *options: str) -> None:
    """Do one piece of work and tell."""
    said = {"bare": bare, "polars": polars, "analyze": analyze, "profile": profile}[work](path, *options)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    seconds = time.clock_gettime(time.CLOCK_MONOTONIC) - BEGAN
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "said": said}))


if __name__ == "__main__":
    main(*sys.argv[1:])
