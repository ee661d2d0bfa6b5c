"""States in which callers hang up, by hand."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from support.logs import Event, store_of
from support.soak import SOAK
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.dropoff import dropoff
from voicetel.analyzers.request import Request
from voicetel.gate.metrics import find_measure
from voicetel.gate.samples.observe import observe
from voicetel.gate.samples.take import sample
from voicetel.pricing import load_card
from voicetel.results import encode


def call(call_id: str, states: list[str | None], **ended: object) -> list[Event]:
    """A call that goes through these states, a turn each."""
    first = {"v": 1, "event": "call_started", "ts": "2026-11-02T09:00:00Z", "call_id": call_id, "language": "en"}
    turns: list[Event] = [
        {"v": 1, "event": "turn", "ts": f"2026-11-02T09:00:{n:02d}Z", "call_id": call_id, "turn": n, "state_id": state}
        for n, state in enumerate(states, start=1)
    ]
    last = {"v": 1, "event": "call_ended", "ts": "2026-11-02T09:01:00Z", "call_id": call_id, **ended}
    return [first, *turns, last]


ENDS: tuple[dict[str, str], ...] = (
    {},
    {"outcome": "fail"},
    *({"end_reason": reason} for reason in ("caller_hangup", "agent_hangup", "timeout")),
    *({"end_reason": "caller_hangup", "outcome": outcome} for outcome in ("success", "fail", "unknown")),
)


@settings(
    max_examples=300 if SOAK else 8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=5), st.sampled_from(ENDS), st.booleans()),
        min_size=1,
        max_size=6,
    )
)
@example([(["a", "b", "c", "a", "c"], ENDS[2], True), (["b", "a"], ENDS[2], True), (["c", "b"], ENDS[2], True)])
def test_dropoff_is_a_plain_count(drawn: list[tuple[list[str | None], dict[str, str], bool]]) -> None:
    """State by state in plain Python, in the report and in the gate; some calls have all their turns at one time."""
    log: list[Event] = []
    for number, (states, end, at_once) in enumerate(drawn):
        events = call(f"c{number}", states, **end)
        log += [
            line | {"ts": "2026-11-02T09:00:30Z"} if at_once and line["event"] == "turn" else line for line in events
        ]
    with tempfile.TemporaryDirectory() as folder, store_of(Path(folder), log) as store:
        lines = [line.figures for line in dropoff.answer(Request(store)).lines]
        ended = {row["call_id"]: row["outcome"] for row in calls(store, load_card()).to_pylist()}
        measures = {state: find_measure(f"dropoff_rate.{state}", None) for state in "abc"}
        any_state = find_measure("dropoff_rate", None)
        found = sample(store, load_card(), measures=[*measures.values(), any_state])
    expected: dict[str, tuple[int, int, int, int, float | None]] = {}
    named = [[state for state in states if state] for states, *_ in drawn]
    for state in sorted({state for states in named for state in states}):
        last = [number for number, states in enumerate(named) if states and states[-1] == state]
        hangups = [number for number in last if drawn[number][1].get("end_reason") == "caller_hangup"]
        dropoffs = sum(ended[f"c{number}"] != "success" for number in hangups)
        reached = sum(state in states for states in named)
        is_known = not last or any("end_reason" in drawn[number][1] for number in last)
        rate = dropoffs / reached if is_known else None
        expected[state] = (reached, len(last), len(hangups), dropoffs, rate)
        assert observe(found, measures[state]).value == rate
    assert {
        line.state_id: (line.calls, line.last_calls, line.hangups, line.dropoffs, line.dropoff_rate) for line in lines
    } == expected
    with_states = [number for number, states in enumerate(named) if states]
    says_why = any("end_reason" in drawn[number][1] for number in with_states)
    dropped = sum(dropoffs for *_, dropoffs, _ in expected.values())
    assert observe(found, any_state).value == (dropped / len(with_states) if with_states and says_why else None)


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
