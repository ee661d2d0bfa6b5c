"""Texts that stand in somebody else's tables are never replaced by NULL, and an application's own columns stay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from support.exports.existing_tables import IDS, MADE_BY_AN_ORM, WRITTEN_BY_HAND, fill, make_tables
from support.exports.exported import turn

if TYPE_CHECKING:
    from support.exports.exported import Target
    from voicetel.exporters.postgres.existing.row_shape import RowPer

BOTH_WAYS = pytest.mark.parametrize("tables", [WRITTEN_BY_HAND, MADE_BY_AN_ORM], ids=["by hand", "by an ORM"])


@BOTH_WAYS
@pytest.mark.parametrize("row_per", ["turn", "speaker"])
def test_an_export_without_words_leaves_those_that_are_there(target: Target, tables: str, row_per: RowPer) -> None:
    """Written by an export with words; then figures change, and an export without words follows."""
    make_tables(target, tables)
    fill(target, with_text=True, row_per=row_per)
    texts = f"SELECT call_id::text, turn_index, content, extra_data ->> 'agent_text' FROM {target.quoted}.call_logs ORDER BY 1, 2"
    before = target.rows(texts)
    target.server.run(
        f"UPDATE {target.quoted}.call_logs SET latency_llm = 1, extra_data = '{{\"mine\": [1]}}' WHERE turn_index = 1"
    )
    target.server.run(f"UPDATE {target.quoted}.call_metrics SET turn_count = -1")
    fill(target, row_per=row_per)
    after = target.rows(texts)
    assert [row[:3] for row in after] == [row[:3] for row in before]
    assert all(row[2] for row in after)
    assert target.value("SELECT count(*) FROM {}.call_logs WHERE latency_llm = 1") == 0
    ((extra,),) = target.rows(f"SELECT extra_data::text FROM {target.quoted}.call_logs WHERE turn_index = 1 LIMIT 1")
    assert json.loads(extra)["mine"] == [1]
    assert json.loads(extra)["turn"] == 1


def test_an_applications_own_rows_keep_their_words_and_get_figures(target: Target) -> None:
    """Rows that the agent wrote itself, when the turn was over: found by number and role, not by time."""
    make_tables(target, WRITTEN_BY_HAND)
    for place, role in enumerate(["user", "assistant"]):
        target.server.run(
            f"INSERT INTO {target.quoted}.call_logs (call_id, turn_index, role, content, sentiment)"
            f" VALUES ('{IDS[0]}', {place}, '{role}', 'own {place}', 0.5)"
        )
    target.server.run(
        f"INSERT INTO {target.quoted}.call_metrics (call_id, sentiment_score, note) VALUES ('{IDS[4]}', 0.125, 'n')"
    )
    target.log([{"v": 1, "event": "call_ended", "call_id": IDS[4], "ts": "2026-11-02T09:05:00Z", "outcome": "fail"}])
    fill(target)
    rows = target.rows(
        "SELECT turn_index, content, ttfb_stt::float8, latency_llm::float8, sentiment::float8"
        f" FROM {target.quoted}.call_logs WHERE call_id = '{IDS[0]}' ORDER BY 1"
    )
    assert rows == [(0, "own 0", 170.5, None, 0.5), (1, "own 1", None, 300.0, 0.5)]
    assert target.rows(f"SELECT note, turn_count FROM {target.quoted}.call_metrics WHERE note IS NOT NULL") == [
        ("n", 10)
    ]


def test_a_text_that_the_log_lacks_stays_though_words_are_asked_for(target: Target) -> None:
    """The agent's own words beat the log's silence."""
    make_tables(target, MADE_BY_AN_ORM)
    target.log([turn("x", 1, user={"start_ms": 0, "end_ms": 900})])
    fill(target, with_text=True)
    target.server.run(f"UPDATE {target.quoted}.call_logs SET content = 'known' WHERE call_id = 'x' AND role = 'user'")
    fill(target, with_text=True)
    assert target.value("SELECT content FROM {}.call_logs WHERE call_id = 'x' AND role = 'user'") == "known"


def test_rows_with_words_that_the_logs_do_not_have_stay_without_them(target: Target) -> None:
    """An export without words leaves rows that hold some, one with words is what the logs say; a system message is nobody's turn."""
    make_tables(target, WRITTEN_BY_HAND)
    fill(target)
    target.server.run(
        f"INSERT INTO {target.quoted}.call_logs (call_id, turn_index, role, content) VALUES ('{IDS[0]}', 99, 'system', 'be kind')"
    )
    target.server.run(
        f"INSERT INTO {target.quoted}.call_logs (call_id, turn_index, role) VALUES ('{IDS[0]}', 98, 'user')"
    )
    target.server.run(
        f"INSERT INTO {target.quoted}.call_logs (call_id, turn_index, role, content) VALUES ('{IDS[0]}', 97, 'user', 'hello?')"
    )
    fill(target)
    rest = f"SELECT turn_index FROM {target.quoted}.call_logs WHERE turn_index > 90 ORDER BY 1"
    assert target.rows(rest) == [(97,), (99,)]
    fill(target, with_text=True)
    assert target.rows(rest) == [(99,)]
