"""States in which callers hang up, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.logs import Event, store_of
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.dropoff import dropoff
from voicetel.analyzers.request import Request
from voicetel.results import encode

if TYPE_CHECKING:
    from pathlib import Path


def call(call_id: str, states: list[str | None], **ended: object) -> list[Event]:
    """A call that goes through these states, a turn each."""
    first = {"v": 1, "event": "call_started", "ts": "2026-11-02T09:00:00Z", "call_id": call_id, "language": "en"}
    turns: list[Event] = [
        {"v": 1, "event": "turn", "ts": f"2026-11-02T09:00:{n:02d}Z", "call_id": call_id, "turn": n, "state_id": state}
        for n, state in enumerate(states, start=1)
    ]
    last = {"v": 1, "event": "call_ended", "ts": "2026-11-02T09:01:00Z", "call_id": call_id, **ended}
    return [first, *turns, last]


def test_dropoff_by_hand(tmp_path: Path) -> None:
    """Four calls were greeted; of the three that were asked for a date one hung up there, and one after it was booked."""
    events = [
        *call("a", ["greeting", "date"], end_reason="caller_hangup", outcome="fail"),
        *call("b", ["greeting", "date", "booked", None], end_reason="caller_hangup", outcome="success"),
        *call("c", ["greeting", "date", "greeting"], end_reason="agent_hangup", outcome="fail"),
        *call("d", ["greeting"], end_reason="caller_hangup"),
        *call("e", [None], end_reason="caller_hangup"),
    ]
    with store_of(tmp_path, events) as store:
        lines = encode(dropoff.answer(Request(store)))["lines"]
        grouped = encode(dropoff.answer(Request(store, Selection(by=("language",)))))["lines"]
    assert [tuple(line.values()) for line in lines] == [
        ("greeting", 4, 2, 1, 1, 0.25),
        ("date", 3, 1, 1, 1, 1 / 3),
        ("booked", 1, 1, 1, 0, 0.0),
    ]
    assert [(line["language"], line["state_id"], line["dropoffs"]) for line in grouped] == [
        ("en", "greeting", 1),
        ("en", "date", 1),
        ("en", "booked", 0),
    ]
