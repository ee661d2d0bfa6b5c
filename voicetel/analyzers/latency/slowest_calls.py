"""The calls with the slowest responses, and what took most of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.sums import First
from voicetel.analyzers.latency.results import SlowCall

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext


def slowest_calls(context: AnalysisContext, limit: int) -> tuple[SlowCall, ...]:
    """The ``limit`` calls with the slowest responses, slowest first."""
    first = First(order="eou_latency_ms DESC, call_id", limit=limit)
    rows = context.added("slowest_calls", load_sql(__name__, "slowest_calls.sql"), first, limit=limit)
    return tuple(SlowCall(*row) for row in rows)
