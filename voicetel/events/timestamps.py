"""Timestamps of the event format: UTC, RFC 3339 with milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_time(epoch_s: float) -> datetime:
    """Give the UTC time that is ``epoch_s`` seconds after the epoch."""
    return datetime.fromtimestamp(epoch_s, UTC)


def rfc3339(time: datetime) -> str:
    """Write a time the way the event format does: UTC, milliseconds, ``Z``. A time without a zone is UTC."""
    utc = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
