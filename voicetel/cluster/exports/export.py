"""Parquet from the executors: a folder that all machines share, made whole by the driver."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import duckdb

from voicetel.analyzers.core.no_calls import why_no_calls
from voicetel.cluster.driver import InputTotals
from voicetel.cluster.engine import buckets_for
from voicetel.cluster.exports.export_partition import EXPORT, FILES, OPEN_CALLS
from voicetel.cluster.packed_tables import decode, unpack_batches
from voicetel.cluster.routing.splits import list_splits
from voicetel.exporters.files import finish, replacing
from voicetel.exporters.tables import CALL_METRICS, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from voicetel.cluster.engine import Engine
    from voicetel.cluster.job import Job
    from voicetel.exporters.summary import ExportSummary

_AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and what was read for it."""

    summary: ExportSummary
    totals: InputTotals


def export_parquet(
    engine: Engine, paths: Sequence[str], job_of: Callable[[int], Job], folder: Path, *, with_text: bool
) -> Exported:
    """Write what ``voicetel.exporters.files.write_parquet`` writes, from all partitions: the folder appears whole or not at all.

    Raises NoDataError where no call is among those asked for, UsageError for a folder with anything in it that no export has made.
    """
    listing = list_splits(paths, engine.look)
    with replacing(folder) as draft:
        if with_text:
            draft.chmod(0o700)
        job = job_of(buckets_for(listing.bytes, engine.cores))
        job = replace(job, report=EXPORT, options={"folder": str(draft), "with_text": with_text})
        with engine.partitions(job, listing.splits) as partitions:
            totals = InputTotals.of(decode(partitions.sums()), paths, listing)
            written = [decode(each) for each in partitions.rows()]
        files = [row for tables in written for row in unpack_batches(tables[FILES].rows).to_pylist()]
        if not files:
            raise why_no_calls(totals.read, job.selection)
        _remove_others(draft, {row["path"] for row in files})
        open_calls = [row for tables in written for row in unpack_batches(tables[OPEN_CALLS].rows).to_pylist()]
        metrics = [draft / row["path"] for row in files if row["table_name"] == CALL_METRICS.name]
        _close_old_calls(metrics, open_calls, totals.newest)
        counts = {table.name: 0 for table in TABLES}
        for row in files:
            counts[row["table_name"]] += row["rows"]
        for table in TABLES:
            (draft / table.name).mkdir(exist_ok=True)
        if not with_text:
            _share(draft)
        return Exported(finish(draft, "parquet", counts, has_text=with_text), totals)


def _remove_others(folder: Path, listed: set[str]) -> None:
    """Remove what attempts have written that were lost, or done again."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and f"{path.relative_to(folder)}" not in listed:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _close_old_calls(files: Sequence[Path], open_calls: Sequence[dict[str, object]], newest: datetime | None) -> None:
    """Calls that a partition took for being in progress, by its own newest event, are incomplete if the newest of all says so."""
    old = [row["call_id"] for row in open_calls if newest is not None and row["last_event_at"] < newest - _AN_HOUR]  # type: ignore[operator]
    if not old:
        return
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for file in files:
            source = "read_parquet($file, hive_partitioning = false)"
            (found,) = connection.execute(
                f"SELECT count(*) FROM {source} WHERE list_contains($old, call_id)", {"file": str(file), "old": old}
            ).fetchall()
            if not found[0]:
                continue
            rewritten = file.with_suffix(".rewritten")
            state = "CASE WHEN list_contains($old, call_id) THEN 'incomplete' ELSE state END"
            connection.execute(
                f"COPY (SELECT * REPLACE ({state} AS state) FROM {source}) TO $rewritten (FORMAT parquet, COMPRESSION zstd)",
                {"file": str(file), "old": old, "rewritten": str(rewritten)},
            )
            rewritten.replace(file)


def _share(folder: Path) -> None:
    """Let those read the files who may read what is written here. Executors write for themselves alone."""
    umask = os.umask(0o077)
    os.umask(umask)
    for path in folder.rglob("*"):
        with contextlib.suppress(PermissionError):  # an executor of another user has written it
            path.chmod((0o777 if path.is_dir() else 0o666) & ~umask)
