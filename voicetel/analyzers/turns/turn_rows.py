"""Every turn and every operation by itself: what exporters write beside the figures of each call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.interruptions.interruptions import create_interruption_macros
from voicetel.analyzers.priced_usage.rates import create_amounts, matched_rates

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import RateCard


def turn_rows(context: AnalysisContext) -> None:
    """Make ``turn_rows``, one row per turn of the selected calls."""
    create_interruption_macros(context)
    context.run_on_calls(load_sql(__name__, "event_positions.sql"))
    context.run_on_calls(load_sql(__name__, "turn_rows.sql"))


def operation_rows(context: AnalysisContext, card: RateCard) -> None:
    """Make ``operation_rows``, one row per operation with its cost; they add up to ``priced_usage``.

    Wants ``turn_rows``, and ``price_usage`` or ``prepare_rates`` with the same card, to have been called.
    """
    context.run_on_calls(load_sql(__name__, "indexed_operations.sql"))
    matched = matched_rates(context, card)
    create_amounts(context, matched, "operation_amounts", "indexed_operations", order_in_call=["operation_index"])
    context.run_on_calls(load_sql(__name__, "rounded_costs.sql"))
    context.run_on_calls(load_sql(__name__, "operation_rows.sql"))
