"""What a query may not do, and what it may not take: one line each, and nothing written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voicetel.errors import UsageError, VoicetelError
from voicetel.sql.run import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.sql.run import QueryResult

NOT_RUN = {
    "COPY calls TO 'here.csv'": "only SELECT is run, and this is COPY",
    "COPY (SELECT 1) TO 'here.parquet'": "only SELECT is run, and this is COPY",
    "EXPORT DATABASE 'here'": "only SELECT is run",
    "ATTACH 'here.duckdb'": "only SELECT is run, and this is ATTACH",
    "DETACH relations": "only SELECT is run, and this is DETACH",
    "INSTALL httpfs": "only SELECT is run",
    "LOAD httpfs": "only SELECT is run, and this is LOAD",
    "SET threads = 99": "only SELECT is run, and this is SET",
    "SET VARIABLE x = 1": "only SELECT is run, and this is SET",
    "RESET memory_limit": "only SELECT is run",
    "PRAGMA database_list": "only SELECT is run, and this is PRAGMA",
    "PRAGMA enable_profiling": "only SELECT is run, and this is PRAGMA",
    "CALL pragma_version()": "only SELECT is run, and this is CALL",
    "DROP TABLE calls": "only SELECT is run, and this is DROP",
    "UPDATE calls SET turns = 1": "only SELECT is run, and this is UPDATE",
    "INSERT INTO calls SELECT * FROM calls": "only SELECT is run, and this is INSERT",
    "DELETE FROM calls": "only SELECT is run, and this is DELETE",
    "CREATE TABLE t AS SELECT 1": "only SELECT is run, and this is CREATE",
    "CREATE TEMP TABLE t AS SELECT 1": "only SELECT is run, and this is CREATE",
    "CREATE SECRET (TYPE s3)": "only SELECT is run",
    "CHECKPOINT": "only SELECT is run",
    "VACUUM": "only SELECT is run, and this is VACUUM",
    "BEGIN": "only SELECT is run, and this is TRANSACTION",
    "PREPARE p AS SELECT 1": "only SELECT is run, and this is PREPARE",
    "SELECT 1; SELECT 2": "one statement is run, and here are 2",
    "SELECT 1; COPY calls TO 'here.csv'": "one statement is run, and here are 2",
    "-- nothing": "there is no statement",
    "SELECT getenv('HOME')": "getenv does not exist",
    "SELECT * FROM limits": "",
    "SELECT * FROM task": "",
    "SELEC": "syntax error",
    "(" * 20_000 + "1" + ")" * 20_000: "",
}
"""Query → what is said of it; all are refused as a mistake of the user's."""

NOT_READ = [
    "WITH w AS (INSERT INTO calls SELECT * FROM calls RETURNING 1) SELECT * FROM w",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_csv('/etc/pass*')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('/proc/self/environ')",
    "SELECT * FROM read_parquet('s3://bucket/file')",
    "SELECT * FROM 'http://127.0.0.1:1/x.csv'",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
    "EXPLAIN ANALYZE COPY calls TO 'here.csv'",
    "EXPLAIN (ANALYZE, FORMAT json) COPY calls TO 'here.csv'",
    "/* EXPLAIN SELECT 1 */ EXPLAIN ANALYZE COPY calls TO 'here.csv'",
    "EXPLAIN ANALYZE INSERT INTO calls SELECT * FROM calls",
    "EXPLAIN EXPLAIN ANALYZE COPY calls TO 'here.csv'",
]


@pytest.fixture(autouse=True)
def nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Neither where the command runs nor where a query may put aside what does not fit into memory."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    yield
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("sql", NOT_RUN, ids=lambda sql: sql[:40])
def test_what_is_no_query_is_refused(ask: Callable[..., QueryResult], sql: str) -> None:
    """Before it runs, with exit code 2."""
    with pytest.raises(UsageError) as caught:
        ask(sql)
    assert NOT_RUN[sql] in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("sql", NOT_READ)
def test_no_file_and_no_network_can_be_reached(ask: Callable[..., QueryResult], sql: str) -> None:
    """Whatever function or statement asks for it."""
    with pytest.raises(VoicetelError) as caught:
        ask(sql)
    assert "root:" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_of_the_callers_environment_is_there(
    ask: Callable[..., QueryResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable, no Python value, no setting that says where the user's files are."""
    monkeypatch.setenv("VOICETEL_PG_DSN", "postgresql://u:s3cr3tPW9@h/d")
    settings = ask("SELECT name, value FROM duckdb_settings()").table.to_pylist()
    assert "s3cr3tPW9" not in str(settings)
    assert str(Path.home()) not in {row["value"] for row in settings}
    assert ask("SELECT count(*) AS n FROM duckdb_secrets()").table.to_pylist() == [{"n": 0}]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = -1",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
        "SELECT sum(hash(a.range::VARCHAR || b.range)) FROM range(1000000) a, range(1000000) b",
    ],
)
def test_an_endless_query_is_stopped(ask: Callable[..., QueryResult], sql: str) -> None:
    """By its own timer, in one line that says how long it had."""
    with pytest.raises(VoicetelError, match=r"did not end within 1.5 s"):
        ask(sql, timeout_s=1.5)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT string_agg(repeat('x', 1000), '') FROM range(20000000)",
        "SELECT len(list(repeat('x', 1000) || range)) FROM range(20000000)",
        "SELECT * FROM (SELECT range, repeat(range::VARCHAR, 150) AS x FROM range(20000000)) ORDER BY x, range LIMIT 5 OFFSET 10000000",
        "SELECT count(*) FROM (SELECT DISTINCT repeat(range::VARCHAR, 150) FROM range(20000000))",
    ],
)
def test_twenty_gigabytes_are_not_held(ask: Callable[..., QueryResult], sql: str) -> None:
    """Neither in memory nor on disk: memory, space for what is put aside, or time runs out first."""
    with pytest.raises(VoicetelError) as caught:
        ask(sql, timeout_s=8, memory_mb=200, spill_mb=100)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="macOS keeps no limit of the address space")
def test_the_kernels_limit_of_memory_holds_alone(ask: Callable[..., QueryResult]) -> None:
    """Where DuckDB were allowed twenty gigabytes."""
    with pytest.raises(VoicetelError, match=r"more than 20000 MB of memory|was stopped|allocat"):
        ask(
            "SELECT len(list(repeat('x', 1000) || range)) FROM range(20000000)", memory_mb=20_000, address_space_mb=1500
        )


def test_the_kernels_limit_of_time_holds_alone(
    ask: Callable[..., QueryResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody looked at the clock."""
    monkeypatch.setattr(Limits, "cpu_s", 2)
    with pytest.raises(VoicetelError, match="was stopped: it took more CPU time"):
        ask("SELECT sum(hash(a.range::VARCHAR || b.range)) FROM range(1000000) a, range(1000000) b", timeout_s=300)


def test_a_process_that_does_not_end_is_killed(
    ask: Callable[..., QueryResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it waits for, the parent's clock runs."""
    monkeypatch.setattr("voicetel.sql.run.STARTING_S", 0.05)
    with pytest.raises(VoicetelError, match="did not end within 30 s"):
        ask("SELECT 1")


def test_more_rows_than_wanted_are_cut_off(ask: Callable[..., QueryResult]) -> None:
    """A hundred million rows are not made: the first are given, and the limit is named."""
    found = ask("SELECT range FROM range(100000000)")
    assert (found.table.num_rows, found.cut) == (10_000, "rows")
    assert found.table["range"].to_pylist() == list(range(10_000))
    exactly = ask("SELECT range FROM range(10000)")
    assert (exactly.table.num_rows, exactly.cut) == (10_000, "")


@pytest.mark.parametrize("value", ["repeat('x', 10000)", "range", "[range, range]", "repeat('x', 90000)"])
def test_more_bytes_than_wanted_are_cut_off(ask: Callable[..., QueryResult], value: str) -> None:
    """Whether rows are many or long."""
    found = ask(f"SELECT {value} AS v FROM range(20000000)", max_rows=0)
    assert found.cut == "bytes"
    assert 4_000_000 < found.table.nbytes <= 8_000_000


def test_a_row_of_nine_megabytes_is_not_shown(ask: Callable[..., QueryResult]) -> None:
    """It is larger than an answer may be."""
    found = ask("SELECT repeat('x', 9000000) AS v")
    assert (found.table.num_rows, found.cut) == (0, "bytes")


def test_a_select_is_explained(ask: Callable[..., QueryResult]) -> None:
    """With ANALYZE too, which runs it."""
    for sql in ("EXPLAIN SELECT 1", "explain analyze select 1", "EXPLAIN (FORMAT json) SELECT 1"):
        assert ask(sql).table.num_rows == 1
