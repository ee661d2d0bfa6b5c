"""Days and hours in order, with those that had no calls."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from voicetel.reporters.html.translator import MONTHS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicetel.analyzers.report.results import ResponseBucket
    from voicetel.reporters.html.translator import Translator

MAX_HOURLY_DAYS = 31
"""So many days, the latest, are shown hour by hour."""

_HOUR = "%Y-%m-%d %H:%M"


def every_day(days: Sequence[str]) -> list[str]:
    """The days from the first to the last: 2026-11-02. Nothing for none."""
    if not days:
        return []
    first, last = date.fromisoformat(min(days)), date.fromisoformat(max(days))
    return [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]


def every_hour(buckets: Mapping[str, ResponseBucket]) -> list[str]:
    """The hours from the first to the last of the latest days: 2026-11-02 09:00."""
    if not buckets:
        return []
    last = datetime.strptime(max(buckets), _HOUR)  # noqa: DTZ007  local time of a zone that the answer does not say
    earliest = datetime.combine(last.date() - timedelta(days=MAX_HOURLY_DAYS - 1), datetime.min.time())
    first = max(datetime.strptime(min(buckets), _HOUR), earliest)  # noqa: DTZ007  see above
    return [f"{first + timedelta(hours=hour):{_HOUR}}" for hour in range(int((last - first) / timedelta(hours=1)) + 1)]


def day_name(day: str, translate: Translator) -> str:
    """A day as it stands below a chart: 2 Nov."""
    value = date.fromisoformat(day)
    return f"{value.day} {translate(MONTHS[value.month - 1])}"


def weekday_name(day: str, translate: Translator) -> str:
    """A day with its weekday: Mon 2 Nov."""
    return f"{translate(WEEKDAYS[date.fromisoformat(day).weekday()])} {day_name(day, translate)}"


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
