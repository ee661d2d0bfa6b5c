"""CSV: the table's cells, exact, and safe in a spreadsheet."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import TYPE_CHECKING

from support.logs import Event, store_of
from support.results import make_analysis, make_bill, make_grouped
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.overview.results import Analysis
from voicetel.analyzers.request import Request
from voicetel.events.fields import QUANTITIES
from voicetel.registry import find_report
from voicetel.reporters.csv_rows import result_csv, rows_csv, table_csv
from voicetel.reporters.layouts.analysis import analysis_document
from voicetel.reporters.layouts.costs.cost import cost_table
from voicetel.reporters.table import Column, Table, for_people

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def parsed(pieces: Iterable[str]) -> list[dict[str, str]]:
    """A CSV text as its rows."""
    return list(csv.DictReader("".join(pieces).splitlines(keepends=True)))


def test_the_bill_agrees_with_its_table_cell_for_cell() -> None:
    """Every cell of the CSV, written for people, is the cell of the table."""
    table = cost_table(make_bill(), [quantity.name for quantity in QUANTITIES])
    rows = parsed(table_csv(table))
    assert list(rows[0]) == [column.name for column in table.columns]
    for row, texts in zip(rows, table.texts(), strict=True):
        for column, text in zip(table.columns, texts, strict=True):
            raw = row[column.name]
            assert for_people(column, (raw if column.is_text else Decimal(raw)) if raw else None) == text


def test_an_analysis_agrees_with_its_tables() -> None:
    """The figures of the groups' tables, rounded, are those of the CSV under the same names."""
    analysis = make_grouped()
    rows = parsed(result_csv(analysis, Analysis))
    compared = 0
    for section in analysis_document(analysis).sections:
        assert section.table is not None
        for row, texts in zip(rows, section.table.texts(), strict=False):
            for column, text in zip(section.table.columns, texts, strict=True):
                if column.name in row and not column.is_text and row[column.name]:
                    assert for_people(column, Decimal(row[column.name])) == text
                    compared += 1
    assert compared > 30


def test_an_analysis_is_one_row_with_the_names_of_calls() -> None:
    """Without groups there is one row; what is unknown is empty, money is exact."""
    (row,) = parsed(result_csv(make_analysis(), Analysis))
    assert row["calls"] == "3"
    assert row["eou_latency_ms_p95"] == "1340.0"
    assert row["stt_ttfb_ms_avg"] == ""
    assert row["cost_total"] == "0.34116"
    assert row["cost_realtime"] == ""
    assert row["outcome_busy"] == "1"
    assert row["interruption_count"] == "12"
    assert row["agent_turns"] == "287"
    assert row["transport_s"] == ""


def test_formulas_are_guarded_in_text_and_numbers_are_left_alone() -> None:
    """A group called =clinic is text; a negative number stays a number."""
    assert parsed(result_csv(make_grouped(), Analysis))[0]["agent_name"] == "'=clinic"
    (row,) = parsed(rows_csv(["a", "b"], [["-1", -0.5]]))
    assert row == {"a": "'-1", "b": "-0.5"}


def test_long_files_come_in_pieces() -> None:
    """Many rows are not held as one text."""
    table = Table((Column("a", "a"),), [["x" * 100]] * 2000)
    pieces = list(table_csv(table))
    assert len(pieces) > 2
    assert "".join(pieces).count("\n") == 2001


def test_thresholds_of_ones_own_have_columns_of_their_own(tmp_path: Path) -> None:
    """CSV and Parquet have those that were asked for, in their order, and no empty ones of those that were not."""
    head: Event = {"v": 1, "call_id": "c1"}
    turns = [
        head | {"event": "turn", "ts": f"2026-11-02T09:00:0{n}Z", "turn": n, "eou_latency_ms": ms}
        for n, ms in enumerate((700, 950, 2500), start=1)
    ]
    report = find_report("analyze")
    with store_of(tmp_path, turns) as store:
        found = report.ask(Request(store), {"slow": "2000.5,900"})
        grouped = report.ask(Request(store, Selection(by=("day",))), {"slow": "600"})
    (row,) = parsed(report.csv(found))
    slow = {name: value for name, value in row.items() if name.startswith("slow_turns_over")}
    assert list(slow.items()) == [
        ("slow_turns_over_900_turns", "2"),
        ("slow_turns_over_900_rate", str(2 / 3)),
        ("slow_turns_over_2000.5_turns", "1"),
        ("slow_turns_over_2000.5_rate", str(1 / 3)),
    ]
    assert set(slow) <= set(report.arrow(found).column_names)
    (by_day,) = parsed(report.csv(grouped))
    assert {name: value for name, value in by_day.items() if name.startswith("slow_turns_over")} == {
        "slow_turns_over_600_turns": "3",
        "slow_turns_over_600_rate": "1.0",
    }
