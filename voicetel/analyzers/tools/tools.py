"""``voicetel tools``: how often each tool was called, how often it failed, and how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import Statistics
from voicetel.analyzers.value_statistics.value_statistics import value_statistics
from voicetel.results import CellFormat, ResultTable, figure, result

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.request import Request


@result
class ToolUse:
    """What one tool was used for. Durations leave out tool calls that were cancelled; failed ones stay."""

    tool: str | None = figure("Its name; null: not logged.", format=CellFormat.KEY)
    tool_calls: int = figure("How often it was called.", title="tool calls")
    calls: int = figure("Phone calls in which it was.", drop_priority=3)
    errors: int = figure("Tool calls that failed.")
    error_rate: float | None = figure("errors ÷ tool_calls.", unit="share", title="error rate")
    cancelled: int = figure("Tool calls that were cancelled.", drop_priority=2)
    duration_ms_n: int = figure("Tool calls whose length counts.", title="timed", drop_priority=1)
    duration_ms_p50: float | None = figure(
        "From the request to the end of the answer: the median.", unit="ms", title="duration p50, ms"
    )
    duration_ms_p95: float | None = figure("The 95th percentile.", unit="ms", title="duration p95, ms")
    duration_ms_max: float | None = figure("The highest.", unit="ms", title="duration max, ms", drop_priority=4)


ToolReport = ResultTable[ToolUse]
"""A row per group and tool, the tools that were called most first."""


def answer(request: Request) -> ToolReport:
    """``voicetel tools``. Raises NoDataError where there are no calls."""
    return tool_uses(request.context())


def tool_uses(context: AnalysisContext) -> ToolReport:
    """The same of calls that have been selected."""
    # Looked at several times, and far fewer than the operations among which they are found.
    context.create_view("tool_requests", load_sql(__name__, "tool_requests.sql"), materialize=True)
    durations = value_statistics(context, load_sql(__name__, "tool_durations.sql"))
    rule = MergeByKeys(keys=("group_id", "tool"), order_by="group_id NULLS FIRST, tool_calls DESC, tool NULLS LAST")

    def use(**row: Any) -> ToolUse:
        group_id = row.pop("group")
        calls, errors = int(row["tool_calls"]), int(row["errors"])
        took = durations.get((group_id, _measure(row["tool"])), Statistics())
        return ToolUse(
            tool=row["tool"],
            tool_calls=calls,
            calls=int(row["calls"]),
            errors=errors,
            error_rate=errors / calls,
            cancelled=int(row["cancelled"]),
            duration_ms_n=took.n,
            duration_ms_p50=took.p50,
            duration_ms_p95=took.p95,
            duration_ms_max=took.max,
        )

    records = context.aggregate_records("tool_use", load_sql(__name__, "tools.sql"), rule)
    return context.table(({**record, "group": record["group_id"]} for record in records), use)


def _measure(tool: str | None) -> str:
    """As tool_durations.sql has it: a tool without a name is none that is called ''."""
    return "" if tool is None else f"={tool}"
