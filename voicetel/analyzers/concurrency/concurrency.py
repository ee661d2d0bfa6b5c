"""``voicetel concurrency``: how many calls there were at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.results import Lines, figure, result

if TYPE_CHECKING:
    from voicetel.analyzers.request import Request


@result
class Concurrency:
    """The most calls at the same time, of those whose length is known."""

    calls: int = figure("Calls.")
    timed_calls: int = figure("Calls whose length is known: only these count here.", title="timed", drop_priority=1)
    peak: int | None = figure("The most of them at the same time. Null: no length is known.")
    peak_at: datetime | None = figure("When there were so many for the first time. RFC 3339, UTC.", title="peak at")


ConcurrencyReport = Lines[Concurrency]
"""A line per group, or one for all calls."""


def answer(request: Request) -> ConcurrencyReport:
    """``voicetel concurrency``. Raises NoDataError where there are no calls."""
    context = request.context()
    return context.lines(context.records(load_sql(__name__, "concurrency.sql")), _concurrency)


def _concurrency(**row: Any) -> Concurrency:
    peak = None if row["peak"] is None else int(row["peak"])
    return Concurrency(calls=row["calls"], timed_calls=row["timed_calls"], peak=peak, peak_at=row["peak_at"])
