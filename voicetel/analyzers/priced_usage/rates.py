"""The rates that price what was used, and the amounts that they make: SQL of which there is a column per quantity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.pricing import unpriced_quantities
from voicetel.pricing.money import ninths_of
from voicetel.pricing.units import BILLABLES, COMPONENT_SQL, EXACT_AMOUNT_MACRO, RATE_COLUMNS, rounded_up_sql
from voicetel.store.column_types import UNREADABLE_AMOUNT_BIT, billed_columns_sql, is_logged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import Rate, RateCard


@dataclass(frozen=True, slots=True)
class MatchedRate:
    """A rate of the card beside what it prices: a model, and the quantities whose bits are set in ``quantity_bits``."""

    stage: str
    provider: str | None
    model: str | None
    quantity_bits: int
    rate: Rate


def matched_rates(context: AnalysisContext, card: RateCard) -> list[MatchedRate]:
    """Every model and kinds of quantities with each rate that applies; one that has none does not come."""
    models = ("stage", "provider", "model", "quantity_bits")
    rule = MergeByKeys(keys=models, order_by=", ".join(models))
    return [
        MatchedRate(stage, provider, model, quantity_bits, rate)
        for stage, provider, model, quantity_bits in context.aggregate_rows(
            "quantities_used", load_sql(__name__, "quantities_used.sql"), rule
        )
        for rate in card.match(stage, provider, model)
    ]


def quantities_of_bits(quantity_bits: int) -> tuple[str, ...]:
    """The quantities whose bits are set in a ``quantity_bits`` of the relation ``usage``."""
    return tuple(billable.quantity for n, billable in enumerate(BILLABLES) if quantity_bits >> n & 1)


def create_rates(context: AnalysisContext, matched: Sequence[MatchedRate]) -> None:
    """Make the table ``rates``: one row per model, kinds of quantities and span of days that a rate holds for.

    What a rate asks per unit is counted in ninths of the currency: see voicetel/pricing/money.py. With it come the macro
    ``exact_amount``, by which sums of amounts are divided, the macro ``rated``, which joins the rates to what was used, and the
    view ``operations_to_price``.
    """
    context.run_without_calls(EXACT_AMOUNT_MACRO)
    context.run_on_calls(load_sql(__name__, "rated.sql"))
    context.run_on_calls(load_sql(__name__, "operations_to_price.sql"))
    rates = [each.rate for each in matched]
    unpriced = [list(unpriced_quantities(each.rate, quantities_of_bits(each.quantity_bits))) for each in matched]
    columns: dict[str, tuple[str, list[Any]]] = {
        "stage": ("VARCHAR", [each.stage for each in matched]),
        "provider": ("VARCHAR", [each.provider for each in matched]),
        "model": ("VARCHAR", [each.model for each in matched]),
        "quantity_bits": ("INTEGER", [each.quantity_bits for each in matched]),
        "card_table": ("VARCHAR", [rate.key for rate in rates]),
        "valid_from": ("DATE", [rate.effective_from or date.min for rate in rates]),
        "valid_to": ("DATE", [rate.effective_to or date.max for rate in rates]),
        "is_fully_priced": (
            "BOOLEAN",
            [
                not names and not each.quantity_bits & UNREADABLE_AMOUNT_BIT
                for names, each in zip(unpriced, matched, strict=True)
            ],
        ),
        "is_priced": ("BOOLEAN", [_has_price(each.rate, quantities_of_bits(each.quantity_bits)) for each in matched]),
        "unpriced": ("VARCHAR[]", unpriced),
        "round_up_to_s": ("DECIMAL(15, 6)", [rate.round_up_to_s for rate in rates]),
        **{name: ("DECIMAL(24, 18)", [_ninths(getattr(rate, name)) for rate in rates]) for name in RATE_COLUMNS},
    }
    # As text: a list of Decimals of different scales would become one of doubles.
    values = {
        name: [str(value) if isinstance(value, Decimal) else value for value in column]
        for name, (_, column) in columns.items()
    }
    columns_sql = ", ".join(f"CAST(unnest(${name}) AS {kind}) AS {name}" for name, (kind, _) in columns.items())
    context.run_without_calls(f"CREATE OR REPLACE TEMP TABLE rates AS SELECT {columns_sql}", **values)


def create_amounts(
    context: AnalysisContext,
    matched: Sequence[MatchedRate],
    view: str,
    relation: str,
    *,
    order_in_call: Sequence[str],
    dropped_columns: Sequence[str] = (),
) -> None:
    """Make the view ``view`` of the rows of ``relation``, which has the columns of usage, with what each cost.

    In place of what is billed of each quantity come ``component``, the part of the bill that it is in; ``ninths``, what it cost, exact,
    in ninths of the card's currency, by what the provider charged, else by the card; NULL: no price; ``approximate_ninths``, the same
    as a DOUBLE without fees per call; and the columns of ``rates`` but the rates themselves. A rate with a fee per call asks it once, for the first row of a call by the columns ``order_in_call``. ``dropped_columns`` are
    not in the view.
    """
    columns = _billed_and_rate_columns(matched)
    exact_costs_sql = [
        f"coalesce({rounded_up_sql(billed, 'round_up_to_s') if rate == 'per_second' else billed} * {rate}, 0)"
        for billed, rate in columns
    ]
    approximate_costs_sql = [
        f"coalesce(CAST({billed} AS DOUBLE) * CAST({rate} AS DOUBLE), 0)" for billed, rate in columns
    ]
    has_fees = any(each.rate.per_call is not None for each in matched)
    # Of a table's history only the rates that count calls: one that begins at midnight has its own first row.
    nth_sql = (
        f"row_number() OVER (PARTITION BY call_id, card_table, per_call IS NULL ORDER BY {', '.join(order_in_call)})"
        if has_fees
        else "1"
    )
    fee_sql = "CASE WHEN nth = 1 THEN coalesce(per_call, 0) ELSE 0 END"
    excluded = ", ".join(
        ["nth", "round_up_to_s", *dropped_columns, *billed_columns_sql(), *(c for c in RATE_COLUMNS if c != "per_call")]
    )
    context.create_view(
        view,
        f"SELECT * EXCLUDE ({excluded}), {COMPONENT_SQL} AS component,"
        f" {_cost_sql('CAST(9 * charged AS DECIMAL(38, 24))', [*exact_costs_sql, fee_sql])} AS ninths,"
        f" {_cost_sql('9 * CAST(charged AS DOUBLE)', [*approximate_costs_sql, '0'])} AS approximate_ninths"
        f" FROM (SELECT *, {nth_sql} AS nth FROM rated('{relation}'))",
    )


def _cost_sql(charged_sql: str, card_costs_sql: Sequence[str]) -> str:
    """SQL for what the provider charged, in ninths, where that is in the card's currency, else for the sum of what the card asks."""
    return (
        f"CASE WHEN currency = getvariable('card_currency') THEN {charged_sql}"
        f" WHEN currency IS NULL AND is_priced THEN {' + '.join(card_costs_sql)} END"
    )


def _ninths(rate: Fraction | None) -> Decimal | None:
    return None if rate is None else ninths_of(rate)


def _billed_and_rate_columns(matched: Sequence[MatchedRate]) -> list[tuple[str, str]]:
    """(column of what is billed, column of rates) of every quantity that some of the rates price."""
    return [
        (f"billed_{billable.quantity}", billable.column)
        for billable in BILLABLES
        if is_logged(billable) and any(getattr(each.rate, billable.column) is not None for each in matched)
    ]


def _has_price(rate: Rate, names: Iterable[str]) -> bool:
    columns = {billable.quantity: billable.column for billable in BILLABLES}
    return rate.per_call is not None or any(getattr(rate, columns[name]) is not None for name in names)
