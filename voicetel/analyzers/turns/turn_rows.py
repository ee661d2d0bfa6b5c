"""Every turn and every operation by itself: what exporters write beside the figures of each call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.cost.cost import fill_units

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import RateCard


def turn_rows(context: AnalysisContext) -> None:
    """Make ``turn_rows``, one row per turn of the selected calls."""
    context.rows(load_sql(__name__, "event_places.sql"))
    context.rows(load_sql(__name__, "turn_rows.sql"))


def operation_rows(context: AnalysisContext, card: RateCard) -> None:
    """Make ``operation_rows``, one row per operation with its cost; they add up to ``priced_usage``.

    Wants ``turn_rows``, and ``price_usage`` with the same card, to have been called.
    """
    ((by_call,),) = context.sql("SELECT coalesce(bool_or(per_call IS NOT NULL), false) FROM rates")
    # Numbering the operations of every call is only worth its while where a rate has a price per call.
    nth = "row_number() OVER (PARTITION BY call_id, key ORDER BY operation_index)" if by_call else "1"
    context.sql(
        fill_units(load_sql(__name__, "operation_rows.sql"))
        .replace("{nth}", nth)
        .replace("{currency}", f"'{card.currency}'")
    )
