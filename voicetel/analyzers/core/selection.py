"""Which calls a question is about, and the groups they fall into: as it is asked for."""

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
    ``campaigns``, ``languages`` and ``call_ids`` name those that are wanted; empty means all. ``tz`` is the zone of days.
    ``where`` is a condition on the figures of a call.
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
