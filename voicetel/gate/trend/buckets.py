"""Hours, days and weeks of a zone, as spans of time."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal, cast, get_args

from voicetel.choices import check_choice
from voicetel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

Every = Literal["hour", "day", "week"]

MAX_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """A span of time, named as ``--by`` names it. ``begin`` is UTC, with its zone."""

    name: str
    begin: datetime


def check_every(text: str) -> Every:
    """``text``, if it is a size of buckets. Raises UsageError with the likely right one."""
    return cast("Every", check_choice(text, get_args(Every), "bucket"))


def buckets(first: datetime, last: datetime, every: Every, zone: tzinfo) -> list[Bucket]:
    """The buckets from that of ``first`` to that of ``last``, both with a zone. Raises UsageError for too many."""
    found: list[Bucket] = []
    for each in _from(first, every, zone):
        if each.begin > last:
            return found
        if len(found) == MAX_BUCKETS:
            raise UsageError(f"there are more than {MAX_BUCKETS:,} {every}s", hint="take longer ones, or --since")
        found.append(each)
    return found


def _from(moment: datetime, every: Every, zone: tzinfo) -> Iterator[Bucket]:
    if every == "hour":
        yield from _hours(moment, zone)
    local = moment.astimezone(zone)
    day = local.date()
    step = timedelta(days=7 if every == "week" else 1)
    if every == "week":
        day -= timedelta(days=day.weekday())
    while True:
        # A day has 23 or 25 hours where the clock is put forward or back.
        begin = datetime.combine(day, time(), zone).astimezone(UTC)
        yield Bucket(f"{day:%G-W%V}" if every == "week" else day.isoformat(), begin)
        day += step


def _hours(moment: datetime, zone: tzinfo) -> Iterator[Bucket]:
    """Each hour that the clock shows, from that of ``moment`` on: one that it shows twice is two, one that it leaves out is none.

    A clock that is put forward or back by half an hour begins or ends an hour in its middle.
    """
    begin = _changed(moment.astimezone(UTC) - _past_the_hour(moment, zone), moment.astimezone(UTC), zone)
    while True:
        yield Bucket(_hour(begin.astimezone(zone)), begin)
        full = begin + timedelta(hours=1) - _past_the_hour(begin, zone)
        last_of_it = full - timedelta(seconds=1)
        is_whole = _hour(last_of_it.astimezone(zone)) == _hour(begin.astimezone(zone))
        begin = full if is_whole else _changed(begin, last_of_it, zone)


def _past_the_hour(moment: datetime, zone: tzinfo) -> timedelta:
    local = moment.astimezone(zone)
    return timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


def _changed(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """The first whole second from ``low`` on that is in the hour of ``high``, no more than an hour later."""
    name = _hour(high.astimezone(zone))
    if _hour(low.astimezone(zone)) == name:
        return low
    seconds = range(1, int((high - low).total_seconds()) + 1)
    first = bisect_left(seconds, True, key=lambda each: _hour((low + timedelta(seconds=each)).astimezone(zone)) == name)
    return low + timedelta(seconds=seconds[first])


def _hour(local: datetime) -> str:
    offset = "Z" if not local.utcoffset() else f"{local:%z}"[:3] + ":" + f"{local:%z}"[3:5]
    return f"{local:%Y-%m-%dT%H:00}{offset}"
