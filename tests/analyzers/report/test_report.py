"""The figures of ``voicetel report``, worked out by hand, and the same as the other commands'."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.command import run
from support.logs import store_of, write_log
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.report.notable_calls import notable_calls
from voicetel.analyzers.report.report import calls_report
from voicetel.analyzers.report.response import histogram, histogram_edges
from voicetel.analyzers.report.results import Direction, EndReason, HistogramBin, ResponseBucket, SlowResponses
from voicetel.analyzers.request import Request
from voicetel.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Event = dict[str, Any]


def call(call_id: str, at: str, responses_ms: list[float], **about: Any) -> Iterator[Event]:
    """A call whose turns had these responses; ``about``: fields of its start and its end."""
    begin = datetime.fromisoformat(at).replace(tzinfo=UTC)

    def event(kind: str, seconds: float, **fields: Any) -> Event:
        ts = (begin + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"v": 1, "event": kind, "ts": ts, "call_id": call_id, **fields}

    ended = {"end_reason", "outcome"} & about.keys()
    yield event("call_started", 0, **{name: about[name] for name in about.keys() - ended})
    for number, ms in enumerate(responses_ms, start=1):
        yield event(
            "turn",
            10 * number,
            turn=number,
            user={"start_ms": 0, "end_ms": 1000},
            agent={"start_ms": 1000 + ms, "end_ms": 3000 + ms},
            eou_latency_ms=ms,
        )
    yield event("call_ended", 60, duration_s=60, **{name: about[name] for name in ended})


EVENTS = [
    *call("a", "2026-11-02T09:10:00", [400, 1600], agent_name="x", agent_version="1", direction="inbound", end_reason="transfer", outcome="success"),
    *call("b", "2026-11-02T10:20:00", [800, 900, 3100], agent_name="x", agent_version="2", direction="inbound", end_reason="caller_hangup", outcome="fail"),
    *call("c", "2026-11-04T23:30:00", [500], agent_name="x", agent_version="2", direction="outbound", end_reason="caller_hangup", outcome="success"),
    *call("d", "2026-11-04T23:40:00", [], agent_name="x", agent_version="2", direction="outbound", end_reason="not_connected", outcome="no_answer"),
]  # fmt: skip


def test_the_response_is_followed_over_days_hours_and_places(tmp_path: Path) -> None:
    """Percentiles lie between values in proportion: of 400 and 1600 p95 is 400 + 0.95 × 1200."""
    with store_of(tmp_path, EVENTS) as store:
        found = calls_report(Request(store)).response
    assert found.by_day == (
        ResponseBucket("2026-11-02", 5, 900.0, 2800.0, 2),
        ResponseBucket("2026-11-04", 1, 500.0, 500.0, 0),
    )
    assert found.by_hour == (
        ResponseBucket("2026-11-02 09:00", 2, 1000.0, 1540.0, 1),
        ResponseBucket("2026-11-02 10:00", 3, 900.0, 2880.0, 1),
        ResponseBucket("2026-11-04 23:00", 1, 500.0, 500.0, 0),
    )
    assert found.by_turn == (
        ResponseBucket("1", 3, 500.0, 770.0, 0),
        ResponseBucket("2", 2, 1250.0, 1565.0, 1),
        ResponseBucket("3", 1, 3100.0, 3100.0, 1),
    )
    assert found.slow == (
        SlowResponses(800.0, 3, 6, 0.5),
        SlowResponses(1500.0, 2, 6, 2 / 6),
        SlowResponses(3000.0, 1, 6, 1 / 6),
    )
    assert found.slow_by_group == (SlowResponses(1500.0, 1, 2, 0.5), SlowResponses(1500.0, 1, 4, 0.25))


@pytest.mark.parametrize(
    "numbers", [(1, 2, 3), (0, 5, 62), (61, 62, 63), (70, 80, 80), (4, 4, 4), (-3, 0, 9), (None, None, None)]
)
def test_the_place_of_a_turn_is_told_from_whatever_numbers_turns_have(
    tmp_path: Path, numbers: tuple[int | None, ...]
) -> None:
    """By number, then by time; numbers may have gaps, come twice, or not at all."""
    renumbered = iter(numbers)
    events = [
        {**event, "turn": next(renumbered)} if event["event"] == "turn" else event
        for event in call("a", "2026-11-02T09:10:00", [100, 200, 300])
    ]
    with store_of(tmp_path, [*events, *call("b", "2026-11-02T09:10:00", [500])]) as store:
        found = calls_report(Request(store)).response.by_turn
    assert found == (
        ResponseBucket("1", 2, 300.0, 480.0, 0),
        ResponseBucket("2", 1, 200.0, 200.0, 0),
        ResponseBucket("3", 1, 300.0, 300.0, 0),
    )


def test_days_and_hours_are_those_of_the_zone(tmp_path: Path) -> None:
    """A call of 23:30 UTC is one of the next day in Berlin."""
    with store_of(tmp_path, EVENTS) as store:
        found = calls_report(Request(store, Selection(tz="Europe/Berlin")))
    assert [day.day for day in found.days] == ["2026-11-02", "2026-11-05"]
    assert [each.bucket for each in found.response.by_hour][-1] == "2026-11-05 00:00"


def test_a_bound_of_ones_own_is_counted_beside_the_others(tmp_path: Path) -> None:
    """``slow_ms`` is what counts as slow by day, by place and by group."""
    with store_of(tmp_path, EVENTS) as store:
        found = calls_report(Request(store), slow_ms=450).response
        named = calls_report(Request(store), slow_ms=450, slow_thresholds=("1500",)).response
    assert [(each.above_ms, each.turns) for each in found.slow] == [(450.0, 5), (800.0, 3), (1500.0, 2), (3000.0, 1)]
    assert [(each.above_ms, each.turns) for each in named.slow] == [(450.0, 5), (1500.0, 2)]
    assert [each.slow for each in found.by_day] == [4, 1]
    assert [each.turns for each in found.slow_by_group] == [1, 4]


def test_slow_turns_are_those_of_analyze(tmp_path: Path) -> None:
    """The page counts them in rows of its own; a response that takes just as long as the bound is not slow."""
    near = [799.999, 800, 800.001, 1499.999, 1500, 1500.001, 2200.125, 2200.126, 60_000, 60_001]
    events = [*EVENTS, *call("near", "2026-11-04T12:00:00", near, agent_name="x", agent_version="2")]
    with store_of(tmp_path, events) as store:
        found = calls_report(Request(store), slow_ms=2200.125, slow_thresholds=("800", "1500", "2200.125"))
    assert [each.above_ms for each in found.response.slow] == [800, 1500, 2200.125]
    of_analyze = found.analysis.total.handling.slow_turns
    assert [(each.n, each.turns, each.share) for each in found.response.slow] == [
        (of_analyze.n, each.turns, each.rate) for each in of_analyze.over.values()
    ]
    of_groups = [group.figures.handling.slow_turns for group in found.analysis.groups]
    assert [(each.n, each.turns, each.share) for each in found.response.slow_by_group] == [
        (each.n, each.over["2200.125"].turns, each.over["2200.125"].rate) for each in of_groups
    ]


def test_days_directions_and_reasons_are_counted(tmp_path: Path) -> None:
    """What the page counts beside the figures of ``analyze``."""
    with store_of(tmp_path, EVENTS) as store:
        found = calls_report(Request(store))
    assert [(day.day, day.calls, day.answered, day.success, day.agent_turns) for day in found.days] == [
        ("2026-11-02", 2, 2, 1, 5),
        ("2026-11-04", 2, 1, 1, 1),
    ]
    assert found.directions == (Direction("inbound", 2, 2, 1, 1), Direction("outbound", 2, 1, 1, 0))
    assert found.end_reasons == (EndReason("caller_hangup", 2), EndReason("not_connected", 1), EndReason("transfer", 1))
    assert [list(group.group.values()) for group in found.analysis.groups] == [["x", "1"], ["x", "2"]]


def test_calls_are_listed_by_their_slowest_turn(tmp_path: Path) -> None:
    """Those without a response come last; where fewer are wanted than there are, the slowest stay, their figures the same."""
    with store_of(tmp_path, EVENTS) as store:
        all_calls = calls_report(Request(store)).calls
        two = calls_report(Request(store), max_calls=2).calls
        assert calls_report(Request(store), max_calls=0).calls.num_rows == 0
    assert all_calls.column("call_id").to_pylist() == ["b", "a", "c", "d"]
    assert two.to_pylist() == [{name: row[name] for name in two.column_names} for row in all_calls.to_pylist()[:2]]


def test_a_waterfall_is_what_call_says_of_it(tmp_path: Path) -> None:
    """Turn by turn the same as ``voicetel call``, and no text unless it is asked for."""
    from voicetel.analyzers.conversation.conversation import conversation

    events = [
        event | {"user": event["user"] | {"text": "my words"}} if event["event"] == "turn" else event
        for event in EVENTS
    ]
    with store_of(tmp_path, events) as store:
        request = Request(store)
        silent = calls_report(request, max_waterfalls=2).conversations
        spoken = calls_report(request, max_waterfalls=2, with_text=True).conversations
        alone = [conversation(store, request.rate_card, talk.call["call_id"]) for talk in spoken]
    assert [talk.call["call_id"] for talk in silent] == ["b", "a"]
    assert {turn.user.text for talk in silent for turn in talk.turns if turn.user} == {None}
    assert {turn.user.text for talk in spoken for turn in talk.turns if turn.user} == {"my words"}
    assert [talk.turns for talk in spoken] == [talk.turns for talk in alone]
    assert [dict(talk.call)["call_id"] for talk in spoken] == [talk.call["call_id"] for talk in alone]


def test_calls_without_a_response_have_every_bound_and_no_bucket(tmp_path: Path) -> None:
    """None of them is slow, and no share is said."""
    with store_of(tmp_path, call("d", "2026-11-04T23:40:00", [])) as store:
        found = calls_report(Request(store)).response
    assert found.slow == tuple(SlowResponses(bound, 0, 0, None) for bound in (800.0, 1500.0, 3000.0))
    assert (found.by_day, found.by_hour, found.by_turn, found.histogram) == ((), (), (), ())
    assert found.slow_by_group == (SlowResponses(1500.0, 0, 0, None),)


def test_no_calls_are_an_error_that_says_why(tmp_path: Path) -> None:
    """As everywhere."""
    with store_of(tmp_path, EVENTS) as store, pytest.raises(NoDataError, match="no call is among those asked for"):
        calls_report(Request(store, Selection(agents=("nobody",))))


def test_bins_are_a_tenth_wider_each() -> None:
    """Whole ms, from 0 to 60,000; what lies above counts in the last."""
    edges = histogram_edges()
    assert edges[:5] == (0, 200, 220, 242, 266)
    assert edges[-1] == 60_000
    assert sorted(set(edges)) == list(edges)
    assert histogram([(199, 2), (200, 1), (220, 4), (241, 1)]) == (
        HistogramBin(0, 200, 2),
        HistogramBin(200, 220, 1),
        HistogramBin(220, 242, 5),
    )
    assert histogram([(70_000, 3)])[0].n == 3
    assert histogram([]) == ()


@given(st.dictionaries(st.integers(0, 90_000), st.integers(1, 1000), max_size=30))
def test_every_turn_is_in_one_bin(counts: dict[int, int]) -> None:
    """Nothing is lost, and each value lies in the bin that says so."""
    bins = histogram(sorted(counts.items()))
    assert sum(each.n for each in bins) == sum(counts.values())
    for each in bins[:-1]:
        assert each.n == sum(n for ms, n in counts.items() if each.low_ms <= ms < each.high_ms)


def test_waterfalls_are_of_the_slow_the_expensive_and_the_unsuccessful() -> None:
    """A third each, and a call that is two of these once."""
    calls = pa.table(
        {
            "eou_latency_ms_max": [9.0, 8.0, 7.0, 6.0, None, 5.0],
            "cost_total": [Decimal(1), None, Decimal(2), Decimal(3), Decimal(9), Decimal(0)],
            "outcome": ["success", "success", "success", "success", "success", "unknown"],
        }
    )
    assert notable_calls(calls, 3) == [0, 4, 5]
    assert notable_calls(calls, 5) == [0, 1, 3, 4, 5]
    assert notable_calls(calls, 0) == []
    assert notable_calls(calls, 99) == [0, 1, 2, 3, 4, 5]


def test_the_figures_are_those_of_the_other_commands(tmp_path: Path) -> None:
    """``--json`` against analyze, interruptions and cost over simulated calls: total, groups, each day."""
    logs = tmp_path / "logs"
    assert run("simulate", "-o", logs, "--calls", 150, "--days", 4).code == 0
    report = run("report", logs, "--json", "--no-cache").json
    by_day = {
        group["group"]["day"]: group
        for group in run("analyze", logs, "--by", "day", "--json", "--no-cache").json["groups"]
    }
    versions = run("analyze", logs, "--by", "agent_name,agent_version", "--json", "--no-cache").json
    assert {name: report[name] for name in versions if name != "schema_version"} == {
        name: value for name, value in versions.items() if name != "schema_version"
    }
    talk = run("interruptions", logs, "--json", "--no-cache").json
    assert report["interruptions_and_talk"] == {name: talk[name] for name in report["interruptions_and_talk"]}
    assert report["cost_by_day"] == {
        name: value
        for name, value in run("cost", logs, "--by", "day,component", "--json", "--no-cache").json.items()
        if name in report["cost_by_day"]
    }
    assert report["tools"] == run("tools", logs, "--json", "--no-cache").json["lines"]
    models = run("models", logs, "--json", "--no-cache").json["lines"]
    assert [{name: value for name, value in each.items() if name != "wait"} for each in report["models"]] == models
    by_model = run("analyze", logs, "--by", "stage,provider,model", "--json", "--no-cache").json["groups"]
    waits = {tuple(each["group"].values()): each["latency"] for each in by_model}
    assert sum(each["wait"] is not None for each in report["models"]) > 10
    for each in report["models"]:
        if each["wait"] is not None:
            known = waits[each["stage"], each["provider"], each["model"]][each["wait"]["latency"]]
            assert each["wait"] == {"latency": each["wait"]["latency"]} | {
                name: known[name] for name in ("n", "p50", "p95")
            }
    for bucket in report["response"]["by_day"]:
        response = by_day[bucket["bucket"]]["latency"]["eou_latency_ms"]
        assert (bucket["n"], bucket["p50"], bucket["p95"]) == (response["n"], response["p50"], response["p95"])
    for day in report["days"]:
        other = by_day[day["day"]]
        assert (day["calls"], day["answered"], day["success"]) == (
            other["calls"], other["outcomes"]["answered"], other["outcomes"]["success"],
        )  # fmt: skip
        assert (day["agent_turns"], day["interruptions"]) == (
            other["interruptions"]["agent_turns"], other["interruptions"]["count"],
        )  # fmt: skip
    assert sum(each["n"] for each in report["response"]["histogram"]) == report["latency"]["eou_latency_ms"]["n"]


def test_the_schema_is_that_of_the_answer(tmp_path: Path) -> None:
    """``voicetel schema report`` describes what ``--json`` writes."""
    import jsonschema

    write_log(tmp_path / "calls.jsonl", EVENTS)
    answer = run("report", tmp_path, "--json", "--no-cache").json
    jsonschema.validate(answer, run("schema", "report").json)


def test_only_the_calls_asked_for_are_selected_by_their_ids(tmp_path: Path) -> None:
    """The selection that the list is made with: unknown ids, none, and many."""
    with store_of(tmp_path, EVENTS) as store:
        request = Request(store, Selection(call_ids=("c", "a", "nobody")))
        assert calls_report(request).analysis.total.calls == 2
        many = replace(request, selection=Selection(call_ids=(*tuple(f"n{number}" for number in range(20000)), "d")))
        assert calls_report(many).analysis.total.calls == 1
