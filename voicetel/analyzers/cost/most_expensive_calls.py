"""The calls that cost most, and the component that cost most of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.merge_rules import TopN
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.cost.results import ExpensiveCall
from voicetel.analyzers.priced_usage.usage import price_expensive_calls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.priced_usage.rates import MatchedRate


def most_expensive_calls(
    context: AnalysisContext, matched: Sequence[MatchedRate], limit: int
) -> tuple[ExpensiveCall, ...]:
    """The ``limit`` most expensive calls, the most expensive first. Comes after ``price_usage``, whose ``priced_usage`` it replaces."""
    price_expensive_calls(context, matched, limit=limit)
    top = TopN(order_by="ninths DESC, call_id", limit=limit)
    rows = context.aggregate_rows(
        "most_expensive_calls", load_sql(__name__, "most_expensive_calls.sql"), top, limit=limit
    )
    return tuple(
        ExpensiveCall(call_id, amount, largest["component"], largest["cost"]) for call_id, amount, largest, _ in rows
    )
