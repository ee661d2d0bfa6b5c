"""What calls cost, by the rate card: exact sums of quantity × rate."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from voicetel.analyzers.core.dimensions import CALL_DIMENSIONS, check_dimensions
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.cost.comparison import CostComparison, compare_costs
from voicetel.analyzers.cost.results import COMPONENTS, Cost, CostLine, CostTable, Unpriced
from voicetel.pricing import exact_sum, list_outliers, unpriced_quantities
from voicetel.pricing.money import RATE_PLACES, ZERO, round_fraction
from voicetel.pricing.units import BILLABLES, RATE_COLUMNS, rounded_up_sql
from voicetel.store.structure import billed_quantities, quantity_names, usage_names, used_quantities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.request import Request
    from voicetel.pricing import Rate, RateCard

USAGE_DIMENSIONS = ("component", "stage", "provider", "model")
"""What a bill can be grouped by beside the dimensions of calls."""


def price_usage(context: AnalysisContext, card: RateCard, *, per_call: bool = True) -> None:
    """Make ``priced_usage``: what the selected calls used, priced by ``card``. Everything about money reads it.

    Without ``per_call`` the calls of a group are added up before they are priced, which gives the same sums sooner;
    where a rate counts calls or rounds each operation up, they cannot be.
    """
    rates = list(_rates(context, card))
    _make_rates(context, rates)
    usage = context.filled("{usage}")
    if not per_call and _adds_up(rates):
        sums = ", ".join(f"sum({name}) AS {name}" for name in ("operations", "billed", *usage_names()))
        usage = (
            f"(SELECT NULL AS call_id, part, day, stage, provider, model, currency, used, {sums} FROM {usage}"
            " GROUP BY part, day, stage, provider, model, currency, used)"
        )
    _price(context, card, rates, usage)


def price_expensive_calls(context: AnalysisContext, card: RateCard, *, limit: int) -> None:
    """Make ``priced_usage`` of the ``limit`` dearest calls (and perhaps a few more), after ``price_usage``."""
    rates = list(_rates(context, card))
    if not _adds_up(rates):
        return
    usage = context.filled("{usage}")
    products = [f"coalesce(CAST({column} AS DOUBLE) * CAST({rate} AS DOUBLE), 0)" for column, rate in _products(rates)]
    text = (
        load_sql(__name__, "expensive_calls.sql")
        .replace("{usage}", usage)
        .replace("{amount}", " + ".join([*products, "0"]))
    )
    context.sql(text, currency=card.currency, limit=limit)
    _price(context, card, rates, f"(FROM {usage} SEMI JOIN expensive_calls USING (call_id))")


_Rates: TypeAlias = "Sequence[tuple[str, str | None, str | None, int, Rate]]"


def _adds_up(rates: _Rates) -> bool:
    return all(rate.per_call is None and rate.round_up_to_s is None for *_, rate in rates)


def _products(rates: _Rates | None) -> list[tuple[str, str]]:
    """(column of what is billed, column of rates) of every quantity that some of ``rates`` prices; None: of all."""
    return [
        (f"billed_{billable.quantity}", billable.column)
        for billable in BILLABLES
        if billable.quantity in quantity_names()
        and (rates is None or any(getattr(rate, billable.column) is not None for *_, rate in rates))
    ]


def _price(context: AnalysisContext, card: RateCard, rates: _Rates, usage: str) -> None:
    nth = "1"
    if any(rate.round_up_to_s is not None for *_, rate in rates):
        context.sql(fill_units(context.filled(load_sql(__name__, "operation_usage.sql"))))
        usage = (
            f"(SELECT * FROM {usage} AS u ANTI JOIN operation_usage AS o ON o.stage = u.stage"
            " AND o.provider IS NOT DISTINCT FROM u.provider AND o.model IS NOT DISTINCT FROM u.model"
            " UNION ALL BY NAME FROM operation_usage)"
        )
    if any(rate.per_call is not None for *_, rate in rates):
        # Of a table's history only the rates that count calls: one that begins at midnight has its own first row.
        nth = (
            "row_number() OVER (PARTITION BY usage.call_id, rates.key, per_call IS NULL"
            " ORDER BY usage.day, usage.stage, usage.provider, usage.model, usage.used)"
        )
    text = fill_units(load_sql(__name__, "priced_usage.sql"), rates).replace("{usage}", usage).replace("{nth}", nth)
    context.sql(text, currency=card.currency)


def costs(context: AnalysisContext, card: RateCard) -> dict[int | None, Cost]:
    """Group number → cost; under None, all calls. Wants ``price_usage`` to have been called."""
    components: defaultdict[int | None, dict[str, Decimal | None]] = defaultdict(
        lambda: dict.fromkeys(COMPONENTS, ZERO)
    )
    shares: defaultdict[int | None, list[int]] = defaultdict(lambda: [0, 0])
    for part, component, amount, billable, covered in context.sql(
        context.filled(
            "SELECT part, component, sum(amount), sum(billable), sum(covered) FROM priced_usage {groups: component}"
        )
    ):
        components[part][component] = amount if amount is not None or billable else ZERO
        shares[part][0] += int(billable)
        shares[part][1] += int(covered)
    unpriced = _unpriced(context)
    elsewhere = _other_currencies(context)
    keys = {key for (key,) in context.sql("SELECT DISTINCT key FROM rates")}
    notes = tuple(outlier.sentence for outlier in list_outliers(card) if outlier.rate.key in keys)
    found = {}
    for part, calls, duration_s, unmetered in context.rows(load_sql(__name__, "metered_calls.sql")):
        billable, covered = shares[part]
        priced = [amount for amount in components[part].values() if amount is not None]
        total = exact_sum(priced) if any(priced) or not billable or covered else None
        found[part] = Cost(
            currency=card.currency,
            total=total,
            components=components[part],
            per_call_avg=_ratio(total, calls),
            per_minute=_ratio(total, duration_s, 60),
            coverage=covered / billable if billable else None,
            unpriced=tuple(unpriced[part]),
            billed_in_other_currencies=elsewhere[part],
            unmetered_user_turns=int(unmetered or 0),
            card=card.source,
            notes=notes,
        )
    return found


def cost_table(context: AnalysisContext, card: RateCard, by: Sequence[str]) -> CostTable:
    """The bill by ``by``: dimensions of calls, and component, stage, provider, model. Lines are dearest first.

    Wants ``price_usage`` to have been called. Raises UsageError for a dimension that is unknown.
    """
    check_dimensions(by, (*USAGE_DIMENSIONS, *CALL_DIMENSIONS))
    cost = costs(context, card)[None]
    columns = [
        f"{name} AS k{i}" if name in USAGE_DIMENSIONS else f"{CALL_DIMENSIONS[name]} AS k{i}"
        for i, name in enumerate(by)
    ]
    keys = [f"k{i}" for i in range(len(by))]
    sums = ", ".join(f"sum({name})" for name in quantity_names())
    rows = context.sql(
        f"SELECT {', '.join([*keys, 'sum(amount)', 'sum(operations)', 'sum(billable - covered)', sums])}"
        f" FROM (SELECT {', '.join([*columns, 'priced_usage.*'])} FROM priced_usage JOIN selected_calls USING (call_id))"
        f"{' GROUP BY ' + ', '.join(keys) if keys else ''}"
        f" ORDER BY {', '.join(['sum(amount) DESC NULLS LAST', *keys])}",
        **({"tz": context.selection.tz} if "day" in by else {}),
    )
    lines = []
    for row in rows:
        key, (amount, operations, unpriced, *quantities) = row[: len(by)], row[len(by) :]
        share = float(amount / cost.total) if amount is not None and cost.total else None
        used = {name: value for name, value in zip(quantity_names(), quantities, strict=True) if value is not None}
        lines.append(
            CostLine(dict(zip(by, key, strict=True)), amount, share, int(operations or 0), int(unpriced or 0), used)
        )
    return CostTable(tuple(by), tuple(lines), cost)


BILL_DIMENSIONS = ("component", "provider", "model")
"""What a bill is grouped by unless something else is asked for."""

COMPARED_DIMENSIONS = ("component",)
"""The same of a comparison of two cards."""


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


def _rates(context: AnalysisContext, card: RateCard) -> Iterator[tuple[str, str | None, str | None, int, Rate]]:
    """Every kind of usage with each rate that applies to it; a kind that has none does not come."""
    for stage, provider, model, used in context.rows(load_sql(__name__, "usage_to_price.sql")):
        for rate in card.match(stage, provider, model):
            yield stage, provider, model, used, rate


def _make_rates(context: AnalysisContext, rates: _Rates) -> None:
    columns: dict[str, tuple[str, list[Any]]] = {
        "stage": ("VARCHAR", [stage for stage, *_ in rates]),
        "provider": ("VARCHAR", [provider for _, provider, *_ in rates]),
        "model": ("VARCHAR", [model for _, _, model, *_ in rates]),
        "used": ("INTEGER", [used for *_, used, _ in rates]),
        "key": ("VARCHAR", [rate.key for *_, rate in rates]),
        "valid_from": ("DATE", [rate.effective_from or date.min for *_, rate in rates]),
        "valid_to": ("DATE", [rate.effective_to or date.max for *_, rate in rates]),
        "is_covered": ("BOOLEAN", [not unpriced_quantities(rate, used_names(used)) for *_, used, rate in rates]),
        "is_priced": ("BOOLEAN", [_has_price(rate, used_names(used)) for *_, used, rate in rates]),
        "unpriced": ("VARCHAR[]", [list(unpriced_quantities(rate, used_names(used))) for *_, used, rate in rates]),
        "round_up_to_s": ("DECIMAL(15, 6)", [rate.round_up_to_s for *_, rate in rates]),
        **{name: ("DECIMAL(23, 18)", [getattr(rate, name) for *_, rate in rates]) for name in RATE_COLUMNS},
    }
    # As text: a list of Decimals of different scales would become one of doubles.
    values = {
        name: [str(value) if isinstance(value, Decimal) else value for value in column]
        for name, (_, column) in columns.items()
    }
    select = ", ".join(f"CAST(unnest(${name}) AS {kind}) AS {name}" for name, (kind, _) in columns.items())
    context.sql(f"CREATE OR REPLACE TEMP TABLE rates AS SELECT {select}", **values)


def used_names(used: int) -> tuple[str, ...]:
    """The quantities whose bits are set in a ``used`` of the relation ``usage``."""
    return tuple(billable.quantity for n, billable in enumerate(BILLABLES) if used >> n & 1)


def _has_price(rate: Rate, names: Iterable[str]) -> bool:
    columns = {billable.quantity: billable.column for billable in BILLABLES}
    return rate.per_call is not None or any(getattr(rate, columns[name]) is not None for name in names)


def fill_units(text: str, rates: _Rates | None = None) -> str:
    """SQL with what is made from the table of units put in: ``{amount}``, ``{quantities}``, ``{billed_columns}``, ``{used}``.

    The amount leaves out quantities that none of ``rates`` prices, where they are given.
    """
    products = [
        f"coalesce({rounded_up_sql(column, 'round_up_to_s') if rate == 'per_second' else column} * {rate}, 0)"
        for column, rate in _products(rates)
    ]
    parts = {
        "amount": " + ".join([*products, "CASE WHEN nth = 1 THEN coalesce(per_call, 0) ELSE 0 END"]),
        "quantities": ", ".join(quantity_names()),
        "billed_columns": ", ".join(f"{sql} AS {column}" for column, sql in billed_quantities().items()),
        "used": used_quantities(),
    }
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return text


def _unpriced(context: AnalysisContext) -> defaultdict[int | None, list[Unpriced]]:
    found: defaultdict[int | None, list[Unpriced]] = defaultdict(list)
    names = quantity_names()
    sums = ", ".join(f"sum({name})" for name in names)
    for part, stage, provider, model, operations, used, unpriced, *amounts in context.sql(
        "SELECT part, stage, provider, model, sum(billable), bit_or(used), list(DISTINCT unpriced), "
        f"{sums} FROM priced_usage WHERE billable > covered"
        + context.filled(" {groups: stage, provider, model} ORDER BY ALL")
    ):
        wanted = set(used_names(used)) if None in unpriced else {name for names_ in unpriced for name in names_}
        quantities = {
            name: amount for name, amount in zip(names, amounts, strict=True) if name in wanted and amount is not None
        }
        found[part].append(Unpriced(stage, provider, model, int(operations), quantities))
    return found


def _other_currencies(context: AnalysisContext) -> defaultdict[int | None, dict[str, Decimal]]:
    found: defaultdict[int | None, dict[str, Decimal]] = defaultdict(dict)
    for part, currency, amount in context.sql(
        "SELECT part, other_currency, sum(other_amount) FROM priced_usage WHERE other_currency IS NOT NULL "
        + context.filled("{groups: other_currency} ORDER BY other_currency")
    ):
        found[part][currency] = amount
    return found


def _ratio(amount: Decimal | None, over: Decimal | int | None, times: int = 1) -> Decimal | None:
    """``amount`` × ``times`` ÷ ``over`` to the places of a rate; None where there is nothing to divide."""
    return (
        round_fraction(Fraction(amount) * times / Fraction(over), RATE_PLACES) if over and amount is not None else None
    )
