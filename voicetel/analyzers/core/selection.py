"""Which calls a report is about, and what they are grouped by: as it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from voicetel.analyzers.conditions.condition import Condition


@dataclass(frozen=True, slots=True)
class Selection:
    """Which calls, and how they are grouped.

    A call belongs to the moment it started: ``since`` ≤ start < ``until``, both UTC and without a zone. ``agents``,
    ``campaigns``, ``languages`` and ``call_ids`` name those that are wanted; empty means all. ``where`` is a condition on the
    figures of a call. ``by`` names the dimensions of the groups; ``tz`` is the time zone of their days and hours.
    """

    since: datetime | None = None
    until: datetime | None = None
    agents: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    tz: str = "UTC"
    call_ids: tuple[str, ...] = ()
    where: Condition | None = None


ALL_CALLS = Selection()
