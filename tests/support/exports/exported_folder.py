"""An export of Parquet as what it holds, whatever its files are called."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb

from support.example_logs.dealt_logs import START
from voicetel.cluster.job import Job
from voicetel.exporters.files import MARKER
from voicetel.outcomes import load_rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.example_logs.dealt_logs import Asked


def job_of(question: Asked, buckets: int = 3) -> Callable[[int], Job]:
    """A job over the calls that are asked for."""
    return lambda _: Job("calls", question.selection, question.card, load_rules(), buckets)


def rows_of(folder: Path) -> dict[str, Any]:
    """Columns and sorted rows of each table, and what the export says of itself."""
    marker = json.loads((folder / MARKER).read_text())
    listed = [file for table in marker["tables"].values() for file in table.pop("files")]
    assert {file["path"] for file in listed} == {str(path.relative_to(folder)) for path in folder.rglob("*.parquet")}
    found: dict[str, Any] = {"marker": marker}
    for table in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = [str(path) for path in table.rglob("*.parquet")]
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            relation = connection.read_parquet(files, hive_partitioning=True)
            types = [str(each) for each in relation.types]
            found[table.name] = (relation.columns, types, sorted(map(repr, relation.fetchall())))
    return found


def write_open_calls(logs: Path) -> None:
    """Three calls without an end, a week after the others: by the newest event of all, only the last two are in progress."""
    late = START.isoformat().replace("2026-11-02", "2026-11-09")
    lines = [
        {"v": 1, "event": "call_started", "ts": late, "call_id": "open-1"},
        {"v": 1, "event": "call_started", "ts": late.replace("T22:30", "T23:45"), "call_id": "open-2"},
        {"v": 1, "event": "call_started", "ts": late.replace("T22:30", "T23:50"), "call_id": "open-3"},
    ]
    (logs / "open.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
