"""Exports into folders: the same columns as in the database, whole or not at all."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.command import run
from support.exports.exported import CARD, RULES, call, turn
from voicetel.errors import UsageError
from voicetel.exporters import files
from voicetel.exporters.csv_text import csv_text_sql, json_text_sql
from voicetel.exporters.files import MARKER, write_csv, write_parquet
from voicetel.exporters.rows import parts_of
from voicetel.exporters.tables import CALL_METRICS, TABLES
from voicetel.store import open_store
from voicetel.text_safety import csv_text, json_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def log(folder: Path, events: list[dict[str, Any]]) -> Path:
    """Write a log."""
    folder.mkdir(exist_ok=True)
    with (folder / "log.jsonl").open("a") as file:
        file.writelines(json.dumps(event) + "\n" for event in events)
    return folder


def write(writer: Callable[..., Any], logs: Path, folder: Path, *, with_text: bool = True) -> Any:
    """Export logs into a folder."""
    with open_store([str(logs)], RULES, cache=False) as store:
        return writer(parts_of(store, CARD, with_text=with_text), folder)


def test_texts_written_some_at_a_time_are_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every call for itself, CSV byte for byte, Parquet row for row."""
    logs = log(tmp_path / "logs", [event for number in range(9) for event in call(f"{number * 7 % 9}", number + 1)])
    write(write_csv, logs, tmp_path / "csv")
    write(write_parquet, logs, tmp_path / "parquet")
    monkeypatch.setattr(files, "TEXT_BYTES_AT_ONCE", 1)
    write(write_csv, logs, tmp_path / "csv of each")
    write(write_parquet, logs, tmp_path / "parquet of each")

    rows = "SELECT * FROM read_parquet('{}/call_logs/*/*.parquet') ORDER BY ALL"
    connection = duckdb.connect()
    whole, each = (
        connection.execute(rows.format(tmp_path / name)).fetchall() for name in ("parquet", "parquet of each")
    )
    assert (each, len(each)) == (whole, 45)
    assert len(list((tmp_path / "parquet of each" / "call_logs").rglob("*.parquet"))) == 9
    for table in TABLES:
        name = f"{table.name}.csv"
        assert (tmp_path / "csv of each" / name).read_bytes() == (tmp_path / "csv" / name).read_bytes()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_same_export_again_says_what_was_written(tmp_path: Path, form: str) -> None:
    """A folder is written anew: all rows of it are written, none is "inserted" into what was there."""
    logs = log(tmp_path / "logs", call("a", 3))
    for _ in range(2):
        ran = run("export", logs, f"--{form}", tmp_path / "out", "--no-cache")
        assert ran.out.splitlines() == [
            f"{form}: call_metrics: 1 call written",
            f"{form}: call_logs: 3 turns written",
            f"{form}: operations: 10 operations written",
        ]


def test_parquet_has_the_rows_and_types_of_the_tables(tmp_path: Path) -> None:
    """One folder per table and UTC day; money is exact, times have their zone."""
    later = [{**event, "ts": event["ts"].replace("11-02", "11-03")} for event in call("b", 2)]
    logs = log(tmp_path / "logs", [*call("a", 3), *later])
    summary = write(write_parquet, logs, tmp_path / "out")

    assert {name: table.inserted for name, table in summary.tables.items()} == {
        "call_metrics": 2,
        "call_logs": 5,
        "operations": 17,
    }
    for table in TABLES:
        assert {path.name for path in (tmp_path / "out" / table.name).iterdir()} == {"day=2026-11-02", "day=2026-11-03"}
        (first, *_) = (tmp_path / "out" / table.name / "day=2026-11-02").iterdir()
        assert pq.ParquetFile(first).schema_arrow.names == list(table.names)
    with open_store([str(logs)], RULES, cache=False) as store:
        for rows in parts_of(store, CARD, with_text=True):
            assert rows.has_text
            for table in TABLES:
                names = ", ".join(f"epoch_us({c.name})" if c.kind == "time" else c.name for c in table.columns)
                expected = rows.connection.sql(f"SELECT {names} FROM export_{table.name} ORDER BY ALL").fetchall()
                found = (
                    duckdb.connect()
                    .execute(f"SELECT {names} FROM '{tmp_path}/out/{table.name}/*/*.parquet' ORDER BY ALL")
                    .fetchall()
                )
                assert found == expected


def test_csv_has_the_rows_of_the_tables(tmp_path: Path) -> None:
    """Every digit of a cost, times in RFC 3339, nothing where nothing is known."""
    write(write_csv, log(tmp_path / "logs", call("a", 2)), tmp_path / "out")

    with (tmp_path / "out" / "call_metrics.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert list(row) == list(CALL_METRICS.names)
    assert row["started_at"] == "2026-11-02T09:00:00.000000Z"
    assert row["cost_stt"].rstrip("0") == "0.000129"
    assert row["campaign"] == ""


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x1b\x9b\u202e\u2066\ufeff\U000e0041\t\n=+-@"))
)
def test_texts_are_shown_by_the_one_rule(text: str) -> None:
    """What DuckDB works out for a file is what the tables of the reports say, for texts and for JSON documents."""
    document = json.dumps({"text": text}, ensure_ascii=False)
    found = duckdb.execute(
        f"SELECT {csv_text_sql('text')}, {json_text_sql('document')} FROM (SELECT $1::VARCHAR AS text, $2::VARCHAR AS document)",
        [text, document],
    ).fetchall()
    assert found == [(csv_text(text), json_document(document))]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\0"])
def test_text_that_a_spreadsheet_would_compute_is_guarded(tmp_path: Path, start: str) -> None:
    """An apostrophe stands before it; numbers below zero stay numbers."""
    text = f"{start}cmd|' /C calc'!A0"
    events = [{**event, "sentiment": -0.5} for event in call(text, 1)]
    events[1]["user"]["text"] = text
    write(write_csv, log(tmp_path / "logs", events), tmp_path / "out")

    with (tmp_path / "out" / "call_logs.csv").open(newline="", encoding="utf-8") as file:
        (turn_row,) = csv.DictReader(file)
    with (tmp_path / "out" / "call_metrics.csv").open(newline="", encoding="utf-8") as file:
        (call_row,) = csv.DictReader(file)
    # NUL, which no database text holds, has become U+FFFD, which is no beginning of a formula.
    guarded = csv_text(text.replace("\0", "\ufffd"))
    assert turn_row["content"] == guarded
    assert call_row["call_id"].startswith(guarded)
    assert call_row["sentiment_score"] == "-0.5"


@pytest.mark.parametrize("writer", [write_parquet, write_csv])
def test_a_folder_is_replaced_whole(tmp_path: Path, writer: Callable[..., Any]) -> None:
    """A second export takes the place of the first; nothing of that is left, nor of the work."""
    logs = log(tmp_path / "logs", [turn("a", 1)])
    write(writer, logs, tmp_path / "out")
    older = tmp_path / "out" / "call_logs" / "day=2020-01-01" / "part_0_0.parquet"
    older.parent.mkdir(parents=True)
    older.write_text("")
    log(logs, [turn("a", 2)])
    write(writer, logs, tmp_path / "out")

    assert not older.exists()
    assert json.loads((tmp_path / "out" / MARKER).read_text())["rows"]["call_logs"] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs", "out"]


@pytest.mark.parametrize("writer", [write_parquet, write_csv])
def test_an_export_that_fails_leaves_the_folder_as_it_was(
    tmp_path: Path, writer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong before the end, the old folder is there and no half of a new one."""
    logs = log(tmp_path / "logs", [turn("a", 1)])
    write(writer, logs, tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}

    def fail(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_sync", fail)
    log(logs, [turn("a", 2)])
    with pytest.raises(OSError, match="No space"):
        write(writer, logs, tmp_path / "out")
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs", "out"]


@pytest.mark.parametrize("writer", [write_csv, write_parquet])
@pytest.mark.parametrize(
    "name", ["notes.txt", "sub/b.csv", "call_metrics/notes.txt", "call_metrics/day=2026-11-02/mine.parquet", "mine/"]
)
def test_what_somebody_put_into_an_export_is_not_deleted(writer: Any, name: str, tmp_path: Path) -> None:
    """The next export is refused, names it, and leaves everything as it was; without it the folder is replaced."""
    logs, out = log(tmp_path / "logs", [turn("a", 1)]), tmp_path / "out"
    write(writer, logs, out)
    write(writer, logs, out)
    path = out / name
    if name.endswith("/"):
        path.mkdir()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    # The first strange thing is named: of a file in a folder of somebody's the folder.
    strange = next(each for each in (name.split("/", maxsplit=1)[0], name) if each != "call_metrics").rstrip("/")
    with pytest.raises(UsageError, match=f"holds something that no export has made: {strange}"):
        write(writer, logs, out)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert path.exists()


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """What no export has made is never deleted; links and files are no folders."""
    logs = log(tmp_path / "logs", [turn("a", 1)])
    with pytest.raises(UsageError, match="holds something that no export has made"):
        write(write_csv, logs, logs)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="symbolic link"):
        write(write_csv, logs, tmp_path / "link")
    with pytest.raises(UsageError, match="is not a folder"):
        write(write_csv, logs, logs / "log.jsonl")
    with pytest.raises(UsageError, match="there is no folder"):
        write(write_csv, logs, tmp_path / "a" / "b")
    assert (logs / "log.jsonl").exists()


def test_logs_without_turns_make_empty_tables(tmp_path: Path) -> None:
    """Calls that never came to a turn are exported; the other tables are there, empty."""
    logs = log(tmp_path / "logs", call("a", 0)[:1])
    write(write_parquet, logs, tmp_path / "parquet")
    write(write_csv, logs, tmp_path / "csv")
    assert list((tmp_path / "parquet" / "operations").iterdir()) == []
    assert len((tmp_path / "csv" / "operations.csv").read_text().splitlines()) == 1


@pytest.mark.parametrize("writer", [write_parquet, write_csv])
def test_some_calls_at_a_time_are_as_good_as_all_at_once(
    writer: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls of one moment, and of one day, come in different parts; every row is there once."""
    ids = ["a", "b", "c", "d", "e"]
    later = [{**event, "ts": event["ts"].replace("11-02", "11-03")} for event in call("z", 3)]
    logs = log(tmp_path / "logs", [*(event for name in ids for event in call(name, 2)), *later])
    at_once = write(writer, logs, tmp_path / "out")
    expected = _rows_of_files(tmp_path / "out")
    monkeypatch.setattr("voicetel.analyzers.core.bounded_memory.time_slices.TURNS_AT_ONCE", 4)
    monkeypatch.setattr("voicetel.exporters.rows.TURNS_WITH_TEXTS_AT_ONCE", 4)
    with open_store([str(logs)], RULES, cache=False) as store:
        for with_text in (False, True):
            assert len(list(parts_of(store, CARD, with_text=with_text))) == 2
    in_parts = write(writer, logs, tmp_path / "parts")
    assert in_parts == at_once
    assert _rows_of_files(tmp_path / "parts") == expected
    assert sum(len(rows) for rows in expected.values()) == sum(t.inserted for t in at_once.tables.values()) > 20


def _rows_of_files(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    connection = duckdb.connect()
    found = {}
    for table in TABLES:
        parquet = folder / table.name
        source = f"'{parquet}/*/*.parquet'" if parquet.is_dir() else f"'{parquet}.csv'"
        found[table.name] = connection.execute(
            f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {source} ORDER BY ALL"
        ).fetchall()
    return found


def test_columns_have_the_same_types_whatever_their_values(tmp_path: Path) -> None:
    """Engines that read a folder take the types of one of its files."""
    small = log(tmp_path / "small", call("a", 1))
    events = call("b", 1)
    for operation in (each for event in events for each in event.get("operations", []) if "input_tokens" in each):
        operation |= {"input_tokens": 900_000_000, "duration_ms": 500_000}
    large = log(tmp_path / "large", events)
    for name, logs in (("s", small), ("l", large)):
        write(write_parquet, logs, tmp_path / name)
    for table in TABLES:
        (one,), (other,) = (list((tmp_path / name / table.name).rglob("*.parquet")) for name in ("s", "l"))
        assert pq.read_schema(one).equals(pq.read_schema(other))
