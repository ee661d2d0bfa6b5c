"""``voicetel sql``: relations, formats, and figures that are those of the other commands."""

from __future__ import annotations

import json
import stat
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from support.command import Ran, run
from support.exports.exported import call
from voicetel.errors import ExitCode
from voicetel.sql.relations import RELATIONS, named_in, relations_reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.sql.run import QueryResult

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """``sql("SELECT 1", "-f", "csv")`` over three calls with one, two and three turns."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("VOICETEL_PRICING", str(ROOT / "pricing.toml"))
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(1, 4):
        lines = "".join(json.dumps(event) + "\n" for event in call(f"c{number}", number, minute=number))
        (logs / f"{number}.jsonl").write_text(lines)
    return lambda query, *options: run("sql", query, logs, *options)


def test_every_relation_has_the_columns_that_it_says(ask: Callable[..., QueryResult]) -> None:
    """In their order, each with a meaning, and none that holds a transcript."""
    for relation in RELATIONS:
        found = ask(f"SELECT * FROM {relation.name}")
        assert found.table.schema.names == [column.name for column in relation.columns]
        assert all(column.doc for column in relation.columns)
        assert "Question 1" not in str(found.table.to_pylist())


def test_rows_are_those_of_the_log(ask: Callable[..., QueryResult]) -> None:
    """Three calls, six turns, three operations a turn and one a call."""
    counts = ask("SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM turns), (SELECT count(*) FROM operations)")
    assert list(counts.table.to_pylist()[0].values()) == [3, 6, 21]


def test_costs_add_up_in_every_relation(ask: Callable[..., QueryResult]) -> None:
    """To the last digit."""
    found = ask(
        "SELECT (SELECT sum(cost_total) FROM calls) AS a, (SELECT sum(cost) FROM operations) AS b, (SELECT sum(cost) FROM usage) AS c"
    )
    (row,) = found.table.to_pylist()
    assert row["a"] == row["b"] == row["c"] > 0


def test_figures_are_those_of_calls(sql: Callable[..., Ran], tmp_path: Path) -> None:
    """Every column of ``calls --json``, but for the reason of the outcome."""
    rows = sql("SELECT * FROM calls ORDER BY started_at", "--json").json["rows"]
    expected = run("calls", tmp_path / "logs", "--json").json
    assert len(rows) == 3
    for row, other in zip(rows, expected, strict=True):
        other.pop("outcome_reason")
        assert row == other


def test_every_format_has_the_same_cells(sql: Callable[..., Ran]) -> None:
    """A table for people, CSV, Markdown, JSON."""
    query = "SELECT call_id, turns, 2026 AS year, NULL AS nothing, cost_stt FROM calls ORDER BY call_id LIMIT 1"
    assert "call_id  turns  year  nothing  cost_stt\nc1           1  2026            0.00387\n" in sql(query).out
    assert sql(query, "-f", "csv").out == "call_id,turns,year,nothing,cost_stt\nc1,1,2026,,0.00387\n"
    assert "| c1 | 1 | 2026 |" in sql(query, "-f", "md").out
    assert sql(query, "--json").json["rows"] == [
        {"call_id": "c1", "turns": 1, "year": 2026, "nothing": None, "cost_stt": "0.00387"}
    ]


def test_parquet_keeps_every_type(sql: Callable[..., Ran], tmp_path: Path) -> None:
    """Exact decimals and times."""
    file = tmp_path / "out.parquet"
    assert sql("SELECT started_at, cost_stt FROM calls ORDER BY 1 LIMIT 1", "-o", file).code == ExitCode.OK
    (row,) = pq.read_table(file).to_pylist()
    assert row["cost_stt"] == Decimal("0.00387")
    assert sql("SELECT 1", "-f", "parquet").code == ExitCode.USAGE


def test_values_of_every_type_are_written(sql: Callable[..., Ran]) -> None:
    """Whatever DuckDB can make of them."""
    ran = sql(
        "SELECT [1, 2] AS list, {'a': 1.5} AS struct, MAP {'k': DATE '2026-11-02'} AS map, INTERVAL 90 SECONDS AS interval,"
        " 'x'::BLOB AS blob, 'NaN'::DOUBLE AS nan, true AS yes, 1e30::HUGEINT AS huge, TIME '09:00' AS time, uuid() IS NULL AS u,"
        " TIMESTAMPTZ '2026-11-02 09:00:00Z' AS tz, 'a'::ENUM ('a', 'b') AS enum",
        "--json",
    )
    (row,) = ran.json["rows"]
    assert row["list"] == [1, 2]
    assert row["struct"] == {"a": 1.5}
    assert (row["blob"], row["nan"], row["yes"], row["time"], row["enum"]) == ("78", "nan", True, "09:00:00", "a")
    assert row["tz"].startswith("2026-11-02T09:00:00")


def test_columns_that_are_called_alike_are_told_apart(sql: Callable[..., Ran]) -> None:
    """None is lost."""
    assert sql("SELECT 1 AS x, 2 AS x, 3 AS x_1", "--json").json["rows"] == [{"x": 1, "x_1": 2, "x_1_1": 3}]


def test_text_out_of_a_log_is_harmless(sql: Callable[..., Ran]) -> None:
    """In every format, in names of columns too."""
    query = "SELECT chr(27) || '[31m' AS \"a\x1b[0m\", '=1+1' AS formula"
    for form in ("table", "csv", "md", "json"):
        assert "\x1b" not in sql(query, "-f", form).out
    assert "'=1+1" in sql(query, "-f", "csv").out


def test_filters_choose_the_calls(sql: Callable[..., Ran]) -> None:
    """As for every other command."""
    query = "SELECT count(*) AS n FROM turns"
    assert sql(query, "--since", "2026-11-02T09:03", "--json").json["rows"] == [{"n": 3}]


def test_a_cut_is_said(sql: Callable[..., Ran]) -> None:
    """On stderr, and in JSON."""
    ran = sql("SELECT * FROM range(7)", "--limit", 5, "--json")
    assert "only the first 5 rows are shown: --limit 0 lifts that" in ran.err
    assert (len(ran.json["rows"]), ran.json["cut"]) == (5, "rows")


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("COPY calls TO 'x'", 2, "only SELECT is run, and this is COPY"),
        ("SELECT turnz FROM calls", 2, "turnz"),
        ("SELECT CAST('no' AS INTEGER)", 1, "no"),
        ("", 2, "there is no query"),
        ("SELECT * FROM range(1000000) a, range(1000000) b WHERE a.range + b.range < 0", 1, "did not end within 0.5 s"),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(
    sql: Callable[..., Ran], query: str, code: int, message: str
) -> None:
    """2 for what means nothing or is not run, 1 for what fails."""
    ran = sql(query, "--timeout", 0.5)
    assert (ran.code, ran.out, ran.err.count("\n")) == (code, "", 1)
    assert message in ran.err


def test_the_schema_lists_every_column() -> None:
    """With unit and meaning, without logs."""
    lines = run("sql", "--schema").out.splitlines()
    assert len(lines) == 1 + sum(len(relation.columns) for relation in RELATIONS)
    assert len(run("sql", "--schema", "--json").json["columns"]) == len(lines) - 1


def test_the_reference_is_in_the_docs() -> None:
    """docs/sql.md has what this version can be asked."""
    assert relations_reference() in (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")


def test_only_what_a_query_names_is_made() -> None:
    """Whatever the case; a name in a text costs time and is no mistake."""
    assert [relation.name for relation in named_in("SELECT * FROM Calls c JOIN turns USING (call_id)")] == [
        "calls",
        "turns",
    ]
    assert named_in("SELECT 1") == ()


def test_nothing_is_left_behind(sql: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The private folder is gone after an answer and after an error, and was nobody else's."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    sql("SELECT 1")
    sql("SELEC")
    assert list(temporary.iterdir()) == []
    assert stat.S_IMODE(temporary.stat().st_mode) & 0o700 == 0o700
