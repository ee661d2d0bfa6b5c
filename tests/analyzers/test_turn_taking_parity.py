"""Every figure of who spoke over whom against a plain recomputation, and that all who ask which turns were interrupted are told the same."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from support.logs import Event, store_of
from support.reference import turn_taking as reference
from support.reference.definitions import reference_calls
from support.soak import SOAK
from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.analyzers.live.recent_rows import read_recent_rows
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.turn_taking.turn_taking import turn_taking
from voicetel.analyzers.turns.turn_rows import turn_rows
from voicetel.pricing import parse_card

if TYPE_CHECKING:
    from voicetel.store import Store

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
CARD = parse_card('currency = "USD"\n', source="card")

times = st.integers(0, 12).map(lambda half_seconds: half_seconds * 500)
"""So few that speech often begins where other speech begins or ends."""


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object that has some of its fields."""
    return st.fixed_dictionaries({}, optional=fields)


spans = st.lists(st.tuples(times, times).map(sorted), max_size=3)
"""In any order, some of them overlapping: however a log tells what was audible."""
users = st.one_of(
    st.none(), optional(start_ms=times, end_ms=times), st.fixed_dictionaries({"start_ms": times, "end_ms": times})
)
flags = {"interrupted": st.booleans(), "interrupted_by": st.sampled_from(["caller", "caller", "hangup"])}
agents = st.one_of(
    st.none(),
    optional(start_ms=times, end_ms=times, **flags),
    st.fixed_dictionaries({"spans": spans}, optional={"start_ms": times, "end_ms": times} | flags),
)
operations = st.lists(
    st.fixed_dictionaries(
        {"stage": st.sampled_from(["tts", "llm"])}, optional={"audio_s": st.sampled_from([0, 0.5, 2, 2.25])}
    ),
    max_size=2,
)


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Some calls. In few of them any turn has a flag: a turn without one in such a call says nothing."""
    events: list[Event] = []
    for number in range(draw(st.integers(1, 12))):
        at = START + timedelta(hours=number)
        call = {"v": 1, "call_id": f"call-{number:02d}"}
        is_flagged = draw(st.integers(0, 2)) == 0
        numbers = draw(st.lists(st.sampled_from([None, 1, 7]), max_size=5) | st.integers(0, 5).map(range))
        for turn in numbers:
            at += timedelta(milliseconds=500 * draw(st.integers(1, 9)))
            user, agent = draw(users), draw(agents)
            if agent is not None and not is_flagged:
                agent.pop("interrupted", None)
            fields = {"turn": turn, "user": user, "agent": agent, "operations": draw(operations)}
            events.append(
                call
                | {"event": "turn", "ts": at.isoformat()}
                | {name: value for name, value in fields.items() if value is not None}
            )
        ended: Event = call | {"event": "call_ended", "ts": (at + timedelta(seconds=20)).isoformat()}
        if draw(st.integers(0, 2)) == 0:
            ended["interruption_count"] = draw(st.integers(0, 2))
        events.append(ended)
    return events


@settings(
    max_examples=200 if SOAK else 15,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(logs())
def test_who_spoke_over_whom_equals_a_plain_recomputation(events: list[Event]) -> None:
    """Turn by turn and call by call; and the turns that are interrupted are so in exports, in `watch` and in every count."""
    expected = reference_calls(events)
    with tempfile.TemporaryDirectory() as directory, store_of(Path(directory), events) as store:
        context = analysis_context(store)
        total = turn_taking(context).total
        stopped = context.rows("SELECT overrun_us, played_us, synthesized_us FROM interrupted_turns")
        figures = {row["call_id"]: row for row in context.records("FROM call_turn_taking")}
        were_interrupted = [each for call in expected for each in call.interrupted()]
        assert in_exports(store) == were_interrupted
        assert in_watch(store) == were_interrupted
        by_turn = turn_taking(analysis_context(store, Selection(by=("turn",)))).groups

    assert sorted(stopped, key=repr) == sorted(
        (each for call in expected for each in reference.interrupted_turns(call)), key=repr
    )
    for call in expected:
        row = figures[call.call_id]
        assert (row["agent_over_caller"], row["timed_agent_turns"]) == reference.begins_over_caller(call)
        assert row["caller_over_agent"] == call.interruption_count()
        assert {name: row[name] for name in reference.talk(call)} == reference.talk(call)
    counts = [count for call in expected if (count := call.interruption_count()) is not None]
    assert (total.caller_over_agent.count or 0) == sum(counts)
    assert sum(each.figures.caller_over_agent.count or 0 for each in by_turn) == sum(counts)


def in_exports(store: Store) -> list[bool | None]:
    """Whether the caller stopped the agent, turn by turn in their order, as rows of exports have it."""
    context = analysis_context(store)
    turn_rows(context)
    return [stopped for (stopped,) in context.rows(_IN_ORDER.format("was_interrupted", "turn_rows"))]


def in_watch(store: Store) -> list[bool | None]:
    """The same of the rows that `watch` asks."""
    rows = read_recent_rows(store, CARD, ALL_CALLS, START.replace(tzinfo=None) - timedelta(days=1))
    connection = analysis_context(store).connection
    connection.register("watched", rows.turns)
    found = connection.execute(_IN_ORDER.format("watched.was_interrupted", "watched")).fetchall()
    return [stopped for (stopped,) in found]


_IN_ORDER = "SELECT {} FROM {} JOIN (SELECT call_id, numbered FROM calls) USING (call_id) ORDER BY call_id, CASE WHEN numbered THEN turn ELSE epoch_us(ts) END, turn"
