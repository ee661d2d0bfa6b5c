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
    """A rate of the card beside what it prices: a model, and the quantities whose bits are set in ``used``."""

    stage: str
    provider: str | None
    model: str | None
    used: int
    rate: Rate


def matched_rates(context: AnalysisContext, card: RateCard) -> list[MatchedRate]:
    """Every model and kinds of quantities with each rate that applies; one that has none does not come."""
    models = ("stage", "provider", "model", "used")
    rule = MergeByKeys(keys=models, order_by=", ".join(models))
    return [
        MatchedRate(stage, provider, model, used, rate)
        for stage, provider, model, used in context.aggregate_rows(
            "quantities_used", load_sql(__name__, "quantities_used.sql"), rule
        )
        for rate in card.match(stage, provider, model)
    ]


def used_names(used: int) -> tuple[str, ...]:
    """The quantities whose bits are set in a ``used`` of the relation ``usage``."""
    return tuple(billable.quantity for n, billable in enumerate(BILLABLES) if used >> n & 1)


def create_rates(context: AnalysisContext, applied: Sequence[MatchedRate]) -> None:
    """Make the table ``rates``: one row per model, kinds of quantities and span of days that a rate holds for.

    What a rate asks per unit is counted in ninths of the currency: see voicetel/pricing/money.py. With it come the macro
    ``exact_amount``, by which sums of amounts are divided, the macro ``rated``, which joins the rates to what was used, and the
    view ``operations_to_price``.
    """
    context.run_without_calls(EXACT_AMOUNT_MACRO)
    context.run_on_calls(load_sql(__name__, "rated.sql"))
    context.run_on_calls(load_sql(__name__, "operations_to_price.sql"))
    rates = [each.rate for each in applied]
    unpriced = [list(unpriced_quantities(each.rate, used_names(each.used))) for each in applied]
    columns: dict[str, tuple[str, list[Any]]] = {
        "stage": ("VARCHAR", [each.stage for each in applied]),
        "provider": ("VARCHAR", [each.provider for each in applied]),
        "model": ("VARCHAR", [each.model for each in applied]),
        "used": ("INTEGER", [each.used for each in applied]),
        "key": ("VARCHAR", [rate.key for rate in rates]),
        "valid_from": ("DATE", [rate.effective_from or date.min for rate in rates]),
        "valid_to": ("DATE", [rate.effective_to or date.max for rate in rates]),
        "is_fully_priced": (
            "BOOLEAN",
            [
                not names and not each.used & UNREADABLE_AMOUNT_BIT
                for names, each in zip(unpriced, applied, strict=True)
            ],
        ),
        "is_priced": ("BOOLEAN", [_has_price(each.rate, used_names(each.used)) for each in applied]),
        "unpriced": ("VARCHAR[]", unpriced),
        "round_up_to_s": ("DECIMAL(15, 6)", [rate.round_up_to_s for rate in rates]),
        **{name: ("DECIMAL(24, 18)", [_ninths(getattr(rate, name)) for rate in rates]) for name in RATE_COLUMNS},
    }
    # As text: a list of Decimals of different scales would become one of doubles.
    values = {
        name: [str(value) if isinstance(value, Decimal) else value for value in column]
        for name, (_, column) in columns.items()
    }
    select = ", ".join(f"CAST(unnest(${name}) AS {kind}) AS {name}" for name, (kind, _) in columns.items())
    context.run_without_calls(f"CREATE OR REPLACE TEMP TABLE rates AS SELECT {select}", **values)


def create_amounts(
    context: AnalysisContext,
    applied: Sequence[MatchedRate],
    name: str,
    to_price: str,
    *,
    call_order: Sequence[str],
    dropped: Sequence[str] = (),
) -> None:
    """Make the view ``name`` of the rows of the relation ``to_price``, which has the columns of usage, with what each cost.

    In place of what is billed of each quantity come ``component``, the part of the bill that it is in; ``ninths``, what it cost, exact,
    in ninths of the card's currency, by what the provider charged, else by the card; NULL: no price; ``approximate_ninths``, the same
    as a DOUBLE without fees per call; and the columns of ``rates`` but the rates themselves. A rate with a fee per call asks it once, for the first row of a call by the columns ``call_order``. The columns ``dropped`` are
    not in the view.
    """
    products = _products(applied)
    exact = [
        f"coalesce({rounded_up_sql(column, 'round_up_to_s') if rate == 'per_second' else column} * {rate}, 0)"
        for column, rate in products
    ]
    approximate = [f"coalesce(CAST({column} AS DOUBLE) * CAST({rate} AS DOUBLE), 0)" for column, rate in products]
    has_fees = any(each.rate.per_call is not None for each in applied)
    # Of a table's history only the rates that count calls: one that begins at midnight has its own first row.
    nth = (
        f"row_number() OVER (PARTITION BY call_id, key, per_call IS NULL ORDER BY {', '.join(call_order)})"
        if has_fees
        else "1"
    )
    fee = "CASE WHEN nth = 1 THEN coalesce(per_call, 0) ELSE 0 END"
    dropped_columns = ", ".join(
        ["nth", "round_up_to_s", *dropped, *billed_columns_sql(), *(c for c in RATE_COLUMNS if c != "per_call")]
    )
    context.create_view(
        name,
        f"SELECT * EXCLUDE ({dropped_columns}), {COMPONENT_SQL} AS component,"
        f" {_cost('CAST(9 * charged AS DECIMAL(38, 24))', [*exact, fee])} AS ninths,"
        f" {_cost('9 * CAST(charged AS DOUBLE)', [*approximate, '0'])} AS approximate_ninths"
        f" FROM (SELECT *, {nth} AS nth FROM rated('{to_price}'))",
    )


def _cost(charged: str, asked: Sequence[str]) -> str:
    """What the provider ``charged``, in ninths, where that is in the card's currency, else the sum of what the card asks."""
    return (
        f"CASE WHEN currency = getvariable('card_currency') THEN {charged}"
        f" WHEN currency IS NULL AND is_priced THEN {' + '.join(asked)} END"
    )


def _ninths(rate: Fraction | None) -> Decimal | None:
    return None if rate is None else ninths_of(rate)


def _products(applied: Sequence[MatchedRate]) -> list[tuple[str, str]]:
    """(column of what is billed, column of rates) of every quantity that some of the rates price."""
    return [
        (f"billed_{billable.quantity}", billable.column)
        for billable in BILLABLES
        if is_logged(billable) and any(getattr(each.rate, billable.column) is not None for each in applied)
    ]


def _has_price(rate: Rate, names: Iterable[str]) -> bool:
    columns = {billable.quantity: billable.column for billable in BILLABLES}
    return rate.per_call is not None or any(getattr(rate, columns[name]) is not None for name in names)
