"""The calls with the slowest responses, and what took most of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.merge_rules import TopN
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.latency.results import SlowCall

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext


def slowest_calls(context: AnalysisContext, limit: int) -> tuple[SlowCall, ...]:
    """The ``limit`` calls with the slowest responses, slowest first."""
    top = TopN(order_by="eou_latency_ms DESC, call_id", limit=limit)
    rows = context.aggregate_rows("slowest_calls", load_sql(__name__, "slowest_calls.sql"), top, limit=limit)
    return tuple(SlowCall(*row) for row in rows)
