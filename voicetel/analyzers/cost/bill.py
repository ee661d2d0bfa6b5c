"""``voicetel cost``: the bill by component, provider, model, day, agent or several of them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.dimensions import CALL_DIMENSIONS, check_dimensions, values_sql
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.sums import Sums
from voicetel.analyzers.cost.comparison import CostComparison, compare_costs
from voicetel.analyzers.cost.costs import costs
from voicetel.analyzers.cost.results import CostLine, CostTable
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.pricing import apportioned
from voicetel.pricing.money import NINTHS
from voicetel.store.column_types import quantity_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.request import Request
    from voicetel.pricing import RateCard

USAGE_DIMENSIONS = ("component", "stage", "provider", "model")
"""What a bill can be grouped by beside the dimensions of calls."""

BILL_DIMENSIONS = ("component", "provider", "model")
"""What a bill is grouped by unless something else is asked for."""

COMPARED_DIMENSIONS = ("component",)
"""The same of a comparison of two cards."""


def cost_table(context: AnalysisContext, card: RateCard, by: Sequence[str]) -> CostTable:
    """The bill by ``by``: dimensions of calls, and component, stage, provider, model. Lines are the most expensive first.

    Wants ``price_usage`` to have been called. Raises UsageError for a dimension that is unknown.
    """
    check_dimensions(by, (*USAGE_DIMENSIONS, *CALL_DIMENSIONS))
    cost = costs(context, card)[None]
    key = values_sql([name if name in USAGE_DIMENSIONS else CALL_DIMENSIONS[name] for name in by])
    keyed = f"SELECT {key} AS key, priced_usage.* FROM priced_usage JOIN selected_calls USING (call_id)"
    context.create_view("keyed_usage", keyed)
    rule = Sums(keys=("key",), order="ninths DESC NULLS LAST, key")
    rows = context.added_records("bill", load_sql(__name__, "bill.sql"), rule)
    exact = [Fraction(row["ninths"]) / NINTHS for row in rows if row["ninths"] is not None]
    amounts = iter(apportioned(exact, cost.total) if exact else ())
    lines = [_line(by, row, None if row["ninths"] is None else next(amounts), cost.total) for row in rows]
    if not by and not lines:
        lines = [CostLine({}, None, None, 0, 0, {})]
    return CostTable(tuple(by), tuple(lines), cost)


def answer(request: Request) -> CostTable:
    """``voicetel cost``, by the dimensions of the selection. Raises NoDataError where there are no calls."""
    context = request.ungrouped().context()
    price_usage(context, request.rate_card)
    return cost_table(context, request.rate_card, request.selection.by or BILL_DIMENSIONS)


def compare_cards(request: Request, other: RateCard) -> CostComparison:
    """``voicetel cost --compare``: the same use priced by the card of ``request`` and by ``other``."""
    by = request.selection.by or COMPARED_DIMENSIONS
    context = request.ungrouped().context()
    price_usage(context, request.rate_card)
    bill = cost_table(context, request.rate_card, by)
    price_usage(context, other)
    return compare_costs(bill, cost_table(context, other, by))


def _line(by: Sequence[str], row: dict[str, Any], amount: Decimal | None, total: Decimal | None) -> CostLine:
    return CostLine(
        key=dict(zip(by, row["key"], strict=True)),
        amount=amount,
        share=float(amount / total) if amount is not None and total else None,
        operations=int(row["operations"]),
        unpriced_operations=int(row["unpriced_operations"]),
        quantities={name: row[name] for name in quantity_names() if row[name] is not None},
    )
