"""``voicetel calls``: the table, its order, and its columns."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from voicetel.analyzers.calls.pagination import Pagination, paginated
from voicetel.reporters.layouts.calls import call_cells, call_columns, calls_document
from voicetel.reporters.terminal.lines import terminal_lines
from voicetel.results import CellFormat

CALLS = pa.table(
    {
        "call_id": ["b", "a", "c"],
        "started_at": pa.array([datetime.fromisoformat(f"2026-11-02T09:0{n}") for n in range(3)], pa.timestamp("us")),
        "turns": [4, 4, 9],
        "eou_latency_ms_p95": [None, 820.4, 1200.0],
        "cost_total": pa.array([Decimal("0.25"), None, Decimal("0.5")], pa.decimal128(38, 24)),
        "interruption_rate": [0.5, None, 0.0],
        "outcome": ["fail", None, "busy"],
    }
)


@pytest.mark.parametrize(
    ("column", "ids"),
    [
        (None, ["b", "a", "c"]),
        ("eou_latency_ms_p95", ["c", "a", "b"]),
        ("turns", ["c", "b", "a"]),
        ("call_id", ["a", "b", "c"]),
        ("outcome", ["c", "b", "a"]),
        ("started_at", ["c", "a", "b"]),
    ],
)
def test_orders_numbers_down_words_up_unknown_last(column: str | None, ids: list[str]) -> None:
    """The highest first, words from A to Z, equals in the order they began."""
    assert paginated(CALLS, Pagination(column)).column("call_id").to_pylist() == ids


def test_groups_keep_their_order_and_are_sorted_in_themselves() -> None:
    """The groups as they come, within each the highest first; the limit is that of the whole list."""
    calls = CALLS.append_column("day", pa.array(["2", None, "2"]))
    grouped = calls.take([0, 2, 1])
    assert paginated(grouped, Pagination("turns"), ("day",)).column("call_id").to_pylist() == ["c", "b", "a"]
    assert paginated(grouped, Pagination("turns", 2), ("day",)).column("call_id").to_pylist() == ["c", "b"]
    document = calls_document(grouped, "EUR", total=3, by=("outcome", "day"))
    lines = [line.plain.split() for line in terminal_lines(document, 80)]
    assert lines[0][:3] == ["outcome", "day", "call"]
    assert lines[3][:5] == ["(not", "logged)", "(not", "logged)", "a"]
    assert lines[0].count("outcome") == 1


def test_limits_after_ordering() -> None:
    """The first of the order, not of the log."""
    assert paginated(CALLS, Pagination("cost_total", 1)).column("call_id").to_pylist() == ["c"]


def test_columns_know_their_kind() -> None:
    """From their names and types: money, times, shares, counts, ms, words."""
    kinds = {column.name: column.format for column in call_columns(CALLS.column_names)}
    assert kinds == {
        "call_id": CellFormat.TEXT,
        "started_at": CellFormat.TIME,
        "turns": CellFormat.COUNT,
        "eou_latency_ms_p95": CellFormat.MS,
        "cost_total": CellFormat.MONEY,
        "interruption_rate": CellFormat.SHARE,
        "outcome": CellFormat.TEXT,
    }


def test_shows_the_column_it_is_sorted_by_and_says_what_is_missing() -> None:
    """The reason for the order is there to be read; a limit does not pass for all."""
    document = calls_document(
        paginated(CALLS, Pagination("interruption_rate", 2)), "EUR", total=3, sort="interruption_rate"
    )
    lines = [line.plain for line in terminal_lines(document, 80)]
    assert lines[0].split("  ")[:2] == ["call", "interruption_rate"]
    assert "cost, EUR" in lines[0]
    assert lines[1].split()[:2] == ["b", "50.0"]
    assert lines[-1] == "· 1 of 3 calls not shown: --limit 0 shows all."


def test_says_unpriced_where_nothing_has_a_price() -> None:
    """A call that used what no rate covers is unpriced; one that used nothing is n/a."""
    table = CALLS.append_column("unpriced_operations", pa.array([0, 3, 0]))
    no_use = CALLS.append_column("unpriced_operations", pa.array([0, 0, 0]))
    for calls, words in ((table, "unpriced"), (no_use, "n/a")):
        lines = [line.plain for line in terminal_lines(calls_document(calls, "USD", total=3), 80)]
        assert words in lines[2]


def test_rows_and_cells_are_the_same() -> None:
    """CSV and JSON read the same values."""
    assert [tuple(row.values()) for row in CALLS.to_pylist()] == list(call_cells(CALLS))
