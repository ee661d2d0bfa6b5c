"""Logs that hold anything: what reaches the database is what the reports show."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.exports.exported import CARD, RULES, Target, call, turn
from support.exports.exported_checks import assert_same_calls, assert_same_rows
from support.soak import SOAK
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.cost.bill import cost_table
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.exporters.postgres.export import export
from voicetel.exporters.rows import parts_of
from voicetel.store import open_store
from voicetel.store.ingest.discovery import discover

SAMPLES = Path(__file__).parents[2] / "sample_logs"

_numbers = itertools.count(1)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["\0", "a\0b", "\U0001f600", "'\"\\", "\\.\n", "\r\n\t", "\\N", "{}", "\u2028", "NULL", "", "\x7f\x80"]
)
numbers = (
    st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, -0.0, 1e-300, 1e308, 0.1, 999_999_999, 59_999.9996, 600_000])
)
operations = st.fixed_dictionaries(
    {"stage": st.sampled_from(["stt", "llm", "tts", "realtime", "transport", "tool"]) | texts},
    optional={
        "provider": st.sampled_from(["deepgram", "groq", "cartesia", "livekit"]) | texts,
        "model": texts,
        "name": texts,
        "start_ms": numbers,
        "ttfb_ms": numbers,
        "duration_ms": numbers,
        "input_tokens": numbers,
        "output_tokens": numbers,
        "audio_s": numbers,
        "characters": numbers,
        "session_s": numbers,
        "cost": st.sampled_from(["0.1", "99999.999999999999999999", "-1", "x", "1e3"]),
        "currency": st.sampled_from(["USD", "EUR", "x"]),
    },
)
sides = st.fixed_dictionaries(
    {}, optional={"text": texts, "start_ms": numbers, "end_ms": numbers, "interrupted": st.booleans()}
)
times = st.integers(1_700_000_000, 1_800_000_000).map(
    lambda s: datetime.fromtimestamp(s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
)
turns = st.fixed_dictionaries(
    {"v": st.just(1), "event": st.just("turn"), "ts": times, "operations": st.lists(operations, max_size=3)},
    optional={"turn": st.integers(-3, 3) | numbers, "state_id": texts, "user": sides, "agent": sides},
)
ends = st.fixed_dictionaries(
    {"v": st.just(1), "event": st.just("call_ended"), "ts": times, "operations": st.lists(operations, max_size=2)},
    optional={"duration_s": numbers, "outcome_reason": texts, "outcome": st.just("fail"), "sentiment": numbers},
)
logs = st.lists(
    st.tuples(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4) | st.just("a\0"), turns | ends),
    min_size=1,
    max_size=30,
)


@settings(max_examples=100 if SOAK else 8, deadline=None, suppress_health_check=list(HealthCheck))
@given(logs)
def test_any_log_is_exported_as_it_is_reported(target: Target, events: list[tuple[str, dict[str, Any]]]) -> None:
    """Figures, costs and words of whatever a log holds are in the database as in the report; a NUL is U+FFFD."""
    example = Target(
        target.server, f"{target.schema} {next(_numbers)}", target.logs.with_name(f"logs {next(_numbers)}")
    )
    example.log({"call_id": call_id, **event} for call_id, event in events)
    with open_store([str(example.logs)], RULES, cache=False) as store:
        reported = calls(store, CARD).to_pylist()
        context = analysis_context(store)
        price_usage(context, CARD)
        bill = cost_table(context, CARD, ()).cost.total or Decimal(0)
        for rows in parts_of(store, CARD, with_text=True):
            export(rows, example.server.dsn(), example.schema)
            before = example.state()
            export(rows, example.server.dsn(), example.schema)

    assert example.state() == before
    assert_same_rows(example.table("call_metrics"), reported)
    assert_same_costs(example, bill)
    assert_same_words(example)


def test_a_megabyte_of_text_is_exported_whole(target: Target) -> None:
    """Words, in content and in extra_data, and names of any length."""
    long = "Ünïcode 😀 'quoted' \"twice\" \\ \n" * 40_000
    target.log(call("a", 1))
    target.log([turn("a", 2, user={"text": long}, agent={"text": long}, state_id=long)])
    target.export(with_text=True)
    row = target.table("call_logs")[1]
    assert row["content"] == row["state_id"] == row["extra_data"]["agent_text"] == long


def test_ids_that_differ_in_a_nul_alone_stay_two_calls(target: Target) -> None:
    """PostgreSQL has no NUL; the id that had one ends with a hash."""
    target.log([*call("a\0", 1), *call("a\ufffd", 1, minute=1)])
    target.export()
    ids = [row["call_id"] for row in target.table("call_metrics")]
    assert sorted(len(call_id) for call_id in ids) == [2, 15]
    assert target.value("SELECT count(DISTINCT call_id) FROM {}.operations") == 2


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the source distribution can come without sample_logs")
def test_the_sample_logs_are_exported_as_they_are_reported(any_target: Target) -> None:
    """Row by row, and the sum of costs is the bill's."""
    any_target.logs = SAMPLES
    any_target.export(with_text=True)
    assert_same_calls(any_target)
    assert_same_costs(any_target, any_target.bill())
    assert_same_words(any_target)


def assert_same_costs(target: Target, bill: Decimal) -> None:
    """Costs of operations add up to those of their call, and those to the bill."""
    by_call = {
        call_id: None if cost is None else Decimal(cost)
        for call_id, cost in target.rows(f"SELECT call_id, sum(cost) FROM {target.quoted}.operations GROUP BY 1")
    }
    rows = target.table("call_metrics")
    assert {row["call_id"]: row["cost_total"] for row in rows} == {
        row["call_id"]: by_call.get(row["call_id"]) for row in rows
    }
    # A call whose amount has no last digit is rounded by itself: half a unit of the 24th place each.
    assert abs(sum(row["cost_total"] or 0 for row in rows) - bill) <= len(rows) * Decimal("5e-25")


def assert_same_words(target: Target) -> None:
    """Every turn has the words that its line has, each distinct line once."""
    files = [Path(file.path) for file in discover([str(target.logs)], warn=print)]
    lines = {line for path in files for line in path.read_text(encoding="utf-8").split("\n") if line}
    events = [event for event in map(json.loads, lines) if event["event"] == "turn"]
    openers = [event["user"] if "user" in event else event.get("agent", {}) for event in events]
    expected = Counter((opener.get("text") or "").replace("\0", "\ufffd") for opener in openers)
    assert Counter(row["content"] or "" for row in target.table("call_logs")) == expected
