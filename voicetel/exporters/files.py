"""Exports into a folder: Parquet, partitioned by day, or CSV. The folder appears whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
from typing import TYPE_CHECKING, Any

from voicetel.errors import UsageError
from voicetel.exporters.csv_text import csv_text_sql, json_text_sql
from voicetel.exporters.lake import described_tables, files_of_tables
from voicetel.exporters.summary import ExportSummary, TableSummary
from voicetel.exporters.tables import CALL_LOGS, CALL_METRICS, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import duckdb

    from voicetel.exporters.columns import Column, Table
    from voicetel.exporters.lake import ParquetFile
    from voicetel.exporters.rows import Rows

MARKER = "voicetel-export.json"
"""Stands in every folder that an export has made, so that the next one knows that it may replace it."""

_NAMES = "|".join(table.name for table in TABLES)
PARTITION_FILE = re.compile(rf"({_NAMES})/day=[^/]+/part_[^/]+\.parquet")
"""A file of a Parquet export, by its path in the folder."""
_OF_AN_EXPORT = re.compile(rf"{MARKER}|({_NAMES})(\.csv|/day=[^/]+)?|{PARTITION_FILE.pattern}")
"""What an export leaves in its folder: files, and folders in it."""

ROWS_AT_ONCE = 10_000
"""Rows that every thread holds before it writes them to the files of their days."""

TEXT_BYTES_AT_ONCE = 32 << 20
"""Of the texts of rows that are written at once."""


def write_parquet(parts: Iterable[Rows], folder: Path) -> ExportSummary:
    """Write ``folder``/TABLE/day=YYYY-MM-DD/….parquet; the day is the UTC day on which the call started.

    Raises UsageError for a folder with anything in it that no export has made.
    """
    return _write(parts, folder, "parquet", write_partitions)


def write_csv(parts: Iterable[Rows], folder: Path) -> ExportSummary:
    """Write ``folder``/TABLE.csv, its texts as ``text_safety.csv_text`` has them.

    Raises UsageError for a folder with anything in it that no export has made.
    """
    return _write(parts, folder, "csv", _write_table)


def _write(
    parts: Iterable[Rows], folder: Path, format_: str, write: Callable[[Rows, int, Table, Path], int]
) -> ExportSummary:
    with replacing(folder) as draft:
        counts = {table.name: 0 for table in TABLES}
        has_text = False
        for number, rows in enumerate(parts):
            has_text = rows.has_text
            if has_text:
                draft.chmod(0o700)
            for table in TABLES:
                counts[table.name] += write(rows, number, table, draft)
        return finish(draft, format_, counts, has_text=has_text)


def finish(draft: Path, format_: str, counts: Mapping[str, int], *, has_text: bool) -> ExportSummary:
    """Mark a folder of ``replacing`` as an export with so many rows of each table, the last of its files.

    Of Parquet it says which files there are. Nobody else reads the folder where it has texts.
    """
    files = files_of_tables(draft) if format_ == "parquet" else None
    (draft / MARKER).write_text(marker_text(format_, counts, files), encoding="utf-8")
    if has_text:
        _keep_private(draft)
    return summary_of(counts)


def marker_text(format_: str, counts: Mapping[str, int], files: Mapping[str, Sequence[ParquetFile]] | None) -> str:
    """What stands in an export's folder: how many rows each table has and, of Parquet, its columns and files."""
    marker: dict[str, Any] = {"schema_version": 1, "format": format_, "rows": dict(counts)}
    if files is not None:
        marker["tables"] = described_tables(files)
    return json.dumps(marker, indent=2) + "\n"


def summary_of(counts: Mapping[str, int]) -> ExportSummary:
    """So many rows of each table, all of them new."""
    return ExportSummary({name: TableSummary(unchanged=0, inserted=count) for name, count in counts.items()})


def _keep_private(folder: Path) -> None:
    """Let nobody else read the files, wherever they are copied to."""
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def write_partitions(rows: Rows, name: int | str, table: Table, folder: Path) -> int:
    """Write a part's rows of a table, and count them.

    Its files are called ``part_<name>_….parquet``: two parts can share a day.
    """
    columns = ", ".join(_parquet_value(column) for column in table.columns)
    rows.connection.execute(f"SET partitioned_write_flush_threshold = {ROWS_AT_ONCE}")
    written = 0
    for number, bounds in enumerate(_slices(rows, table)):
        stem = f"{name}_{number}" if number else name
        ((count,),) = rows.connection.execute(
            f"COPY (SELECT {columns}, day FROM export_{table.name} JOIN"
            f" (SELECT call_id, CAST(started_at AS DATE) AS day FROM export_{CALL_METRICS.name}) AS days USING (call_id)"
            f" WHERE {_IN_SLICE}) TO $folder (FORMAT parquet, PARTITION_BY (day),"
            f" FILENAME_PATTERN 'part_{stem}_{{i}}', OVERWRITE_OR_IGNORE, COMPRESSION zstd)",
            {"folder": str(folder / table.name), **bounds},
        ).fetchall()
        written += int(count)
    # Without a row there is no partition, and so no file; the folder says that the table is empty.
    (folder / table.name).mkdir(exist_ok=True)
    return written


def _write_table(rows: Rows, number: int, table: Table, folder: Path) -> int:
    """Write a part's rows of a table behind those of the parts before it, and count them."""
    columns = ", ".join(_csv_value(column) for column in table.columns)
    order = ", ".join(table.key)
    whole, part = folder / f"{table.name}.csv", folder / f"{table.name}.part"
    written = 0
    for slice_number, bounds in enumerate(_slices(rows, table)):
        file = whole if number == slice_number == 0 else part
        with _one_thread(rows.connection):
            ((count,),) = rows.connection.execute(
                f"COPY (SELECT {columns} FROM export_{table.name} WHERE {_IN_SLICE} ORDER BY {order})"
                f" TO $file (FORMAT csv, HEADER {file == whole})",
                {"file": str(file), **bounds},
            ).fetchall()
        written += int(count)
        if file == part:
            with part.open("rb") as source, whole.open("ab") as target:
                shutil.copyfileobj(source, target)
            part.unlink()
    return written


@contextlib.contextmanager
def _one_thread(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """In the ``with`` block DuckDB has one thread: what several have of sorted rows on their way to one file cannot be put aside."""
    ((threads,),) = connection.execute("SELECT current_setting('threads')").fetchall()
    connection.execute("SET threads = 1")
    try:
        yield
    finally:
        connection.execute(f"SET threads = {threads}")


_IN_SLICE = "($first IS NULL OR call_id >= $first) AND ($next IS NULL OR call_id < $next)"


def _slices(rows: Rows, table: Table) -> list[dict[str, str | None]]:
    """Bounds of call ids between which there are TEXT_BYTES_AT_ONCE of texts, or one call: first (inclusive), next (exclusive).

    DuckDB sorts and partitions rows as long as texts are in memory alone.
    """
    if not rows.has_text or table is not CALL_LOGS:
        return [{"first": None, "next": None}]
    begins = rows.connection.execute(
        "SELECT min(call_id) FROM (SELECT call_id, (sum(bytes) OVER (ORDER BY call_id) - bytes) // $at_once AS slice FROM"
        f" (SELECT call_id, sum(coalesce(strlen(content), 0)) AS bytes FROM export_{table.name} GROUP BY call_id))"
        " GROUP BY slice ORDER BY min(call_id)",
        {"at_once": TEXT_BYTES_AT_ONCE},
    ).fetchall()
    inner = [call_id for (call_id,) in begins[1:]]
    return [
        {"first": first, "next": following} for first, following in zip([None, *inner], [*inner, None], strict=True)
    ]


def _parquet_value(column: Column) -> str:
    return f"timezone('UTC', {column.name}) AS {column.name}" if column.kind == "time" else column.name


def _csv_value(column: Column) -> str:
    name = column.name
    if column.kind == "text":
        return f"{csv_text_sql(name)} AS {name}"
    if column.kind == "json":
        return f"{json_text_sql(name)} AS {name}"
    if column.kind == "time":
        return f"strftime({name}, '%Y-%m-%dT%H:%M:%S.%fZ') AS {name}"
    return name


@contextlib.contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A folder beside ``folder`` that takes its place when all is written."""
    target = folder.absolute()
    if target.is_symlink():
        raise UsageError(f"{folder}: is a symbolic link", hint="name the folder itself")
    if not target.parent.is_dir():
        raise UsageError(f"{folder}: there is no folder {folder.parent}")
    if target.exists() and not target.is_dir():
        raise UsageError(f"{folder}: is not a folder")
    if target.exists() and (foreign := _foreign(target)):
        raise UsageError(
            f"{folder}: holds something that no export has made: {foreign}", hint="name a new or an empty folder"
        )
    suffix = secrets.token_hex(4)
    draft = target.with_name(f".{target.name}.{suffix}.part")
    draft.mkdir()
    try:
        yield draft
        _sync(draft)
        _swap(draft, target, target.with_name(f".{target.name}.{suffix}.old"))
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _foreign(folder: Path) -> str | None:
    """The first path in a folder that is not of an export; None where all are. Without a marker nothing is."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    is_export = (folder / MARKER).is_file()
    return next((path for path in paths if not is_export or not _OF_AN_EXPORT.fullmatch(path)), None)


def _swap(draft: Path, target: Path, old: Path) -> None:
    if not target.exists():
        draft.rename(target)
        return
    target.rename(old)
    try:
        draft.rename(target)
    except BaseException:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sync(folder: Path) -> None:
    """See to it that the files are on disk before the folder gets its name."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
