"""Which calls are asked for, as typed or sent: periods, lists of names, a zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from voicetel.analyzers.core.selection import Selection
from voicetel.choices import split_values
from voicetel.service import times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.conditions.condition import Condition


def selection(
    *,
    since: str | None = None,
    until: str | None = None,
    last: str | None = None,
    agent: Sequence[str] | None = None,
    campaign: Sequence[str] | None = None,
    language: Sequence[str] | None = None,
    where: str | None = None,
    tz: str = "UTC",
    by: Sequence[str] | None = None,
) -> Selection:
    """The same as analyzers understand it. Raises UsageError for a date, length, zone or condition that means nothing."""
    zone = times.time_zone(tz)
    begin, end = times.period(since, until, last, zone, datetime.now(UTC))
    return Selection(
        since=begin,
        until=end,
        agents=split_values(agent, option="--agent"),
        campaigns=split_values(campaign, option="--campaign"),
        languages=split_values(language, option="--language"),
        by=split_values(by, option="--by"),
        tz=(name := getattr(zone, "key", "UTC")),
        where=None if where is None else _condition(where, name),
    )


def _condition(text: str, tz: str) -> Condition:
    from voicetel.analyzers.conditions.condition import parse_condition  # noqa: PLC0415  only those who have one

    return parse_condition(text, tz)
