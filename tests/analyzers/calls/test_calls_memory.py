"""``calls`` over more calls than memory holds the figures of."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from voicetel.analyzers.calls import call_rows_file
from voicetel.analyzers.calls.call_rows_file import CallRowsFile
from voicetel.analyzers.calls.calls import answer, calls
from voicetel.analyzers.calls.columns import columns
from voicetel.analyzers.calls.pagination import Pagination, paginated
from voicetel.analyzers.conditions.condition import parse_condition
from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.analyzers.request import Request
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.reporters.html.page import html_lines
from voicetel.reporters.layouts.calls import call_cells, calls_document
from voicetel.reporters.markdown import markdown_lines
from voicetel.reporters.terminal.lines import terminal_lines
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from voicetel.reporters.document import Document

CALLS = 24_000


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Calls that began one after the other, four at a time, with ids in another order than that."""
    path = tmp_path_factory.mktemp("many") / "many.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for nth in range(CALLS):
            call = {
                "v": 1,
                "call_id": f"{nth * 7919 % CALLS:05d}",
                "ts": f"2026-11-02T{nth // 4 // 3600:02d}:{nth // 4 // 60 % 60:02d}:{nth // 4 % 60:02d}Z",
            }
            file.write(json.dumps(call | {"event": "call_started", "campaign": f"c{nth % 3}"}) + "\n")
            for turn in (1, 2):
                spoken = {"turn": turn, "eou_latency_ms": 500 + nth % 1000 * turn, "interrupted": nth % 5 == 0}
                file.write(json.dumps(call | {"event": "turn"} | spoken) + "\n")
            used = {"stage": "llm", "provider": "openai", "model": "gpt-4o", "input_tokens": nth, "output_tokens": 0}
            file.write(json.dumps(call | {"event": "usage", "operations": [used]}) + "\n")
    return path


def test_little_memory_is_enough_for_many_calls(log: Path) -> None:
    """24,000 calls in 60 MB, each with its own figures, oldest first and by id where they began together; the limit is as before."""
    with open_store([str(log)], load_rules(), cache=False) as store:
        store.connection.execute("SET threads = 2")
        store.connection.execute("SET memory_limit = '60MB'")
        limit = store.connection.execute("SELECT current_setting('memory_limit')").fetchall()
        found = calls(store, load_card(None))
        assert store.connection.execute("SELECT current_setting('memory_limit')").fetchall() == limit
    expected = sorted(range(CALLS), key=lambda nth: (nth // 4, nth * 7919 % CALLS))
    assert found.column("call_id").to_pylist() == [f"{nth * 7919 % CALLS:05d}" for nth in expected]
    assert found.column("eou_latency_ms_p50").to_pylist() == [500 + nth % 1000 * 1.5 for nth in expected]
    assert found.column("llm_input_tokens").to_pylist() == expected
    assert found.column("turns").to_pylist() == [2] * CALLS


@pytest.mark.parametrize("selection", [ALL_CALLS, Selection(by=("campaign",))], ids=["all", "by campaign"])
def test_calls_read_some_at_a_time_are_as_those_read_together(
    log: Path, monkeypatch: pytest.MonkeyPatch, selection: Selection
) -> None:
    """Every column, value and place, with more memory at hand than is used, which is given back."""
    with open_store([str(log)], load_rules(), cache=False) as store:
        limit = store.connection.execute("SELECT current_setting('memory_limit')").fetchall()
        monkeypatch.setattr(columns, "CALLS_AT_ONCE", 7_000)
        parts = calls(store, load_card(None), selection)
        assert store.connection.execute("SELECT current_setting('memory_limit')").fetchall() == limit
        monkeypatch.setattr(columns, "CALLS_AT_ONCE", CALLS)
        together = calls(store, load_card(None), selection)
    assert parts.schema.equals(together.schema)
    assert parts.equals(together)


@pytest.mark.parametrize("by", [(), ("campaign",)], ids=["all", "by campaign"])
def test_calls_in_a_file_are_those_in_memory(log: Path, by: tuple[str, ...]) -> None:
    """The answer of the command: every row and column, sorted, cut and left out as a table in memory is."""
    request_by = Selection(by=by)
    with open_store([str(log)], load_rules(), cache=False) as store:
        stored = answer(Request(store, request_by))
        table = calls(store, load_card(None), request_by)
    assert stored.to_table().equals(table, check_metadata=True)
    assert stored.num_rows == CALLS
    for column, limit, offset in (("llm_input_tokens", 0, 0), ("call_id", 60, 23_970), (None, 7, 3), (None, 5, CALLS)):
        expected = paginated(table, Pagination(column, limit, offset), by)
        found = paginated(stored, Pagination(column, limit, offset), by)
        assert isinstance(found, CallRowsFile)
        assert isinstance(expected, pa.Table)
        assert found.to_table().equals(expected.combine_chunks())
        assert list(call_cells(found)) == list(call_cells(expected))
    names = ["turns", "call_id"]
    assert stored.select(names).schema.equals(table.select(names).schema, check_metadata=True)
    assert (
        stored.take([5, 1])
        .select(names)
        .take([1, 0])
        .to_table()
        .equals(table.select(names).take([1, 5]).combine_chunks())
    )
    assert stored.take([5, 1]).take([1]).column("call_id").to_pylist() == table.column("call_id").take([1]).to_pylist()


@pytest.mark.parametrize("sort", [None, "cost_total"])
def test_a_list_of_calls_is_written_as_it_is_read(log: Path, monkeypatch: pytest.MonkeyPatch, sort: str | None) -> None:
    """Terminal, pipe, Markdown and HTML: from a file line for line as from memory, and the first rows before the last are read."""
    with open_store([str(log)], load_rules(), cache=False) as store:
        stored, table = answer(Request(store, ALL_CALLS)), calls(store, load_card(None))
    read: list[int] = []
    tables = CallRowsFile.tables

    def counted(self: CallRowsFile) -> Iterator[pa.Table]:
        for rows in tables(self):
            read.append(rows.num_rows)
            yield rows

    monkeypatch.setattr(CallRowsFile, "tables", counted)
    monkeypatch.setattr(call_rows_file, "ROWS_AT_ONCE", 5_000)
    formats: list[tuple[Callable[[Document], Iterator[str]], int]] = [
        (markdown_lines, 0),
        (html_lines, 0),
        (lambda document: (line.plain for line in terminal_lines(document, 100)), CALLS),
        (lambda document: (line.plain for line in terminal_lines(document, None)), CALLS),
    ]
    for lines, read_before in formats:
        found = calls_document(paginated(stored, Pagination(sort)), "USD", total=CALLS, sort=sort)
        expected = calls_document(paginated(table, Pagination(sort)), "USD", total=CALLS, sort=sort)
        read.clear()
        written = lines(found)
        first = list(islice(written, 100))
        assert sum(read) < read_before + CALLS
        assert [*first, *written] == list(lines(expected))
        assert sum(read) == read_before + CALLS


def test_a_condition_on_costs_is_asked_of_some_calls_at_a_time(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that match are found in every part of them."""
    where = parse_condition("llm_input_tokens >= 6000 and llm_input_tokens < 6010")
    monkeypatch.setattr(columns, "CALLS_AT_ONCE", 5_000)
    with open_store([str(log)], load_rules(), cache=False) as store:
        found = calls(store, load_card(None), Selection(where=where))
    assert sorted(found.column("llm_input_tokens").to_pylist()) == list(range(6000, 6010))
