"""How far a zone's clock was ahead of UTC, and since when.

Days in SQL and days in Python (``--since``, buckets of trends, budgets) are of one time zone database: this machine's. DuckDB has one of
its own, of another date, and a zone whose law has changed in between would have two midnights.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from voicetel.analyzers.core.sql_files import load_sql

if TYPE_CHECKING:
    import duckdb

_STEP = timedelta(days=1)
_EXACT = timedelta(seconds=1)


class ClockChange(NamedTuple):
    """From ``since`` on (UTC, without a zone) the clock was ``ahead`` of UTC."""

    since: datetime
    ahead: timedelta


def clock_changes(zone: str, first: datetime, last: datetime) -> list[ClockChange]:
    """How far a zone's clock was ahead at ``first``, as if since the first year; then every change up to ``last``, both UTC without a zone.

    Raises ZoneInfoNotFoundError for a zone that there is not.
    """
    found = [ClockChange(datetime.min, _ahead(zone, first))]  # noqa: DTZ901 - UTC, as all of them
    moment = first
    while moment < last and zone != "UTC":
        following = min(moment + _STEP, last)
        if (ahead := _ahead(zone, following)) != found[-1].ahead:
            found.append(ClockChange(_moment_of_change(zone, moment, following), ahead))
        moment = following
    return found


def set_local_time(connection: duckdb.DuckDBPyConnection, zone: str) -> None:
    """Make the macro ``local_time`` of that zone, for the times of the relation ``calls``."""
    first, last = connection.execute("SELECT min(started_at), max(last_event_at) FROM calls").fetchall()[0]
    changes = clock_changes(zone, first, last) if first is not None else [ClockChange(datetime.min, timedelta())]  # noqa: DTZ901
    connection.execute(
        "SET VARIABLE clock_changes = $changes", {"changes": [{"since": at, "ahead": ahead} for at, ahead in changes]}
    )
    connection.execute(load_sql(__name__, "local_time.sql"))


def _ahead(zone: str, moment: datetime) -> timedelta:
    if zone == "UTC":
        return timedelta()
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def _moment_of_change(zone: str, before: datetime, after: datetime) -> datetime:
    """The first whole second at which the clock is as far ahead as at ``after``: it changes once since ``before``."""
    ahead = _ahead(zone, after)
    before, after = before.replace(microsecond=0), after.replace(microsecond=0) + _EXACT
    while after - before > _EXACT:
        middle = before + (after - before) // 2 // _EXACT * _EXACT
        before, after = (before, middle) if _ahead(zone, middle) == ahead else (middle, after)
    return after
