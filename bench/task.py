"""One measurement of bench/run.py in a process of its own: ``task.py bare|polars|analyze|profile PATH [--no-cache]``.

Prints one line of JSON: seconds from the start of the process (imports included), seconds of CPU, peak memory, and what was found.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

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
    from voicetel.without_pandas import leave_pandas_out  # noqa: PLC0415

    leave_pandas_out()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from voicetel.cli.app import app  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as directory:
        app(["analyze", path, "--json", "-o", f"{directory}/report.json", *options], standalone_mode=False)
    return ""


def profile(path: str) -> str:
    """CPU seconds that a first run spends in each of its steps, in whichever thread."""
    from voicetel.outcomes import load_rules  # noqa: PLC0415
    from voicetel.store import open_store  # noqa: PLC0415
    from voicetel.store.aggregate.aggregation import Aggregation  # noqa: PLC0415
    from voicetel.store.aggregate.outcomes import OutcomeClassifier  # noqa: PLC0415
    from voicetel.store.ingest import loading  # noqa: PLC0415
    from voicetel.store.ingest.lines import line_reader  # noqa: PLC0415
    from voicetel.store.ingest.lines.line_reader import LineReader  # noqa: PLC0415
    from voicetel.store.ingest.segment_builder import SegmentBuilder  # noqa: PLC0415

    spent: dict[str, float] = {}
    steps: list[tuple[Any, str, str]] = [
        (LineReader, "read_typed", "parse lines into columns"),
        (line_reader, "lines_with_mismatched_types", "of it (hash and validate): types of values, by their bytes"),
        (SegmentBuilder, "add", "measure turns"),
        (SegmentBuilder, "tables", "add up what was used"),
        (LineReader, "validate", "hash and validate lines"),
        (Aggregation, "_supersede_duplicates", "look for duplicates (all threads)"),
        (Aggregation, "_make_calls", "make calls and classify outcomes (all threads)"),
        (OutcomeClassifier, "_find_phrases", "of it: read transcripts and find phrases (all threads)"),
        (loading, "write_segment_file", "write segments"),
    ]
    for owner, name, step in steps:
        setattr(owner, name, _timed(getattr(owner, name), step, spent))
    began = time.process_time()
    with open_store([path], load_rules(), cache=False):
        whole = time.process_time() - began
    outer = sum(seconds for step, seconds in spent.items() if not step.startswith("of it"))
    spent["find lines, and the rest"] = whole - outer
    lines = [
        "| step | CPU seconds |",
        "|---|---:|",
        *(f"| {step} | {seconds:.2f} |" for step, seconds in spent.items()),
    ]
    return "\n".join(lines)


def _timed(function: Callable[..., Any], step: str, spent: dict[str, float]) -> Callable[..., Any]:
    clock = time.process_time if "all threads" in step else time.thread_time

    def timed(*arguments: Any, **values: Any) -> Any:
        began = clock()
        try:
            return function(*arguments, **values)
        finally:
            spent[step] = spent.get(step, 0.0) + clock() - began

    return timed


def main(work: str, path: str, *options: str) -> None:
    """Do one piece of work and tell."""
    said = {"bare": bare, "polars": polars, "analyze": analyze, "profile": profile}[work](path, *options)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    seconds = time.clock_gettime(time.CLOCK_MONOTONIC) - BEGAN
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu_seconds = used.ru_utime + used.ru_stime
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": peak, "said": said}))


if __name__ == "__main__":
    main(*sys.argv[1:])
