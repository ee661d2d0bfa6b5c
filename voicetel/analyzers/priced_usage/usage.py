"""Prices what the selected calls used: exact sums of quantity × rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.priced_usage.rates import MatchedRate, create_amounts, create_rates, matched_rates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import RateCard

ORDER_IN_CALL_COLUMNS = ("ts", "line_key", "operation")
"""Where an operation stands in its call: in this order the first of a table is the one that carries its fee per call."""


def prepare_rates(context: AnalysisContext, card: RateCard) -> list[MatchedRate]:
    """Make ``rates``: the rates of ``card`` for what the selected calls used, without pricing it. Gives back those that apply."""
    matched = matched_rates(context, card)
    create_rates(context, matched)
    context.run_without_calls("SET VARIABLE card_currency = $currency", currency=card.currency)
    return matched


def price_usage(context: AnalysisContext, card: RateCard, *, of_each_call: bool = True) -> list[MatchedRate]:
    """Make ``priced_usage``: what the selected calls used, priced by ``card``. Everything about money reads it.

    Beside it come ``untimed_costs``: what those calls cost whose length is not known.
    Without ``of_each_call`` the calls of a group are added up before they are priced, which gives the same sums sooner;
    where a rate counts calls or rounds each operation up, they cannot be. Gives back the rates that apply.
    """
    matched = prepare_rates(context, card)
    usage_of_calls_sql = "FROM selected_usage"
    if not can_price_sums(matched):
        usage_of_calls_sql = load_sql(__name__, "usage_by_operation.sql").rstrip().removesuffix(";")
    usage_sql = (
        usage_of_calls_sql if of_each_call or not can_price_sums(matched) else load_sql(__name__, "usage_of_groups.sql")
    )
    context.create_view("usage_of_calls", usage_of_calls_sql)
    _create_usage_amounts(context, matched, load_sql(__name__, "untimed_usage.sql"))
    context.aggregate(
        "untimed_costs", load_sql(__name__, "untimed_costs.sql"), MergeByKeys(keys=("group_id", "component"))
    )
    _create_priced_usage(context, matched, usage_sql)
    return matched


def price_expensive_calls(context: AnalysisContext, matched: Sequence[MatchedRate], *, limit: int) -> None:
    """Make ``priced_usage`` of the ``limit`` most expensive calls (and perhaps a few more), by the rates of ``price_usage``."""
    if not can_price_sums(matched):
        return
    _create_usage_amounts(context, matched, "FROM selected_usage")
    context.run_on_calls(load_sql(__name__, "expensive_calls.sql"), limit=limit)
    _create_priced_usage(context, matched, "FROM selected_usage SEMI JOIN expensive_calls USING (call_id)")


def can_price_sums(matched: Sequence[MatchedRate]) -> bool:
    """Whether the sum of what was used costs what its parts cost: no rate counts calls or rounds each operation up."""
    return all(each.rate.per_call is None and each.rate.round_up_to_s is None for each in matched)


def _create_priced_usage(context: AnalysisContext, matched: Sequence[MatchedRate], usage_sql: str) -> None:
    _create_usage_amounts(context, matched, usage_sql)
    context.run_on_calls(load_sql(__name__, "priced_usage.sql"))


def _create_usage_amounts(context: AnalysisContext, matched: Sequence[MatchedRate], usage_sql: str) -> None:
    """Make the view ``usage_amounts`` of the rows of ``usage_sql``."""
    context.create_view("usage_to_price", usage_sql)
    dropped_columns = () if can_price_sums(matched) else ORDER_IN_CALL_COLUMNS
    create_amounts(
        context,
        matched,
        "usage_amounts",
        "usage_to_price",
        order_in_call=ORDER_IN_CALL_COLUMNS,
        dropped_columns=dropped_columns,
    )
