"""Groups by any dimensions: against plain Python over random logs, and by hand."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from support.logs import Event, store_of, write_log
from support.reference.definitions import in_order, turn_latencies
from support.soak import SOAK
from voicetel.analyzers.core.dimensions import DIMENSIONS, Dimension, Level, find_dimension
from voicetel.analyzers.core.groups import Grouping
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.request import Request
from voicetel.analyzers.turn_taking.turn_taking import turn_taking
from voicetel.errors import UsageError
from voicetel.gate.samples.take import sample
from voicetel.outcomes import load_rules
from voicetel.pricing import parse_card
from voicetel.registry import find_report
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicetel.analyzers.overview.results import Analysis, Overview

CARD = parse_card(
    """
    currency = "USD"
    [stt.deepgram]
    usd_per_second = 0.01
    [llm]
    [llm.groq]
    usd_per_1m_input_tokens = 3
    usd_per_call = 0.001
    [tts.acme]
    usd_per_minute = 0.007
    round_up_to_s = 10
    """,
    source="card",
)
ZONE = "Europe/Berlin"
START = datetime(2026, 10, 24, 20, tzinfo=UTC)
NAMES = (*DIMENSIONS, "tag.room", "tag.a/b~c")

Key = tuple[str | None, ...]


def known(fields: dict[str, Any]) -> dict[str, Any]:
    """Without what is not known."""
    return {name: value for name, value in fields.items() if value is not None}


words = st.sampled_from([None, "a", "b"])
operations = st.lists(
    st.fixed_dictionaries(
        {
            "stage": st.sampled_from(["stt", "llm", "tts", "eot", "transport"]),
            "provider": st.sampled_from([None, "deepgram", "groq", "acme"]),
            "model": words,
            "ttfb_ms": st.none() | st.integers(0, 900),
            "duration_ms": st.none() | st.integers(0, 900),
            "input_tokens": st.none() | st.integers(0, 900),
            "audio_s": st.none() | st.integers(0, 99),
            "status": st.sampled_from([None, None, "cancelled"]),
        }
    ).map(known),
    max_size=3,
)


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Lines of up to five calls around the end of summer time in Berlin."""
    events: list[Event] = []
    for number in range(draw(st.integers(1, 5))):
        begin = START + timedelta(minutes=draw(st.integers(0, 900)))
        tags = known({"room": draw(words), "a/b~c": draw(words), "n": 1})
        started = {"agent_name": draw(words), "campaign": draw(words), "source": draw(words), "tags": tags}
        made: list[Event] = [{"event": "call_started"} | known(started)]
        flags = draw(st.booleans())
        for turn in range(draw(st.integers(0, 8))):
            agent = draw(st.sampled_from([None, {"text": "x", "start_ms": 900, "end_ms": 1500}]))
            interrupted = draw(st.booleans()) if agent and flags else None
            fields = {
                "user": draw(st.sampled_from([None, {"text": "y", "start_ms": 0, "end_ms": 500}])),
                "agent": None if agent is None else known(agent | {"interrupted": interrupted}),
                "state_id": draw(words),
                "eou_latency_ms": draw(st.sampled_from([None, 300, 700, 90_000])),
            }
            made.append({"event": "turn", "turn": turn + 1, "operations": draw(operations)} | known(fields))
        if draw(st.booleans()):
            ended = {
                "duration_s": draw(st.sampled_from([None, 30, 60])),
                "end_reason": draw(st.sampled_from([None, "caller_hangup", "error"])),
                "outcome": draw(st.sampled_from(["success", "fail"])),
                "interruption_count": draw(st.none() | st.integers(0, 3)),
                "tags": known({"room": draw(words)}),
            }
            made.append({"event": "call_ended", "operations": draw(operations)} | known(ended))
        for seq, event in enumerate(made):
            ts = (begin + timedelta(milliseconds=1234 * seq)).isoformat().replace("+00:00", "Z")
            events.append({"v": 1, "ts": ts, "call_id": f"call-{number}", "writer": f"w{number}", "seq": seq} | event)
    return draw(st.permutations(events))


def of_call(events: list[Event]) -> dict[str, str | None]:
    """The values of a call's dimensions, from its lines in their order."""
    local = datetime.fromisoformat(events[0]["ts"]).astimezone(ZoneInfo(ZONE))
    week = local.isocalendar()
    offset = f"{local:%z}"
    tags: dict[str, Any] = {}
    for event in events:
        tags |= event.get("tags", {})
    ended = next((event for event in events if event["event"] == "call_ended"), {})
    return {
        "agent_name": events[0].get("agent_name"),
        "agent_version": None,
        "campaign": events[0].get("campaign"),
        "direction": None,
        "language": None,
        "hour": f"{local:%Y-%m-%dT%H:00}{offset[:3]}:{offset[3:]}",
        "day": f"{local:%Y-%m-%d}",
        "week": f"{week.year}-W{week.week:02d}",
        "month": f"{local:%Y-%m}",
        "hour_of_day": f"{local:%H}",
        "weekday": f"{local:%A}",
        "outcome": ended.get("outcome", "unknown"),
        "end_reason": ended.get("end_reason"),
        "source": events[0].get("source"),
        "tag.room": tags.get("room"),
        "tag.a/b~c": tags.get("a/b~c"),
    }


def place(index: int) -> str:
    """Of a turn in its call, from 1."""
    return str(index) if index <= 3 else "4-6" if index <= 6 else "7+"


def rows(events: Iterable[Event]) -> Iterator[tuple[list[Event], dict[str, str | None], Event, Event | None]]:
    """(lines of the call, values of dimensions, line, operation) of every operation, and once with None of every line."""
    calls: defaultdict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda each: str(each["ts"])):
        calls[event["call_id"]].append(event)
    for lines in calls.values():
        values = of_call(lines)
        nth = 0
        for line in lines:
            nth += line["event"] == "turn"
            turn = {"turn": place(nth), "state_id": line.get("state_id")} if line["event"] == "turn" else {}
            above = values | {"turn": None, "state_id": None} | turn
            yield lines, above, line, None
            for operation in line.get("operations", ()):
                of_operation = {name: operation.get(name) for name in ("stage", "provider", "model")}
                yield lines, above | of_operation, line, operation


def keyed(events: list[Event], by: tuple[str, ...]) -> dict[Key, Counter[str]]:
    """Group → what adds up in it."""
    found: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    level = max(find_dimension(name).level for name in by)
    for lines, values, line, operation in rows(events):
        key = tuple(values.get(name) for name in by)
        if operation is not None:
            found[key]["operations"] += 1
            found[key]["input_tokens"] += operation.get("input_tokens", 0)
        elif level < Level.OPERATION and line["event"] == "turn":
            latencies, impossible = turn_latencies(line)
            found[key]["turns"] += 1
            found[key]["response_n"] += "eou_latency_ms" in latencies
            found[key]["response_ms"] += int(latencies.get("eou_latency_ms", 0))
            found[key]["impossible"] += "eou_latency_ms" in impossible
            counted, in_turns = interruption(lines, line)
            none = tuple(values.get(name) if find_dimension(name).level is Level.CALL else None for name in by)
            found[key if in_turns else none]["interruptions"] += counted
            found[key if in_turns else none]["agent_turns"] += "agent" in line
        elif level < Level.OPERATION and line["event"] == "call_ended" and is_logged_alone(lines):
            none = tuple(values.get(name) if find_dimension(name).level is Level.CALL else None for name in by)
            found[none]["interruptions"] += line["interruption_count"]
        if operation is None and line["event"] == "turn":
            stage_latencies(found, by, values, line)
    return dict(found)


def is_logged_alone(lines: list[Event]) -> bool:
    """Whether a call's interruptions are a number that call_ended says."""
    flagged = any("interrupted" in line.get("agent", {}) for line in lines)
    return not flagged and any("interruption_count" in line for line in lines)


def interruption(lines: list[Event], line: Event) -> tuple[int, bool]:
    """(whether the caller stopped the agent in a turn, whether that is known of the turn)."""
    if any("interrupted" in each.get("agent", {}) for each in lines):
        return int(line.get("agent", {}).get("interrupted", False)), True
    if is_logged_alone(lines):
        return 0, False
    turns = [each for each in lines if each["event"] == "turn"]
    after = turns[turns.index(line) + 1 :][:1]
    if "agent" not in line or not after or "user" not in after[0]:
        return 0, True
    begin, next_begin = (datetime.fromisoformat(each["ts"]) for each in (line, after[0]))
    offset_ms = (next_begin - begin).total_seconds() * 1000
    return int(line["agent"]["start_ms"] < offset_ms < line["agent"]["end_ms"]), True


def stage_latencies(
    found: defaultdict[Key, Counter[str]], by: tuple[str, ...], values: dict[str, str | None], line: Event
) -> None:
    """The first token of a turn's LLM counts for the operation that it is of."""
    latencies, _ = turn_latencies(line)
    if "llm_ttft_ms" not in latencies:
        return
    first = next(
        each
        for each in in_order(line["operations"])
        if each["stage"] == "llm" and each.get("status") not in {"cancelled", "error"}
    )
    of_operation = {name: first.get(name) for name in ("stage", "provider", "model")}
    key = tuple((values | of_operation).get(name) for name in by)
    found[key]["first_token_n"] += 1
    found[key]["first_token_ms"] += int(latencies["llm_ttft_ms"])


def figures(report: Overview) -> Counter[str]:
    """The same of a group of the report; what is not known of it is left out."""
    response, first_token = report.latency["eou_latency_ms"], report.latency["llm_ttft_ms"]
    usage = report.usage["llm_input_tokens"]
    found = Counter(
        turns=report.turns or 0,
        response_n=response.statistics.n,
        response_ms=round((response.statistics.avg or 0) * response.statistics.n),
        impossible=response.impossible,
        interruptions=report.interruptions.count or 0,
        agent_turns=report.interruptions.agent_turns or 0,
        first_token_n=first_token.statistics.n,
        first_token_ms=round((first_token.statistics.avg or 0) * first_token.statistics.n),
    )
    return found + Counter(llm_input_tokens=int(usage or 0))


@settings(
    max_examples=400 if SOAK else 15,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(logs(), st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
def test_groups_equal_a_plain_recomputation(events: list[Event], by: list[str]) -> None:
    """Every group has what plain Python puts into it, and what adds up adds up to the total."""
    names = tuple(by)
    level = max(find_dimension(name).level for name in by)
    expected = keyed(events, names)
    with tempfile.TemporaryDirectory() as directory, store_of(Path(directory), events) as store:
        found = analyze(store, CARD, Selection(by=names, tz=ZONE))
        bill = find_report("cost").ask(Request(store, Selection(by=names, tz=ZONE), CARD))
    groups = {tuple(each.group.values()): each.figures for each in found.groups}
    # A group that only a call is in, which has neither turns nor operations, is one of calls alone.
    wanted = {key: counts for key, counts in expected.items() if +counts or level > Level.CALL}
    for key, counts in wanted.items():
        one = figures(groups[key])
        assert {name: one[name] for name in counts if name not in {"operations", "input_tokens"}} == {
            name: number for name, number in counts.items() if name not in {"operations", "input_tokens"}
        }, (names, key)
    assert {key for key, each in groups.items() if +figures(each)} <= set(wanted)
    billed = {tuple(line.key.values()): line for line in bill.lines}
    used = {key: counts for key, counts in expected.items() if counts["operations"]}
    assert {key: line.operations for key, line in billed.items()} == {
        key: each["operations"] for key, each in used.items()
    }
    for key, counts in used.items():
        assert int(billed[key].quantities.get("input_tokens", 0)) == counts["input_tokens"]
    assert_adds_up(found, level)
    amounts = [line.amount for line in bill.lines if line.amount is not None]
    assert sum(amounts, Decimal(0)) == (bill.cost.total or 0)


def assert_adds_up(found: Analysis, level: Level) -> None:
    """Sums over groups are the total, of every figure that the groups have."""
    parts, total = [each.figures for each in found.groups], found.total
    adding = {"first_token_n", "first_token_ms", "llm_input_tokens"}
    if level < Level.OPERATION:
        adding |= {"turns", "response_n", "response_ms", "impossible", "interruptions", "agent_turns"}
    summed = sum((figures(each) for each in parts), Counter[str]())
    assert {name: summed[name] for name in adding} == {name: figures(total)[name] for name in adding}
    assert sum((each.cost.total or Decimal(0) for each in parts), Decimal(0)) == (total.cost.total or 0)
    if level is Level.CALL:
        assert sum(each.calls for each in parts) == total.calls
        assert sum(each.incomplete_calls or 0 for each in parts) == total.incomplete_calls
        assert sum(each.calls for part in parts for each in part.outcomes.shares) == total.calls
    else:
        assert all(each.incomplete_calls is None and each.outcomes.answered is None for each in parts)
        assert all(each.cost.per_call_avg is None and each.duration_s is None for each in parts)


TURN = {
    "event": "turn",
    "agent": {"text": "x", "start_ms": 100, "end_ms": 900},
    "user": {"text": "y", "start_ms": 0, "end_ms": 50},
}


def line(call_id: str, second: int, **fields: Any) -> Event:
    """A line of a call, so many seconds after nine o'clock."""
    return {"v": 1, "ts": f"2026-11-02T09:{second // 60:02d}:{second % 60:02d}Z", "call_id": call_id} | fields


LOG = [
    line("c1", 0, event="call_started", source="agent/2", tags={"room": "r1", "seat": 3}),
    line("c1", 1, **TURN, turn=1, state_id="greet", eou_latency_ms=500)
    | {"operations": [{"stage": "llm", "provider": "groq", "model": "big", "ttfb_ms": 200, "input_tokens": 10}]},
    line("c1", 5, **TURN, turn=2, state_id="ask", eou_latency_ms=900)
    | {
        "operations": [
            {"stage": "llm", "provider": "groq", "model": "small", "ttfb_ms": 100, "input_tokens": 20},
            {"stage": "stt", "provider": "deepgram", "model": "nova", "ttfb_ms": 300, "audio_s": 4},
        ]
    },
    line("c1", 9, event="call_ended", duration_s=9, tags={"room": "r2"})
    | {"operations": [{"stage": "transport", "provider": "livekit", "session_s": 9}]},
    line("c2", 60, event="call_started", tags={"room": ["no text"]}),
    line("c2", 61, **TURN, turn=1, state_id="ask", eou_latency_ms=700),
    line("c2", 65, event="call_ended", duration_s=5, interruption_count=2),
]


def grouped(directory: Path, *by: str) -> dict[Key, Overview]:
    """Group → its figures."""
    with store_of(directory, LOG) as store:
        return {tuple(each.group.values()): each.figures for each in analyze(store, CARD, Selection(by=by)).groups}


def test_by_state(tmp_path: Path) -> None:
    """``ask`` has a turn of each call; the transport and the interruptions that c2 logs for the whole call are of no state."""
    found = grouped(tmp_path, "state_id")
    assert list(found) == [("ask",), ("greet",), (None,)]
    ask, none = found["ask",], found[None,]
    assert (ask.calls, ask.turns, ask.latency["eou_latency_ms"].statistics.avg) == (2, 2, 800)
    assert ask.usage["llm_input_tokens"] == 20
    assert ask.cost.total == Decimal("0.04") + Decimal("0.00006")  # 4 s of STT, 20 tokens
    assert (ask.interruptions.count, ask.interruptions.agent_turns) == (0, 1)
    assert (none.calls, none.turns, none.usage["transport_s"]) == (1, 0, Decimal(9))
    assert (none.interruptions.count, none.interruptions.agent_turns, none.interruptions.rate) == (2, 1, 2)


def test_by_model(tmp_path: Path) -> None:
    """The first token is its model's, the response is no model's, and a model that a call used twice has that call once."""
    found = grouped(tmp_path, "model")
    assert list(found) == [("big",), ("nova",), ("small",), (None,)]
    small, nova = found["small",], found["nova",]
    assert small.latency["llm_ttft_ms"].statistics.avg == 100
    assert small.latency["eou_latency_ms"].statistics.n == 0
    assert (small.calls, small.turns, small.interruptions.count, small.outcomes.answered) == (1, None, None, None)
    assert (nova.latency["stt_ttfb_ms"].statistics.avg, nova.usage["stt_s"]) == (300, Decimal(4))


def test_by_stage_and_place(tmp_path: Path) -> None:
    """Two dimensions at once, of operations and of turns."""
    found = grouped(tmp_path, "turn", "stage")
    assert list(found) == [("1", "llm"), ("2", "llm"), ("2", "stt"), (None, "transport")]
    assert found["2", "stt"].latency["stt_ttfb_ms"].statistics.avg == 300


def test_what_the_store_does_not_keep(tmp_path: Path) -> None:
    """The later tag counts, and what is no text is unknown; the store has neither."""
    found = grouped(tmp_path, "tag.room", "source", "tag.seat")
    assert list(found) == [("r2", "agent/2", None), (None, None, None)]


def test_a_log_that_went_away_says_nothing(tmp_path: Path) -> None:
    """Tags are then unknown, and the calls are there."""
    path = write_log(tmp_path / "calls.jsonl", LOG)
    with open_store([str(path)], load_rules(), cache=False) as store:
        path.unlink()
        found = analyze(store, CARD, Selection(by=("tag.room",)))
    assert [(each.group, each.figures.calls) for each in found.groups] == [({"tag.room": None}, 2)]


def test_hours_that_the_clock_shows_twice_are_two(tmp_path: Path) -> None:
    """In their order: half past two in summer time, then in winter time."""
    times = ("2026-10-24T23:59:59", "2026-10-25T00:30:00", "2026-10-25T01:30:00", "2026-10-25T02:00:00")
    events = [{"v": 1, "ts": f"{ts}Z", "call_id": ts, "event": "call_started"} for ts in times]
    with store_of(tmp_path, events) as store:
        found = analyze(store, CARD, Selection(by=("hour",), tz=ZONE))
    assert [each.group["hour"] for each in found.groups] == [
        "2026-10-25T01:00+02:00",
        "2026-10-25T02:00+02:00",
        "2026-10-25T02:00+01:00",
        "2026-10-25T03:00+01:00",
    ]


def test_weekdays_are_in_their_order(tmp_path: Path) -> None:
    """From Monday on."""
    events = [
        {"v": 1, "ts": f"2026-11-{day:02d}T09:00:00Z", "call_id": str(day), "event": "call_started"}
        for day in range(1, 8)
    ]
    with store_of(tmp_path, events) as store:
        found = analyze(store, CARD, Selection(by=("weekday",)))
    days = [each.group["weekday"] for each in found.groups]
    assert days == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def test_interruptions_by_state(tmp_path: Path) -> None:
    """What is of turns is grouped, what is of calls is not known, and groups add up."""
    with store_of(tmp_path, LOG) as store:
        found = turn_taking(analysis_context(store, Selection(by=("state_id",))))
    groups = {each.group["state_id"]: each.figures for each in found.groups}
    assert [groups[name].caller_over_agent.count for name in ("ask", "greet", None)] == [0, 0, 2]
    assert sum(each.agent_over_caller.agent_turns or 0 for each in groups.values()) == 3
    assert found.total.agent_over_caller.agent_turns == 3
    assert groups["ask"].false_interruptions.count is None
    assert groups["ask"].dead_air.count is None
    assert groups["ask"].talk_ratio is None


def test_limits_know_the_dimensions_of_calls(tmp_path: Path) -> None:
    """A sample has the values of those it was taken with, and no others."""
    with store_of(tmp_path, LOG) as store:
        found = sample(store, CARD, dimensions=("tag.room", "hour_of_day", "outcome", "outcome"))
        with pytest.raises(UsageError, match="cannot group calls by model, which is of operations"):
            sample(store, CARD, dimensions=("model",))
    assert len(found.where({"tag.room": ("r2", "r3"), "hour_of_day": ("09",)})) == 1
    assert len(found.where({"hour_of_day": ("10",)})) == 0


@pytest.mark.parametrize(
    ("report", "name", "message"),
    [
        ("outcomes", "model", "cannot group outcomes by model, which is of operations"),
        ("calls", "state_id", "cannot group calls by state_id, which is of turns"),
        ("interruptions", "provider", "cannot group interruptions by provider, which is of operations"),
        ("analyze", "modle", "cannot group by 'modle'"),
        ("cost", "tag.", "cannot group by 'tag.'"),
    ],
)
def test_what_cannot_be_grouped_is_said(tmp_path: Path, report: str, name: str, message: str) -> None:
    """In one line, with what can."""
    with store_of(tmp_path, LOG) as store, pytest.raises(UsageError) as raised:
        find_report(report).ask(Request(store, Selection(by=(name,)), CARD))
    assert str(raised.value) == message
    assert raised.value.hint


def test_the_order_of_groups_is_total() -> None:
    """Values that their dimension orders alike have an order of their own: each group has a place, and always the same."""
    alike = Dimension("first", Level.CALL, "Ordered by its first letter.", "first", order_sql="value[1]")
    order = Grouping((alike, find_dimension("language"))).order_sql("group_values")
    values = "(VALUES (['ab', 'ru']), (['aa', 'ru']), (['ab', 'en']), (['b', NULL])) AS found(group_values)"
    query = f"SELECT dense_rank() OVER (ORDER BY {order}), group_values FROM {values} ORDER BY 1"
    ranks = duckdb.connect().execute(query).fetchall()
    assert ranks == [(1, ["ab", "en"]), (2, ["aa", "ru"]), (3, ["ab", "ru"]), (4, ["b", None])]
