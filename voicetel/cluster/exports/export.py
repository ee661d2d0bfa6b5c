"""Parquet from the executors, made whole by the driver."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import duckdb

from voicetel.analyzers.core.no_calls import explain_no_calls
from voicetel.analyzers.core.select_calls import IN_PROGRESS_FOR
from voicetel.analyzers.cost.rate_notes import notes_on_rates
from voicetel.cluster.driver import InputTotals
from voicetel.cluster.engine import buckets_for
from voicetel.cluster.exports.export_partition import EXPORT, FILES, OPEN_CALLS
from voicetel.cluster.exports.targets import export_target
from voicetel.cluster.packed_tables import RATES, decode, unpack_batches, values_of
from voicetel.cluster.routing.splits import list_splits
from voicetel.exporters.lake import ParquetFile
from voicetel.exporters.tables import CALL_METRICS, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from voicetel.cluster.engine import Engine
    from voicetel.cluster.exports.targets import ExportTarget
    from voicetel.cluster.job import Job
    from voicetel.exporters.summary import ExportSummary


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, what was read for it, and sentences on rates far off their list price."""

    summary: ExportSummary
    totals: InputTotals
    rate_notes: tuple[str, ...]


def export_parquet(
    engine: Engine, paths: Sequence[str], job_of: Callable[[int], Job], folder: Path | str, *, with_text: bool
) -> Exported:
    """Write what ``voicetel.exporters.files.write_parquet`` writes, from all partitions, into a path or the URI of a folder of objects.

    A folder appears whole or not at all; of objects the list does. Raises NoDataError where no call is among those asked for, UsageError
    for a folder with anything in it that no export has made.
    """
    with export_target(folder, with_text=with_text) as export_to:
        listing = list_splits(paths, engine.inspect_files)
        options = {"folder": export_to.location, "token": export_to.token, "with_text": with_text}
        job = replace(job_of(buckets_for(listing.bytes, engine.cores)), kind=EXPORT, options=options)
        with engine.partitions(job, listing.splits) as partitions:
            totals = InputTotals.of(decode(partitions.aggregates()), paths, listing)
            written = [decode(each) for each in partitions.rows()]
        files = _files([row for tables in written for row in unpack_batches(tables[FILES].rows).to_pylist()])
        if not any(files.values()):
            raise explain_no_calls(totals.summary, job.selection)
        open_calls = [row for tables in written for row in unpack_batches(tables[OPEN_CALLS].rows).to_pylist()]
        _close_old_calls(export_to, files[CALL_METRICS.name], open_calls, totals.newest)
        counts = {name: sum(file.rows for file in some) for name, some in files.items()}
        rate_notes = notes_on_rates(job.card, values_of(written, RATES))
        return Exported(export_to.finish(files, counts), totals, rate_notes)


def _files(rows: Sequence[dict[str, Any]]) -> dict[str, list[ParquetFile]]:
    """Table → its files, by their paths."""
    found: dict[str, list[ParquetFile]] = {table.name: [] for table in TABLES}
    for row in sorted(rows, key=lambda row: str(row["path"])):
        found[row["table_name"]].append(ParquetFile(row["path"], row["rows"], row["bytes"], json.loads(row["types"])))
    return found


def _close_old_calls(
    export_to: ExportTarget, files: Sequence[ParquetFile], open_calls: Sequence[dict[str, Any]], newest: datetime | None
) -> None:
    """Calls that a partition took for being in progress, by its own newest event, are incomplete if the newest of all says so."""
    old = [row for row in open_calls if newest is not None and row["last_event_at"] < newest - IN_PROGRESS_FOR]
    names = tuple(f"/part_{name}_" for name in {row["name"] for row in old})
    call_ids = [row["call_id"] for row in old]
    for file in files:
        if any(name in file.path for name in names):
            export_to.rewrite(file.path, lambda path: _closed(path, call_ids))


def _closed(file: Path, call_ids: Sequence[str]) -> bool:
    """Call these calls incomplete in a file; whether any of them is in it."""
    source = "read_parquet($file, hive_partitioning = false)"
    values = {"file": str(file), "old": list(call_ids)}
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        ((found,),) = connection.execute(
            f"SELECT count(*) FROM {source} WHERE list_contains($old, call_id)", values
        ).fetchall()
        if not found:
            return False
        rewritten = file.with_suffix(".rewritten")
        state = "CASE WHEN list_contains($old, call_id) THEN 'incomplete' ELSE state END"
        connection.execute(
            f"COPY (SELECT * REPLACE ({state} AS state) FROM {source}) TO $rewritten (FORMAT parquet, COMPRESSION zstd)",
            {**values, "rewritten": str(rewritten)},
        )
        rewritten.replace(file)
    return True
