"""``voicetel cost``: the bill by component, provider, model, day, agent or several of them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.dimensions import Level, check_dimensions, find_dimension, list_sql
from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.cost.comparison import CostComparison, compare_costs
from voicetel.analyzers.cost.costs import costs
from voicetel.analyzers.cost.results import CostLine, CostTable
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.pricing import rounded_to_sum
from voicetel.pricing.money import NINTHS
from voicetel.store.column_types import quantity_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.request import Request
    from voicetel.pricing import RateCard

COMPONENT = "component"
"""What a bill can be grouped by beside the dimensions of calls, turns and operations."""

BILL_DIMENSIONS = ("component", "provider", "model")
"""What a bill is grouped by unless something else is asked for."""

COMPARED_DIMENSIONS = ("component",)
"""The same of a comparison of two cards."""


def cost_table(context: AnalysisContext, card: RateCard, by: Sequence[str]) -> CostTable:
    """The bill by ``by``: dimensions, and component. Lines are the most expensive first.

    Wants ``price_usage`` to have been called over calls that are grouped by ``group_dimensions_of_bill(by)``.
    """
    cost = costs(context, card, with_groups=False)[None]
    _create_billed_usage(context, by)
    rule = MergeByKeys(keys=("key",), order_by="ninths DESC NULLS LAST, key")
    rows = context.aggregate_records("bill", load_sql(__name__, "bill.sql"), rule)
    exact = [Fraction(row["ninths"]) / NINTHS for row in rows if row["ninths"] is not None]
    amounts = iter(rounded_to_sum(exact, cost.total) if exact else ())
    lines = [_line(by, row, None if row["ninths"] is None else next(amounts), cost.total) for row in rows]
    if not by and not lines:
        lines = [CostLine({}, None, None, 0, 0, {})]
    return CostTable(tuple(by), tuple(lines), cost)


def _create_billed_usage(context: AnalysisContext, by: Sequence[str]) -> None:
    """Make the view ``billed_usage``: the rows of ``priced_usage`` with the key of each."""
    group_columns_sql = {name: f"group_values[{index}]" for index, name in enumerate(context.selection.by, start=1)}
    usage_columns_sql = {name: name for name in by if name not in group_dimensions_of_bill(by)}
    columns_sql = [(group_columns_sql | usage_columns_sql)[name] for name in by]
    if group_columns_sql:
        groups_sql = (
            "(SELECT DISTINCT group_id, group_values FROM selected_calls)"
            if context.grouping.is_of_calls
            else "group_keys"
        )
        rows_sql = f"(FROM priced_usage JOIN {groups_sql} USING (group_id))"
    else:
        rows_sql = "(SELECT *, NULL AS group_values FROM priced_usage)"
    keyed_sql = f"SELECT {list_sql(columns_sql)} AS key, * EXCLUDE (group_values) FROM {rows_sql}"
    context.create_view("billed_usage", keyed_sql)


def answer(request: Request) -> CostTable:
    """``voicetel cost``, by the dimensions of the selection. Raises NoDataError where there are no calls."""
    by = request.selection.by or BILL_DIMENSIONS
    context = request.grouped(group_dimensions_of_bill(by)).context()
    price_usage(context, request.rate_card)
    return cost_table(context, request.rate_card, by)


def group_dimensions_of_bill(by: Sequence[str]) -> tuple[str, ...]:
    """What calls have to be grouped by for a bill by ``by``: all that is not in what they used. Raises UsageError for an unknown name."""
    check_dimensions(by, Level.OPERATION, what="a bill", more=(COMPONENT,))
    return tuple(name for name in by if name != COMPONENT and find_dimension(name).level < Level.OPERATION)


def compare_cards(request: Request, other: RateCard) -> CostComparison:
    """``voicetel cost --compare``: the same use priced by the card of ``request`` and by ``other``."""
    by = request.selection.by or COMPARED_DIMENSIONS
    context = request.grouped(group_dimensions_of_bill(by)).context()
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
