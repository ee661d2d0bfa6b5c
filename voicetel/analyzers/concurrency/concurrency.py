"""``voicetel concurrency``: how many calls there were at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.results import ResultTable, figure, result

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.request import Request


@result
class Concurrency:
    """The most calls at the same time, of those whose length is known."""

    calls: int = figure("Calls.")
    timed_calls: int = figure("Calls whose length is known: only these count here.", title="timed", drop_priority=1)
    peak: int | None = figure("The most of them at the same time. Null: no length is known.")
    peak_at: datetime | None = figure("When there were so many for the first time. RFC 3339, UTC.", title="peak at")


ConcurrencyReport = ResultTable[Concurrency]
"""A row per group, or one for all calls."""


def answer(request: Request) -> ConcurrencyReport:
    """``voicetel concurrency``. Raises NoDataError where there are no calls."""
    return concurrency(request.context())


def concurrency(context: AnalysisContext) -> ConcurrencyReport:
    """The peak of each group.

    Minutes are counted first, and then what happens in those alone that can hold the peak: so it is found where no machine has all
    the calls, too.
    """
    context.aggregate("concurrency_counts", load_sql(__name__, "concurrency_counts.sql"), MergeByKeys())
    context.create_view("timed_calls", load_sql(__name__, "timed_calls.sql"))
    context.keep_for_second_pass("timed_calls")
    minutes_rule = MergeByKeys(keys=("group_id", "minute"))
    context.aggregate("call_minutes", load_sql(__name__, "call_minutes.sql"), minutes_rule)
    context.run_without_calls(load_sql(__name__, "peak_minutes.sql"))
    edges_rule = MergeByKeys(keys=("group_id", "minute", "changed_at"))
    context.aggregate("peak_edges", load_sql(__name__, "peak_edges.sql"), edges_rule, broadcast=("peak_minutes",))
    return context.table(context.records(load_sql(__name__, "concurrency.sql")), _concurrency)


def _concurrency(**row: Any) -> Concurrency:
    peak = None if row["peak"] is None else int(row["peak"])
    calls, timed_calls = int(row["calls"]), int(row["timed_calls"])
    return Concurrency(calls=calls, timed_calls=timed_calls, peak=peak, peak_at=row["peak_at"])
