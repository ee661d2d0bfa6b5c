"""Tables with a row per turn and tables with a row per speaker: each gets the rows that it is made for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.exports.existing_tables import IDS, MADE_BY_AN_ORM, WRITTEN_BY_HAND, fill, make_tables, versions
from support.exports.exported import call, counts, turn

if TYPE_CHECKING:
    from support.exports.exported import Target

BOTH_WAYS = pytest.mark.parametrize("tables", [WRITTEN_BY_HAND, MADE_BY_AN_ORM], ids=["by hand", "by an ORM"])


@BOTH_WAYS
def test_a_row_per_speaker_holds_what_its_speaker_has(target: Target, tables: str) -> None:
    """The caller's row has the STT's figures, the assistant's all others; the rows of a call are numbered from 1."""
    fill(make_tables(target, tables), with_text=True)
    rows = target.table("call_logs", "call_id, turn_index")
    assert [rows_of(rows, call_id) for call_id in IDS[:2]] == [
        [(1, "user", "Question 1"), (2, "assistant", "Answer 1")],
        [
            (1, "user", "Question 1"),
            (2, "assistant", "Answer 1"),
            (3, "user", "Question 2"),
            (4, "assistant", "Answer 2"),
        ],
    ]
    caller, assistant = rows[0], rows[1]
    assert (caller["ttfb_stt"], assistant["ttfb_stt"]) == (Decimal("170.5"), None)
    # The LLM took 300 ms; the caller stopped at 900 and the agent began at 1501.
    assert (caller["latency_llm"], assistant["latency_llm"]) == (None, 300)
    assert (caller["eou_latency"], assistant["eou_latency"]) == (None, 601)
    assert (caller["was_interrupted"], assistant["was_interrupted"]) == (None, False)
    # The turn began at 09:00:01, the agent's audio 1501 ms later.
    assert [caller["created_at"], assistant["created_at"]] == ["2026-11-02T09:00:01", "2026-11-02T09:00:02.501"]
    assert caller["extra_data"] == {"turn": 1, "user_start_ms": 0, "user_end_ms": 900}


@BOTH_WAYS
def test_counts_and_rates_mean_what_they_mean_there(target: Target, tables: str) -> None:
    """``turn_count`` is the call's number of rows: those of the caller and those of the assistant."""
    fill(make_tables(target, tables))
    for row in target.table("call_metrics", "call_id"):
        there = target.rows(
            "SELECT count(*), count(*) FILTER (WHERE role::text = 'user'), count(*) FILTER (WHERE role::text = 'assistant')"
            f" FROM {target.quoted}.call_logs WHERE call_id::text = '{row['call_id']}'"
        )
        assert there == [(row["turn_count"], row["user_turn_count"], row["bot_turn_count"])]
        assert row["turn_count"] == row["user_turn_count"] + row["bot_turn_count"]


@BOTH_WAYS
def test_filling_again_writes_nothing(target: Target, tables: str) -> None:
    """Not with words, not without: what is there stays as it is."""
    fill(make_tables(target, tables), with_text=True)
    before = versions(target)
    assert counts(fill(target, with_text=True)) == {"call_metrics": (0, 0, 5, 0), "call_logs": (0, 0, 30, 0)}
    assert counts(fill(target)) == {"call_metrics": (0, 0, 5, 0), "call_logs": (0, 0, 30, 0)}
    assert versions(target) == before


@BOTH_WAYS
def test_rows_that_are_there_show_what_a_row_is(target: Target, tables: str) -> None:
    """A table that an earlier export has filled with a row per turn is kept that way."""
    agent = "assistant" if tables is MADE_BY_AN_ORM else "agent"
    fill(make_tables(target, tables), row_per="turn", with_text=True)
    rows = target.table("call_logs", "call_id, turn_index")
    assert rows_of(rows, IDS[1]) == [(1, "user", "Question 1"), (2, "user", "Question 2")]
    assert rows[0]["extra_data"]["agent_text"] == "Answer 1"
    target.log([turn(IDS[0], 2, user=None)])
    assert counts(fill(target)) == {"call_metrics": (0, 1, 4, 0), "call_logs": (1, 0, 15, 0)}
    assert target.table("call_logs", "call_id, turn_index")[1]["role"] == agent


def test_a_table_without_role_or_content_has_a_row_per_turn(target: Target) -> None:
    """Nothing in it could tell two speakers apart."""
    target.server.run(
        f"CREATE SCHEMA {target.quoted}; SET search_path TO {target.quoted};"
        "CREATE TABLE call_metrics (call_id text, turn_count int); CREATE TABLE call_logs (call_id text, turn_index int, content text)"
    )
    target.log(call("a", 2))
    fill(target, with_text=True)
    rows = target.rows(f"SELECT turn_index, content FROM {target.quoted}.call_logs ORDER BY 1")
    assert rows == [(1, "Question 1"), (2, "Question 2")]
    assert target.value("SELECT turn_count FROM {}.call_metrics") == 2


@pytest.mark.parametrize(
    ("caller", "agent", "first", "shared"),
    [
        ("user", "assistant", 0, False),
        ("USER", "BOT", 1, False),
        ("caller", "ai", 1, True),
        ("human", "agent", 0, True),
    ],
)
def test_rows_are_named_and_numbered_as_those_that_are_there(
    target: Target, caller: str, agent: str, first: int, shared: bool
) -> None:
    """An application's own rows say what it calls the two, from where it counts, and whether both have the turn's number."""
    make_tables(target, WRITTEN_BY_HAND)
    step = 0 if shared else 1
    for turn_ in range(2):
        index = first + turn_ * (1 + step)
        for role, place in ((caller, index), (agent, index + step)):
            target.server.run(
                f"INSERT INTO {target.quoted}.call_logs (call_id, turn_index, role, content)"
                f" VALUES ('{IDS[1]}', {place}, '{role}', 'as the application has it')"
            )
    fill(target)
    rows = target.table("call_logs", "call_id, turn_index, created_at")
    begin = 1 if shared else first
    indexes = [1, 1] if shared else [begin, begin + 1]
    assert [(row["turn_index"], row["role"]) for row in rows if row["call_id"] == IDS[0]] == [
        (indexes[0], caller),
        (indexes[1], agent),
    ]


def test_what_only_one_side_did_is_neither_lost_nor_twice(target: Target) -> None:
    """Tokens of an answer that was never played stand in the caller's row, those of a silent turn in the assistant's."""
    make_tables(target, MADE_BY_AN_ORM)
    target.log([turn("x", 1, agent=None), turn("x", 2, user=None), turn("x", 3, user=None, agent=None), turn("x", 4)])
    fill(target)
    rows = target.rows(
        f"SELECT role::text, llm_input_tokens::bigint, ttfb_stt FROM {target.quoted}.call_logs WHERE call_id = 'x' ORDER BY turn_index"
    )
    assert rows == [
        ("user", 801, 170.5),
        ("assistant", 802, 170.5),
        ("assistant", 803, 170.5),
        ("user", None, 170.5),
        ("assistant", 804, None),
    ]


def test_a_turn_that_comes_late_keeps_every_text_with_its_own_figures(target: Target) -> None:
    """The rows behind it get other numbers, though numbers are unique there; texts stay with the turn they belong to."""
    make_tables(target, MADE_BY_AN_ORM)
    target.log([turn("x", 1), turn("x", 3)])
    fill(target, with_text=True)
    target.log([turn("x", 2)])
    fill(target)
    rows = target.rows(
        "SELECT turn_index, role::text, content, extra_data ->> 'turn' FROM"
        f" {target.quoted}.call_logs WHERE call_id = 'x' ORDER BY turn_index"
    )
    assert rows == [
        (1, "user", "Question 1", "1"),
        (2, "assistant", "Answer 1", "1"),
        (3, "user", None, "2"),
        (4, "assistant", None, "2"),
        (5, "user", "Question 3", "3"),
        (6, "assistant", "Answer 3", "3"),
    ]


def rows_of(rows: list[dict[str, Any]], call_id: str) -> list[tuple[Any, ...]]:
    """A call's rows: number, role, text."""
    return [(row["turn_index"], row["role"], row["content"]) for row in rows if row["call_id"] == call_id]
