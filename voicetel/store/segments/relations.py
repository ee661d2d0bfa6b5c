"""The relations of a store as views over its segment files, rows that do not count left out."""

from __future__ import annotations

import os
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from voicetel.events.metrics import TURN_LATENCY_NAMES
from voicetel.pricing.money import CURRENCY_CODE
from voicetel.store.column_types import derived_usage_columns
from voicetel.store.segments.schemas import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from voicetel.store.ingest.fingerprints import KnownFile
    from voicetel.store.segments.files import SegmentFile
    from voicetel.store.segments.row_counts import DeadRows

MEMORY_LIMIT = "420MB"


def connect(spill: Path, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """DuckDB as an engine over segments; it keeps nothing but what it spills, in a directory that is deleted with the run.

    ``threads`` None: as many as the machine has cores.
    """
    connection = duckdb.connect(
        config={
            "preserve_insertion_order": False,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(spill),
            "temp_file_encryption": True,
            # Without it DuckDB refuses to spill at all: the cipher that it brings may only read.
            "force_mbedtls_unsafe": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            **({} if threads is None else {"threads": threads}),
        }
    )
    connection.execute("SET GLOBAL parquet_metadata_cache = true")
    connection.execute("SET GLOBAL TimeZone = 'UTC'; SET GLOBAL arrow_output_version = '1.5'")
    for macro in ("turn_order", "stopped_by_caller", "charged_amount"):
        connection.execute(_relation_sql(macro))
    # It would draw on stdout. In a notebook without ipywidgets DuckDB can neither draw nor be told not to.
    try:
        connection.execute("SET enable_progress_bar = false")
    except duckdb.InvalidInputException:
        return connection
    return connection


def create_relations(
    connection: duckdb.DuckDBPyConnection,
    directory: Path,
    segment_files: Iterable[SegmentFile],
    dead: DeadRows,
    known_files: dict[str, KnownFile] | None = None,
) -> None:
    """Make ``events``, ``turns``, ``operations``, ``usage``, ``calls``, ``quarantine``, ``positioned_turns``, and ``known_files`` where they are given.

    ``stored_<name>`` are the rows of the files of a relation with their numbers (segment, row), those that do not count too.
    """
    by_relation: dict[str, list[SegmentFile]] = {name: [] for name in SCHEMAS}
    for each in segment_files:
        by_relation[each.relation].append(each)
    for name, files_of_relation in by_relation.items():
        create_stored(connection, directory, name, files_of_relation)
        if name != "operations":  # they count with their events
            create_counted_view(connection, directory, name, files_of_relation, dead)
    create_views(connection)
    if known_files is not None:
        _create_known_files(connection, known_files)


def create_views(
    connection: duckdb.DuckDBPyConnection,
    names: Iterable[str] = ("events", "turns", "operations", "usage", "calls", "quarantine", "positioned_turns"),
    *,
    in_memory: bool = False,
) -> None:
    """Make the relations as views over the rows that count; with ``in_memory`` as tables, which are quick to ask if they are small."""
    for name in names:
        sql = _relation_sql(name)
        connection.execute(sql.replace("CREATE OR REPLACE VIEW", "CREATE TABLE") if in_memory else sql)


def _file_list_sql(directory: Path, segment_files: Iterable[SegmentFile]) -> str:
    names = ", ".join("'{}'".format(str(directory / each.name).replace("'", "''")) for each in segment_files)
    return f"[{names}]"


def create_stored(
    connection: duckdb.DuckDBPyConnection, directory: Path, name: str, segment_files: list[SegmentFile]
) -> None:
    """``stored_<name>``: the rows of some files with their numbers (segment, row)."""
    if segment_files:
        rows_sql = f"(SELECT * EXCLUDE (file_row_number), file_row_number AS row FROM read_parquet({_file_list_sql(directory, segment_files)}, file_row_number = true))"
    else:
        _create_table(connection, f"empty_{name}", SCHEMAS[name].empty_table())
        rows_sql = f"(SELECT *, CAST(NULL AS BIGINT) AS row FROM empty_{name})"
    connection.execute(f"CREATE OR REPLACE VIEW stored_{name} AS FROM {rows_sql}")


def create_counted_view(
    connection: duckdb.DuckDBPyConnection, directory: Path, name: str, segment_files: list[SegmentFile], dead: DeadRows
) -> None:
    """``counted_<name>``: the rows that count. Only files in which some do not are held against a list of those.

    ``file_row_number`` is the number of each in its file.
    """
    dead_rows = {each.segment: found for each in segment_files if len(found := dead.of(name, each.segment))}
    without_dead_rows = [each for each in segment_files if each.segment not in dead_rows]
    with_dead_rows = [each for each in segment_files if each.segment in dead_rows]
    queries = []
    if without_dead_rows:
        queries.append(
            f"SELECT * FROM read_parquet({_file_list_sql(directory, without_dead_rows)}, file_row_number = true)"
        )
    if with_dead_rows:
        create_row_table(connection, f"dead_{name}", dead_rows)
        queries.append(
            "SELECT * FROM"
            f" (FROM read_parquet({_file_list_sql(directory, with_dead_rows)}, file_row_number = true)) AS with_dead_rows"
            f" ANTI JOIN dead_{name} AS dead ON dead.segment = with_dead_rows.segment AND dead.row = with_dead_rows.file_row_number"
        )
    if not queries:
        queries.append(f"SELECT * RENAME (row AS file_row_number) FROM stored_{name} WHERE false")
    connection.execute(f"CREATE OR REPLACE VIEW counted_{name} AS {' UNION ALL BY NAME '.join(queries)}")


def create_row_table(connection: duckdb.DuckDBPyConnection, name: str, rows: dict[int, Any]) -> None:
    """A table of (segment, row)."""
    rows = rows or {0: np.zeros(0, np.int64)}
    segments = np.concatenate([np.full(len(each), segment, np.int32) for segment, each in rows.items()])
    table = pa.table({"segment": pa.array(segments), "row": pa.array(np.concatenate(list(rows.values())))})
    _create_table(connection, name, table)


def _create_table(connection: duckdb.DuckDBPyConnection, name: str, table: Any) -> None:
    connection.register(f"registered_{name}", table)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM registered_{name}")
    connection.unregister(f"registered_{name}")


def _relation_sql(name: str) -> str:
    text = files("voicetel.store.segments").joinpath("relations", f"{name}.sql").read_text(encoding="utf-8")
    impossible_names = ", ".join(
        f"CASE WHEN (impossible_bits & {1 << bit}) > 0 THEN '{latency}' END"
        for bit, latency in enumerate(TURN_LATENCY_NAMES)
    )
    derived = ", ".join(f"{sql} AS {column}" for column, sql in derived_usage_columns().items())
    text = text.replace("{impossible_names}", impossible_names).replace("{derived_usage_columns}", derived)
    return text.replace("{currency_code}", CURRENCY_CODE)


def _create_known_files(connection: duckdb.DuckDBPyConnection, known_files: dict[str, KnownFile]) -> None:
    """``known_files``: one row per file, with the number of the log stream that it holds (NULL: no whole line yet), its length, and how many bytes stand behind its last line end."""
    table = pa.table(
        {
            "path": pa.array([os.fsencode(path) for path in known_files], pa.binary()),
            "stream_id": pa.array([known.stream_id for known in known_files.values()], pa.int32()),
            "length": pa.array([known.fingerprint.length for known in known_files.values()], pa.int64()),
            "pending_bytes": pa.array([known.fingerprint.pending_bytes for known in known_files.values()], pa.int64()),
        }
    )
    _create_table(connection, "known_files", table)
