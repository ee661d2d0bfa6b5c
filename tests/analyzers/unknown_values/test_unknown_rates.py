"""Every rate is of what is known: in the report, of each call, in limits, comparisons and trends alike, null where nothing is."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from support.logs import Event, store_of
from support.soak import SOAK
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.campaigns import campaigns
from voicetel.analyzers.live.live import LiveWindow
from voicetel.analyzers.live.recent_rows import read_recent_rows
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.report.report import calls_report
from voicetel.analyzers.request import Request
from voicetel.analyzers.turn_taking import turn_taking
from voicetel.gate.compare import compare
from voicetel.gate.metrics import find_measure
from voicetel.gate.samples.observe import observe
from voicetel.gate.samples.take import sample
from voicetel.gate.trend import trend
from voicetel.pricing import load_card
from voicetel.reporters.html.report.page import report_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.live.results import LiveFigures
    from voicetel.store import Store

BARE: Event = {"user": {"text": "blorp zzyx"}, "agent": {"text": "frob quux"}}
TURNS: tuple[Event, ...] = (
    BARE,
    {"user": {"text": "blorp zzyx"}},
    {"agent": {"text": "frob quux"}},
    {"agent": {"interrupted": False}},
    {"user": {"text": "blorp zzyx"}, "agent": {"interrupted": True}},
    {"user": {"start_ms": 0, "end_ms": 500}, "agent": {"start_ms": 900, "end_ms": 1500}},
    {"agent": {"start_ms": 900}},
)
ENDS: tuple[Event, ...] = (
    {},
    *({"outcome": outcome} for outcome in ("success", "fail", "voicemail", "no_answer", "busy", "unknown")),
    *({"end_reason": reason} for reason in ("caller_hangup", "transfer", "timeout")),
    {"interruption_count": 0},
    {"interruption_count": 2},
)
MARKS = ("no_input", "unheard", "answered", "transfer", "false_interruption")
START = datetime(2026, 11, 2, 9)  # noqa: DTZ001  UTC without a zone, as analyzers have it


def call(
    number: int, turns: Sequence[Event], marks: Sequence[str] = (), end: Event | None = None, **started: Any
) -> list[Event]:
    """A call that begins so many minutes after the first, which has ended unless ``end`` is None."""
    begin = START + timedelta(minutes=number)
    head = {"v": 1, "call_id": f"c{number}"}

    def at(seconds: int) -> str:
        return f"{(begin + timedelta(seconds=seconds)).isoformat()}Z"

    return [
        head | {"event": "call_started", "ts": at(0), "campaign": "spring"} | started,
        *(head | {"event": "turn", "ts": at(4 * n), "turn": n} | turn for n, turn in enumerate(turns, 1)),
        *(head | {"event": "mark", "ts": at(1), "kind": kind} for kind in marks),
        *([] if end is None else [head | {"event": "call_ended", "ts": at(55)} | end]),
    ]


random_calls = st.lists(
    st.tuples(
        st.lists(st.sampled_from(TURNS), max_size=3),
        st.lists(st.sampled_from(MARKS), max_size=2, unique=True),
        st.sampled_from(ENDS) | st.none(),
        st.sampled_from(["inbound", "outbound"]),
    ),
    min_size=1,
    max_size=4,
)


def interruptions(turns: Sequence[Event], end: Event | None) -> tuple[int | None, int]:
    """(times the caller stopped the agent, None where the agent spoke and nothing says so; turns in which it spoke)."""
    agents = [turn["agent"] for turn in turns if "agent" in turn]
    if any("interrupted" in agent for agent in agents):
        return sum(agent.get("interrupted", False) for agent in agents), len(agents)
    if end and "interruption_count" in end:
        return end["interruption_count"], len(agents)
    # Turns are four seconds apart, and no agent speaks as long.
    is_known = not agents or any("end_ms" in agent for agent in agents)
    return 0 if is_known else None, len(agents)


def share(part: int, whole: int, *, known: bool = True) -> float | None:
    """A quotient, where anything is known and there is something to divide by."""
    return part / whole if known and whole else None


def expected_rates(drawn: Sequence[Any], rows: Sequence[Event]) -> dict[str, float | None]:
    """Metric → its rate, counted call by call; how a call ended and whether it was answered is as its row has it."""
    counts = [interruptions(turns, end) for turns, _, end, _ in drawn]
    stopped = [count for count, agent_turns in counts if count is not None and agent_turns]
    marks = [set(kinds) for _, kinds, _, _ in drawn]
    reasons = [(end or {}).get("end_reason") for *_, end, _ in drawn]
    known = [row["outcome"] != "unknown" for row in rows]
    answered = [row["answered"] for row in rows]
    connected = [
        row["answered"] or row["outcome"] == "voicemail" or "answered" in kinds or row["user_turns"] > 0
        for row, kinds in zip(rows, marks, strict=True)
    ]
    talks = [row["answered"] and row["user_turns"] >= 2 for row in rows]
    successes = [row["outcome"] == "success" for row in rows]
    handled = [is_answered and end is not None for is_answered, (*_, end, _) in zip(answered, drawn, strict=True)]
    passed_on = ["transfer" in kinds or reason == "transfer" for kinds, reason in zip(marks, reasons, strict=True)]
    says = any(h and (p or r) for h, p, r in zip(handled, passed_on, reasons, strict=True))
    transferred = sum(h and p for h, p in zip(handled, passed_on, strict=True))
    n = len(rows)
    return {
        "interruption_rate": share(sum(stopped), sum(each for _, each in counts), known=bool(stopped)),
        "connect_rate": share(sum(connected), n, known=any(c or k for c, k in zip(connected, known, strict=True))),
        "answer_rate": share(
            sum(answered),
            sum(connected),
            known=any(c and (a or k) for c, a, k in zip(connected, answered, known, strict=True)),
        ),
        "conversation_rate": share(
            sum(talks), sum(answered), known=any(a and row["turns"] for a, row in zip(answered, rows, strict=True))
        ),
        "conversation_success_rate": share(
            sum(t and s for t, s in zip(talks, successes, strict=True)),
            sum(talks),
            known=any(t and k for t, k in zip(talks, known, strict=True)),
        ),
        "outcome.voicemail": share(sum(row["outcome"] == "voicemail" for row in rows), n, known=any(known)),
        "success_rate": share(
            sum(successes), sum(answered), known=any(a and k for a, k in zip(answered, known, strict=True))
        ),
        "no_input_rate": share(
            sum("no_input" in kinds for kinds in marks), n, known=any("no_input" in m for m in marks)
        ),
        "unheard_rate": share(sum("unheard" in kinds for kinds in marks), n, known=any("unheard" in m for m in marks)),
        "transfer_rate": share(transferred, sum(handled), known=says),
        "containment_rate": share(sum(handled) - transferred, sum(handled), known=says),
        "timeout_rate": share(reasons.count("timeout"), n - reasons.count(None)),
    }


def reported_rates(store: Store) -> dict[str, float | None]:
    """The same metrics as reports have them."""
    total = analyze(store, load_card()).total
    campaign = campaigns.answer(Request(store)).lines[0].figures
    return {
        "interruption_rate": total.interruptions.rate,
        "connect_rate": campaign.connect_rate,
        "answer_rate": campaign.answer_rate,
        "conversation_rate": campaign.conversation_rate,
        "conversation_success_rate": campaign.conversation_success_rate,
        "outcome.voicemail": campaign.voicemail_rate,
        "success_rate": total.outcomes.success_rate,
        "no_input_rate": total.handling.no_input.rate,
        "unheard_rate": total.handling.unheard.rate,
        "transfer_rate": total.handling.transfers.rate,
        "containment_rate": total.handling.transfers.containment_rate,
        "timeout_rate": total.handling.timeouts.rate,
    }


@settings(
    max_examples=500 if SOAK else 6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(random_calls)
def test_reports_and_the_gate_know_the_same(drawn: Sequence[Any]) -> None:
    """Every rate is that of a count call by call, and null where nothing is known: in reports, of each call, and in the gate."""
    log = [
        line
        for number, (turns, marks, end, direction) in enumerate(drawn)
        for line in call(number, turns, marks, end, direction=direction)
    ]
    with tempfile.TemporaryDirectory() as directory, store_of(Path(directory), log) as store:
        rows = calls(store, load_card()).to_pylist()
        reported = reported_rates(store)
        found = sample(store, load_card())
        taking = turn_taking.answer(Request(store)).total
    rates = expected_rates(drawn, rows)
    assert reported == pytest.approx(rates)
    assert {name: observe(found, find_measure(name, None)).value for name in rates} == pytest.approx(rates)
    counts = [interruptions(turns, end) for turns, _, end, _ in drawn]
    assert [row["interruption_count"] for row in rows] == [count for count, _ in counts]
    assert [row["interruption_rate"] for row in rows] == [
        None if count is None else share(count, agent_turns) for count, agent_turns in counts
    ]
    assert taking.caller_over_agent.per_turn == pytest.approx(rates["interruption_rate"])
    if not any("false_interruption" in marks for _, marks, _, _ in drawn):
        assert (taking.false_interruptions.per_turn, taking.false_interruptions.per_call) == (None, None)


@pytest.mark.parametrize(
    ("turns", "end", "day", "direction"),
    [
        ([BARE], {}, (1, None, 1, None), (1, None, None)),
        ([BARE, TURNS[3]], {"outcome": "fail"}, (1, 0, 2, 0), (1, 0, None)),
        ([TURNS[4]], {"end_reason": "transfer"}, (1, 1, 1, 1), (1, 1, 1)),
        ([], {"outcome": "no_answer", "end_reason": "timeout"}, (0, 0, 0, 0), (0, 0, 0)),
        ([BARE], {"outcome": "success", "end_reason": "agent_hangup"}, (1, 1, 1, None), (1, 1, 0)),
    ],
)
def test_days_and_directions_of_the_page(
    tmp_path: Path, turns: list[Event], end: Event, day: tuple[int | None, ...], direction: tuple[int | None, ...]
) -> None:
    """(answered, success, agent turns, interruptions) of a day; (answered, success, transferred) of a direction."""
    with store_of(tmp_path, call(0, turns, [], end, direction="inbound")) as store:
        found = calls_report(Request(store))
    (that,), (way,) = found.days, found.directions
    assert (that.answered, that.success, that.agent_turns, that.interruptions) == day
    assert (way.answered, way.success, way.transferred) == direction
    assert "n/a" in report_page(found)


MARK_RATES = pytest.mark.parametrize(("metric", "kind"), [("no_input_rate", "no_input"), ("unheard_rate", "unheard")])


@MARK_RATES
def test_a_part_without_marks_has_none_of_them_where_others_do(tmp_path: Path, metric: str, kind: str) -> None:
    """By campaign, in a bucket, behind a filter and beside another release: 0, since the logs have such marks; null where none has."""
    log = [*call(0, [BARE], [kind], {}), *call(120, [BARE], [], {}, campaign="autumn")]
    measure = find_measure(metric, None)
    with store_of(tmp_path / "some", log) as store:
        found = sample(store, load_card(), dimensions=("campaign",))
        lines = trend.answer(Request(store), metric=metric, every="hour").lines
    with store_of(tmp_path / "none", log[-3:]) as store:
        none = sample(store, load_card(), dimensions=("campaign",))
        empty = trend.answer(Request(store), metric=metric, every="hour").lines
    autumn = found.where({"campaign": ("autumn",)})
    assert [observe(each, measure).value for each in (found, autumn, none)] == [0.5, 0, None]
    assert [(line.calls, line.value) for line in lines] == [(1, 1), (0, None), (1, 0)]
    assert [(line.calls, line.value) for line in empty] == [(1, None)]
    (difference,) = compare(none, found, [measure], names=("a", "b")).differences
    assert (difference.base.value, difference.new.value) == (0, 0.5)
    assert compare(none, none, [measure], names=("a", "b")).differences == ()


def live(folder: Path, *turns: Event) -> LiveFigures:
    """The figures of five minutes in which one call had these turns."""
    with store_of(folder, call(0, turns)) as store:
        window = LiveWindow(
            read_recent_rows(store, load_card(), Request(store).selection, START - timedelta(minutes=1))
        )
    found = window.figures(START + timedelta(minutes=4), 5, 1500)
    window.close()
    return found


@pytest.mark.parametrize(
    ("turns", "count", "rate"),
    [
        ([], 0, None),
        ([{"user": {"text": "a"}}], 0, None),
        ([BARE], None, None),
        ([BARE, BARE, {"user": {"text": "a"}}], None, None),
        ([{"agent": {"interrupted": None}}], None, None),
        ([{"agent": {"start_ms": 1, "end_ms": 2}}], 0, 0),
        ([{"agent": {"interrupted": False}}], 0, 0),
        ([{"agent": {"interrupted": False}}, BARE], 0, 0),
        ([{"agent": {"interrupted": True}}, BARE], 1, 0.5),
        ([{"agent": {"interrupted": True, "interrupted_by": "agent"}}], 0, 0),
    ],
    ids=str,
)
def test_interruptions_of_the_last_minutes(
    tmp_path: Path, turns: list[Event], count: int | None, rate: float | None
) -> None:
    """By flags, and without any by times, as in reports; without either nothing is known."""
    found = live(tmp_path, *turns)
    assert (found.interruptions, found.interruption_rate) == (count, rate)


@pytest.mark.parametrize(
    ("turns", "count", "dead_airs"),
    [
        ([], 0, None),
        ([BARE], None, None),
        ([{"user": {"text": "a"}}], 0, None),
        ([{"agent": {"start_ms": 1}}], None, None),
        ([{"agent": {"end_ms": 1}}], None, None),
        ([{"agent": {"interrupted": True}}], None, None),
        ([{"agent": {"start_ms": 5, "end_ms": 4}}], None, None),
        ([TURNS[5], BARE], 0, None),
        ([TURNS[5]], 0, 0),
        ([TURNS[5], TURNS[5]], 0, 0),
        ([TURNS[5], {"user": {"start_ms": 9000, "end_ms": 9500}}], 0, 1),
    ],
    ids=str,
)
def test_overlaps_and_silence_want_times(
    tmp_path: Path, turns: list[Event], count: int | None, dead_airs: int | None
) -> None:
    """Whether the agent spoke over the caller, and whether nobody spoke, is known where times are."""
    with store_of(tmp_path, call(0, turns)) as store:
        found = turn_taking.answer(Request(store)).total
    assert found.agent_over_caller.count == count
    assert (found.agent_over_caller.per_turn is None) == (not found.agent_over_caller.agent_turns)
    assert found.dead_air.count == dead_airs
