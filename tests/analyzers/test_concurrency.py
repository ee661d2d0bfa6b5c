"""How many calls there were at once: by hand, and against a plain count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from support.logs import Event, store_of
from voicetel.analyzers.concurrency import concurrency
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.request import Request
from voicetel.results import encode

if TYPE_CHECKING:
    from pathlib import Path

NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)


def call(number: int, begins_s: int, duration_s: float | None, agent: str = "a") -> list[Event]:
    """A call that begins so many seconds after nine; None: it does not end."""
    call_id = f"c{number}"
    ts = (NINE + timedelta(seconds=begins_s)).isoformat()
    started: Event = {"v": 1, "event": "call_started", "ts": ts, "call_id": call_id, "agent_name": agent}
    if duration_s is None:
        return [started]
    end = (NINE + timedelta(seconds=begins_s + duration_s)).isoformat()
    return [started, {"v": 1, "event": "call_ended", "ts": end, "call_id": call_id, "duration_s": duration_s}]


def lines_of(folder: Path, events: list[Event], *by: str) -> list[dict[str, Any]]:
    """The report's lines."""
    with store_of(folder, events) as store:
        return list(encode(concurrency.answer(Request(store, Selection(by=by))))["lines"])


def test_concurrency_by_hand(tmp_path: Path) -> None:
    """From 9:00:05 two calls are at once; the third begins when the first ends, the fourth is of no known length."""
    events = [*call(1, 0, 10), *call(2, 5, 10), *call(3, 10, 10, "b"), *call(4, 6, None, "b")]
    assert lines_of(tmp_path / "all", events) == [
        {"calls": 4, "timed_calls": 3, "peak": 2, "peak_at": "2026-11-02T09:00:05.000Z"}
    ]
    assert lines_of(tmp_path / "by", events, "agent_name") == [
        {"agent_name": "a", "calls": 2, "timed_calls": 2, "peak": 2, "peak_at": "2026-11-02T09:00:05.000Z"},
        {"agent_name": "b", "calls": 2, "timed_calls": 1, "peak": 1, "peak_at": "2026-11-02T09:00:10.000Z"},
    ]


def test_no_known_length_is_no_peak(tmp_path: Path) -> None:
    """Null, not 0."""
    assert lines_of(tmp_path, call(1, 0, None)) == [{"calls": 1, "timed_calls": 0, "peak": None, "peak_at": None}]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 130)), min_size=1, max_size=12))
def test_is_a_plain_count(tmp_path_factory: Any, calls: list[tuple[int, int]]) -> None:
    """The most calls that have begun and not ended in any second of some minutes."""
    events = [event for number, (begins_s, length_s) in enumerate(calls) for event in call(number, begins_s, length_s)]
    at_once = [sum(begins <= second < begins + length for begins, length in calls) for second in range(331)]
    (line,) = lines_of(tmp_path_factory.mktemp("logs"), events)
    assert line["peak"] == max(at_once)
    at = NINE + timedelta(seconds=at_once.index(max(at_once)))
    assert line["peak_at"] == at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
