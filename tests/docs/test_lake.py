"""The queries of docs/lake.md, as they stand, over an export of the sample logs: DuckDB and Spark SQL say the same."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from support import command
from voicetel.cluster.spark import session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.filterwarnings(
    "ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::ResourceWarning"
)

ROOT = Path(__file__).resolve().parents[2]
QUERIES = re.findall(
    r"^([^\n]+):\n\n```sql\n(.*?)```", (ROOT / "docs" / "lake.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)
TABLES = ("call_metrics", "call_logs", "operations")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of the sample logs."""
    folder = tmp_path_factory.mktemp("export") / "lake"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
        assert command.run("export", ROOT / "sample_logs", "--parquet", folder).code == 0
    return folder


@pytest.fixture(scope="module")
def in_duckdb(lake: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with a view of each table, as the page makes it."""
    with duckdb.connect() as connection:
        for table in TABLES:
            connection.execute(
                f"CREATE VIEW {table} AS FROM read_parquet('{lake}/{table}/*/*.parquet', hive_partitioning = true)"
            )
        yield connection


@pytest.fixture(scope="module")
def in_spark(lake: Path) -> Iterator[SparkSession]:
    """Spark with the same views."""
    with session("local[1]", {"spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "1"}) as spark:
        for table in TABLES:
            spark.read.parquet(str(lake / table)).createOrReplaceTempView(table)
        yield spark


def test_there_are_queries() -> None:
    """The page has not lost them."""
    assert len(QUERIES) == 8


@pytest.mark.parametrize(("asked", "query"), QUERIES, ids=[asked for asked, _ in QUERIES])
def test_engines_agree(asked: str, query: str, in_duckdb: duckdb.DuckDBPyConnection, in_spark: SparkSession) -> None:
    """The same rows under the same names."""
    found = in_duckdb.execute(query)
    names, rows = [column[0] for column in found.description or ()], found.fetchall()
    frame = in_spark.sql(query)
    assert rows
    assert frame.columns == names
    assert _sorted(tuple(row) for row in frame.collect()) == _sorted(rows)


def _sorted(rows: Any) -> list[Any]:
    """Rows with numbers that compare; NULL is first in the order of one engine and last in that of the other."""
    plain = [tuple(_plain(value) for value in row) for row in rows]
    return sorted(plain, key=lambda row: [(value is None, str(value)) for value in row])


def _plain(value: Any) -> Any:
    return round(float(value), 6) if isinstance(value, float | Decimal) else value


def test_the_first_query_says_what_voicetel_says(in_duckdb: duckdb.DuckDBPyConnection) -> None:
    """All days together are the calls and the bill of the report."""
    rows = in_duckdb.execute(QUERIES[0][1]).fetchall()
    report = command.run("cost", ROOT / "sample_logs", "--no-cache", "--json").json
    assert sum(row[1] for row in rows) == 42
    # A call's cost is cut after 24 digits, so that a third of a cent, added up, differs in the last one.
    assert abs(sum(row[4] for row in rows) - Decimal(report["cost"]["total"])) < 42 * Decimal("1e-24")


def test_polars_reads_it(lake: Path) -> None:
    """Without a list of files, and with the day as a column."""
    frame = pl.scan_parquet(lake / "call_metrics", hive_partitioning=True)
    assert frame.select(pl.len()).collect().item() == 42
    assert "day" in frame.collect_schema()


def _fields(file: Path) -> list[tuple[str, Any]]:
    schema = pq.read_schema(file)
    return list(zip(schema.names, schema.types, strict=True))


def test_the_manifest_lists_every_file(lake: Path) -> None:
    """With its rows and bytes; the columns are those of the files, in their order."""
    manifest = json.loads((lake / "voicetel-export.json").read_text("utf-8"))
    listed = {file["path"]: file for table in manifest["tables"].values() for file in table["files"]}
    assert set(listed) == {path.relative_to(lake).as_posix() for path in lake.rglob("*.parquet")}
    for path, file in listed.items():
        assert f"/day={file['day']}/" in path
        assert file["bytes"] == (lake / path).stat().st_size
        assert pl.read_parquet(lake / path, hive_partitioning=False).height == file["rows"]
        columns = manifest["tables"][path.partition("/")[0]]["columns"]
        assert [(name, str(kind)) for name, kind in _fields(lake / path)] == [
            (each["name"], each["type"]) for each in columns
        ]
    assert manifest["rows"]["call_metrics"] == 42
    for name, table in manifest["tables"].items():
        assert sum(file["rows"] for file in table["files"]) == manifest["rows"][name]
