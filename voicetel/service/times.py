"""What ``--since``, ``--until``, ``--last`` and ``--tz`` mean."""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, datetime, timedelta, tzinfo

from voicetel.choices import check_choice
from voicetel.errors import UsageError

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LAST = re.compile(r"(\d{1,6})([mhdw])", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}", re.ASCII)


def time_zone(name: str) -> tzinfo:
    """The zone called ``name``, such as Europe/Berlin. Raises UsageError with the likely right one."""
    if name.upper() == "UTC":
        return UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        check_choice(name, sorted(zoneinfo.available_timezones()), "time zone")
        raise UsageError(f"the time zone {name!r} cannot be read") from None


def moment(option: str, text: str, zone: tzinfo, *, end: bool = False) -> datetime:
    """An ISO 8601 date or time, today or yesterday, in ``zone`` unless it has its own, as UTC without a zone.

    A date is its first moment or, at the ``end`` of a period, the first moment of the day after: the day counts.
    """
    try:
        written = _named_day(text.strip().lower(), zone) or text.strip()
        value = datetime.fromisoformat(written)
        if end and _DATE.fullmatch(written):
            value += timedelta(days=1)
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        hint = "write it as 2026-11-02, 2026-11-02T09:00, today or yesterday"
        raise UsageError(f"{option}: {text!r} is no date or time", hint=hint) from None


def _named_day(word: str, zone: tzinfo) -> str | None:
    """The date of today or yesterday in ``zone``."""
    days = {"today": 0, "yesterday": 1}
    if word not in days:
        return None
    return (datetime.now(zone).date() - timedelta(days=days[word])).isoformat()


def period(
    since: str | None, until: str | None, last: str | None, zone: tzinfo, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """From when to when, UTC without a zone; the end does not belong to it. ``last`` counts back from ``until`` or ``now``."""
    begin = moment("--since", since, zone) if since is not None else None
    end = moment("--until", until, zone, end=True) if until is not None else None
    if last is not None:
        if begin:
            raise UsageError("--last and --since both say where the period begins", hint="give one of them")
        try:
            begin = (end or now.astimezone(UTC).replace(tzinfo=None)) - _length(last)
        except OverflowError:
            raise UsageError(f"--last: {last!r} goes back before the first year") from None
    if begin and end and begin >= end:
        raise UsageError("the period ends before it begins", hint="--since must be earlier than --until")
    return begin, end


def _length(text: str) -> timedelta:
    match = _LAST.fullmatch(text.strip().lower())
    if not match:
        raise UsageError(f"--last: {text!r} is no length of time", hint="write it as 90m, 24h, 7d or 2w")
    return int(match[1]) * _UNITS[match[2]]
