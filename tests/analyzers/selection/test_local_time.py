"""Days and hours of a zone are those of this machine's time zone database, in groups, periods, trends and budgets alike."""

from __future__ import annotations

import datetime as dt
import json
import struct
import zoneinfo
from typing import TYPE_CHECKING

import pytest

from support.command import run
from support.logs import Event, write_log
from voicetel.analyzers.core.local_time import ClockChange, clock_changes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGIN = dt.datetime(1, 1, 1)  # noqa: DTZ001 - UTC, as all of them


def zone_file(change_at: int, before_s: int, after_s: int) -> bytes:
    """A zone of RFC 9636 whose clock was ``before_s`` ahead of UTC, and from ``change_at`` (seconds since 1970) on ``after_s``."""
    head = struct.pack(">5s15x6l", b"TZif", 0, 0, 0, 1, 2, 8)
    kinds = struct.pack(">lBBlBB", before_s, 0, 0, after_s, 0, 4)
    return head + struct.pack(">lB", change_at, 1) + kinds + b"OLD\0NEW\0"


@pytest.fixture
def berlin_with_another_law(tmp_path: Path) -> Iterator[None]:
    """Berlin as a newer database might have it: an hour ahead of UTC, from 2 November 2026 00:30 UTC on three."""
    path = tmp_path / "zones" / "Europe" / "Berlin"
    path.parent.mkdir(parents=True)
    path.write_bytes(zone_file(1_793_579_400, 3600, 3 * 3600))
    zoneinfo.reset_tzpath(to=[str(tmp_path / "zones")])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


def started(call_id: str, ts: str) -> Event:
    """The first line of a call."""
    return {"v": 1, "event": "call_started", "ts": ts, "call_id": call_id}


@pytest.mark.usefixtures("berlin_with_another_law")
def test_groups_trends_and_periods_have_the_same_hours(tmp_path: Path) -> None:
    """By hand: 00:29:59 is 01:29 of the clock, 00:30:00 is 03:30, and 21:00 on the 2nd is midnight, with which the 3rd begins."""
    times = {
        "a": "2026-11-01T22:59:59Z",
        "b": "2026-11-02T00:29:59Z",
        "c": "2026-11-02T00:30:00Z",
        "d": "2026-11-02T21:00:00Z",
    }
    log = str(write_log(tmp_path / "logs" / "calls.jsonl", [started(name, ts) for name, ts in times.items()]).parent)
    zone = ("--tz", "Europe/Berlin", "--json")

    days = json.loads(run("analyze", log, "--by", "day", *zone).out)["groups"]
    hours = json.loads(run("analyze", log, "--by", "hour", *zone).out)["groups"]
    trend = json.loads(run("trend", log, "--metric", "calls", *zone).out)["lines"]
    since = json.loads(run("calls", log, "--since", "2026-11-03", *zone).out)

    by_day = {"2026-11-01": 1, "2026-11-02": 2, "2026-11-03": 1}
    assert {each["group"]["day"]: each["calls"] for each in days} == by_day
    assert {each["bucket"]: each["value"] for each in trend} == by_day
    assert [each["group"]["hour"] for each in hours] == [
        "2026-11-01T23:00+01:00",
        "2026-11-02T01:00+01:00",
        "2026-11-02T03:00+03:00",
        "2026-11-03T00:00+03:00",
    ]
    assert [each["call_id"] for each in since] == ["d"]


def test_a_clock_that_is_put_forward_and_back(tmp_path: Path) -> None:
    """Berlin's in 2026: 29 March and 25 October, 01:00 UTC. A call of every hour around them is in the hour that the clock showed."""
    hour, day = dt.timedelta(hours=1), dt.timedelta(days=1)
    forward, back = dt.datetime(2026, 3, 29, 1), dt.datetime(2026, 10, 25, 1)  # noqa: DTZ001 - UTC
    winter, summer = ClockChange(BEGIN, hour), ClockChange(forward, 2 * hour)
    assert clock_changes("Europe/Berlin", forward - 9 * day, back + 9 * day) == [
        winter,
        summer,
        ClockChange(back, hour),
    ]
    assert clock_changes("Europe/Berlin", forward, back - hour) == [ClockChange(BEGIN, 2 * hour)]
    assert clock_changes("UTC", forward, back) == [ClockChange(BEGIN, dt.timedelta())]

    times = [f"2026-10-25T{hour_of_day:02d}:30:00Z" for hour_of_day in range(3)]
    log = str(write_log(tmp_path / "logs" / "calls.jsonl", [started(each, each) for each in times]).parent)
    groups = json.loads(run("analyze", log, "--by", "hour", "--tz", "Europe/Berlin", "--json").out)["groups"]
    shown = ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00"]
    assert {each["group"]["hour"]: each["calls"] for each in groups} == dict.fromkeys(shown, 1)
