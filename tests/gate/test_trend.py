"""Metrics over time, by small logs worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from support.logs import Event, store_of
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.request import Request
from voicetel.errors import NoDataError, UsageError
from voicetel.gate.trend.buckets import buckets
from voicetel.gate.trend.trend import answer
from voicetel.pricing import parse_card
from voicetel.registry import find_report
from voicetel.reporters.layouts.trend import sparkline, trend_document

if TYPE_CHECKING:
    from pathlib import Path

    from voicetel.gate.trend.results import Trend

CARD = parse_card('currency = "USD"\n[stt.deepgram]\nusd_per_second = 0.01\n', source="card")
BERLIN = "Europe/Berlin"


def call(call_id: str, ts: str, *latencies: int, agent: str = "a", seconds: float = 60) -> list[Event]:
    """A call that starts at ``ts``, with a turn per latency and three seconds of STT; it succeeds unless it has no turn."""
    head = {"v": 1, "call_id": call_id, "ts": ts}
    turns = [
        head
        | {"event": "turn", "turn": turn, "agent": {"text": "x", "interrupted": turn == 1}, "eou_latency_ms": latency}
        for turn, latency in enumerate(latencies, start=1)
    ]
    stt = {"stage": "stt", "provider": "deepgram", "audio_s": 3}
    ended = {
        "event": "call_ended",
        "duration_s": seconds,
        "outcome": "success" if latencies else "fail",
        "operations": [stt],
    }
    return [head | {"event": "call_started", "agent_name": agent}, *turns, head | ended]


def trend(directory: Path, events: list[Event], *, selection: Selection | None = None, **options: Any) -> Trend:
    """The report over a log."""
    with store_of(directory, events) as store:
        return answer(Request(store, selection or Selection(), CARD), **options)


def test_an_empty_day_is_shown_as_empty(tmp_path: Path) -> None:
    """The second of three days has no call: its figures are not known, and that there were none is."""
    events = [*call("c1", "2026-11-02T09:00:00Z", 100, 300), *call("c2", "2026-11-02T23:59:59.999Z", 200)]
    events += call("c3", "2026-11-04T00:00:00Z")
    found = trend(tmp_path, events, metric="eou_latency_ms,success_rate,cost total,calls")
    lines = {(line.metric, line.bucket): line for line in found.lines}
    assert [line.bucket for line in found.lines[:3]] == ["2026-11-02", "2026-11-03", "2026-11-04"]
    first = lines["eou_latency_ms", "2026-11-02"]
    assert (first.calls, first.n, first.p50, first.p95) == (2, 3, 200, 290)
    assert [lines["success_rate", day].value for day in ("2026-11-02", "2026-11-03", "2026-11-04")] == [1, None, 0]
    assert [lines["cost", day].amount for day in ("2026-11-02", "2026-11-03", "2026-11-04")] == [
        Decimal("0.06"),
        None,
        Decimal("0.03"),
    ]
    assert [lines["calls", day].value for day in ("2026-11-02", "2026-11-03", "2026-11-04")] == [2, 0, 1]
    empty = lines["eou_latency_ms", "2026-11-03"]
    assert (empty.calls, empty.n, empty.p50, empty.p95) == (0, 0, None, None)


def test_a_call_belongs_to_the_bucket_in_which_it_started(tmp_path: Path) -> None:
    """Also one that goes on past midnight, with turns on the next day."""
    events = call("c1", "2026-11-02T23:59:00Z", 100, 200, seconds=300)
    events[2]["ts"] = "2026-11-03T00:01:00Z"
    events[3]["ts"] = "2026-11-03T00:04:00Z"
    events += call("c2", "2026-11-03T09:00:00Z", 700)
    found = trend(tmp_path, events, metric="eou_latency_ms")
    assert [(line.bucket, line.calls, line.n, line.p50) for line in found.lines] == [
        ("2026-11-02", 1, 2, 150),
        ("2026-11-03", 1, 1, 700),
    ]


def test_an_hour_ends_before_the_next_begins(tmp_path: Path) -> None:
    """A call on the hour belongs to the later one."""
    events = [*call("c1", "2026-11-02T09:59:59.999Z", 100), *call("c2", "2026-11-02T10:00:00Z", 200)]
    found = trend(tmp_path, events, metric="eou_latency_ms", every="hour")
    assert [(line.bucket, line.p50) for line in found.lines] == [("2026-11-02T09:00Z", 100), ("2026-11-02T10:00Z", 200)]


@pytest.mark.parametrize(
    ("first", "last", "every", "names"),
    [
        (  # half past two comes twice
            "2026-10-25T00:30:00+00:00",
            "2026-10-25T02:10:00+00:00",
            "hour",
            ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00"],
        ),
        (  # half past two does not come
            "2026-03-29T00:59:00+00:00",
            "2026-03-29T01:00:00+00:00",
            "hour",
            ["2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"],
        ),
        ("2026-10-24T23:00:00+00:00", "2026-10-25T22:59:59+00:00", "day", ["2026-10-25"]),
        ("2026-10-24T22:00:00+00:00", "2026-10-25T23:00:00+00:00", "day", ["2026-10-25", "2026-10-26"]),
        ("2026-01-01T09:00:00+00:00", "2026-01-05T09:00:00+00:00", "week", ["2026-W01", "2026-W02"]),
        ("2027-01-01T09:00:00+00:00", "2027-01-04T00:00:00+01:00", "week", ["2026-W53", "2027-W01"]),
    ],
)
def test_buckets_go_by_the_clock(first: str, last: str, every: Any, names: list[str]) -> None:
    """Of Berlin: an hour that is shown twice is two, a day on which it is has 25 hours."""
    found = buckets(datetime.fromisoformat(first), datetime.fromisoformat(last), every, ZoneInfo(BERLIN))
    assert [each.name for each in found] == names


def test_a_day_with_an_hour_more(tmp_path: Path) -> None:
    """The last hour before midnight of the day on which the clock is put back is still of that day."""
    events = [*call("c1", "2026-10-24T22:00:00Z", 100), *call("c2", "2026-10-25T22:59:59Z", 200)]
    events += call("c3", "2026-10-25T23:00:00Z", 300)
    found = trend(tmp_path, events, selection=Selection(tz=BERLIN), metric="eou_latency_ms")
    assert [(line.bucket, line.calls, line.p50) for line in found.lines] == [
        ("2026-10-25", 2, 150),
        ("2026-10-26", 1, 300),
    ]
    assert [f"{line.begin:%d %H:%M}" for line in found.lines] == ["24 22:00", "25 23:00"]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (
            "2026-04-04T14:40:00+00:00",
            "2026-04-04T16:40:00+00:00",
            {"01:00+11:00": "14:00", "01:00+10:30": "15:00", "02:00+10:30": "15:30", "03:00+10:30": "16:30"},
        ),
        ("2026-04-04T15:10:07+00:00", "2026-04-04T15:29:00+00:00", {"01:00+10:30": "15:00"}),
        (
            "2026-10-03T14:40:00+00:00",
            "2026-10-03T16:40:00+00:00",
            {"01:00+10:30": "14:30", "02:00+11:00": "15:30", "03:00+11:00": "16:00"},
        ),
    ],
)
def test_a_clock_that_is_put_back_by_half_an_hour(first: str, last: str, expected: dict[str, str]) -> None:
    """Lord Howe Island: at 02:00 it is 01:30 again in April, and 02:30 in October, both times at half past by the hours after."""
    found = buckets(
        datetime.fromisoformat(first), datetime.fromisoformat(last), "hour", ZoneInfo("Australia/Lord_Howe")
    )
    assert {each.name.partition("T")[2]: f"{each.begin:%H:%M}" for each in found} == expected


def test_groups_have_the_same_buckets(tmp_path: Path) -> None:
    """Each from the first to the last, so that they can be laid side by side; what is not logged is the last."""
    events = [*call("c1", "2026-11-02T09:00:00Z", 100, agent="b"), *call("c2", "2026-11-03T09:00:00Z", 200, agent="a")]
    events += [event for event in call("c3", "2026-11-03T10:00:00Z", 300) if event["event"] != "call_started"]
    found = trend(tmp_path, events, selection=Selection(by=("agent_name",)), metric="eou_latency_ms")
    assert [(line.key["agent_name"], line.bucket, line.p50) for line in found.lines] == [
        ("a", "2026-11-02", None),
        ("a", "2026-11-03", 200),
        ("b", "2026-11-02", 100),
        ("b", "2026-11-03", None),
        (None, "2026-11-02", None),
        (None, "2026-11-03", 300),
    ]


def test_groups_are_in_the_order_of_every_report(tmp_path: Path) -> None:
    """Weekdays from Monday on, hours that the clock shows twice in the order in which they come."""
    events = [event for day in range(2, 9) for event in call(f"c{day}", f"2026-11-{day:02d}T09:00:00Z", 100)]
    found = trend(tmp_path / "days", events, selection=Selection(by=("weekday",)), metric="calls", every="week")
    days = [line.key["weekday"] for line in found.lines]
    assert days == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    events = [event for hour in (0, 1) for event in call(f"c{hour}", f"2026-10-25T0{hour}:30:00Z", 100)]
    twice = trend(tmp_path / "hours", events, selection=Selection(by=("hour",), tz=BERLIN), metric="calls")
    assert [line.key["hour"] for line in twice.lines] == ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]


def test_periods_that_are_asked_for_are_shown_whole(tmp_path: Path) -> None:
    """From the first day to the last one before the end, also where there are no calls."""
    period = Selection(since=datetime(2026, 11, 1), until=datetime(2026, 11, 5))  # noqa: DTZ001  filters are UTC without a zone
    found = trend(tmp_path, call("c1", "2026-11-02T09:00:00Z", 100), selection=period, metric="calls")
    assert [(line.bucket, line.value) for line in found.lines] == [
        ("2026-11-01", 0),
        ("2026-11-02", 1),
        ("2026-11-03", 0),
        ("2026-11-04", 0),
    ]


def test_parts_are_those_of_the_report(tmp_path: Path) -> None:
    """Every metric in one bucket is that of all calls, and rates have their denominator beside them."""
    events = [*call("c1", "2026-11-02T09:00:00Z", 100, 300), *call("c2", "2026-11-02T10:00:00Z", 200)]
    found = trend(tmp_path, events, every="week")
    lines = {line.metric: line for line in found.lines}
    assert list(lines) == ["calls", "eou_latency_ms", "interruption_rate", "success_rate", "cost"]
    assert lines["interruption_rate"].value == pytest.approx(2 / 3)
    assert lines["interruption_rate"].n == 3
    assert (lines["cost"].statistic, lines["cost"].amount) == ("per_call", Decimal("0.03"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": "eou_latency"}, "unknown metric 'eou_latency'"),
        ({"metric": "cost per_week"}, "cost has no statistic 'per_week'"),
        ({"metric": "refused_share"}, "refused_share counts lines"),
        ({"metric": "cost per call"}, "--metric: cannot read 'cost per call'"),
        ({"every": "fortnight"}, "no bucket is called 'fortnight'"),
        ({"metric": ","}, "--metric is empty"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    """With what there is instead."""
    with pytest.raises(UsageError) as raised:
        trend(tmp_path, call("c1", "2026-11-02T09:00:00Z", 100), **options)
    assert str(raised.value).startswith(message)


def test_no_calls_and_too_many_buckets(tmp_path: Path) -> None:
    """Are said."""
    with pytest.raises(NoDataError):
        trend(tmp_path, call("c1", "2026-11-02T09:00:00Z"), selection=Selection(agents=("x",)))
    with pytest.raises(UsageError, match="more than 10,000 hours"):
        buckets(datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), "hour", UTC)


def test_blocks() -> None:
    """From the lowest to the highest, a blank for none; what does not change is of middle height."""
    assert sparkline([0, None, 7, 3.5]) == "▁ █▅"
    assert sparkline([5, 5]) == "▄▄"
    assert sparkline([None, None]) == ""


def test_rows_and_tables(tmp_path: Path) -> None:
    """CSV has a row per bucket with the groups first; people see a line of blocks and a table per metric."""
    events = [*call("c1", "2026-11-02T09:00:00Z", 100), *call("c2", "2026-11-04T09:00:00Z", 200)]
    found = trend(tmp_path, events, selection=Selection(by=("agent_name",)), metric="eou_latency_ms")
    report = find_report("trend")
    head, *rows = "".join(report.csv(found)).splitlines()
    assert head == "agent_name,metric,statistic,bucket,begin,calls,n,p50,p95,value,amount"
    assert rows[1] == "a,eou_latency_ms,,2026-11-03,2026-11-03T00:00:00.000Z,0,0,,,,"
    overview, buckets_ = (section.table for section in trend_document(found).sections)
    assert overview is not None
    assert list(overview.texts()) == [["eou_latency_ms p95", "a", "100", "200", "200", "▁ █"]]
    assert buckets_ is not None
    assert list(buckets_.texts())[1] == ["2026-11-03", "a", "0", "0", "n/a", "n/a"]
