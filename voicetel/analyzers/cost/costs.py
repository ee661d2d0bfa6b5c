"""What calls cost, in parts and in all, and what has no price."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.cost.rate_notes import rate_notes
from voicetel.analyzers.cost.results import Cost, Unpriced
from voicetel.analyzers.priced_usage.rates import quantities_of_bits
from voicetel.pricing import exact_sum, rounded_to_sum
from voicetel.pricing.money import NINTHS, RATE_PLACES, round_fraction
from voicetel.pricing.units import COMPONENTS
from voicetel.store.column_types import quantity_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import RateCard


def costs(context: AnalysisContext, card: RateCard, *, with_groups: bool = True) -> dict[int | None, Cost]:
    """Group → cost; under None, all calls, or nothing else. Wants ``price_usage`` to have been called."""
    group_ids = context.group_ids if with_groups else (None,)
    found_amounts = _group_amounts(context)
    amounts = {group_id: found_amounts.get(group_id, _GroupAmounts()) for group_id in group_ids}
    unpriced = _unpriced(context) if amounts[None].billable > amounts[None].covered else defaultdict(list)
    other_currencies = _other_currencies(context)
    notes = rate_notes(context, card)
    rows = context.aggregate_rows(
        "cost_denominators", load_sql(__name__, "cost_denominators.sql"), MergeByKeys(order_by="group_id")
    )
    denominators = {group_id: rest for group_id, *rest in rows}
    components = _rounded_components({group_id: each.components for group_id, each in amounts.items()})
    untimed = {
        group_id: Fraction(ninths or 0) / NINTHS
        for group_id, ninths in context.rows("SELECT group_id, sum(ninths) FROM untimed_costs GROUP BY group_id")
    }
    found = {}
    for group_id, each in amounts.items():
        # What is of calls is not known of a group of turns or operations.
        calls, duration_s, successes, answered, unmetered = denominators.get(group_id, (None,) * 5)
        whole = each.total
        timed = None if whole is None else whole - untimed.get(group_id, Fraction(0))
        found[group_id] = Cost(
            currency=card.currency,
            total=None if whole is None else exact_sum(filter(None, components[group_id].values())),
            components=components[group_id],
            per_call_avg=_ratio(whole, calls),
            per_minute=_ratio(timed, duration_s, 60),
            per_success=_ratio(whole, successes),
            per_answered=_ratio(whole, answered),
            coverage=each.covered / each.billable if each.billable else None,
            unpriced=tuple(unpriced[group_id]),
            billed_in_other_currencies=other_currencies[group_id],
            unmetered_user_turns=None if calls is None else int(unmetered or 0),
            card=card.source,
            notes=notes,
        )
    return found


@dataclass(slots=True)
class _GroupAmounts:
    """What a group's operations cost by component, exact, where it is known; how many could be priced, and how many are."""

    priced: dict[str, Fraction] = field(default_factory=dict)
    unpriced: set[str] = field(default_factory=set)
    billable: int = 0
    covered: int = 0

    @property
    def components(self) -> dict[str, Fraction | None]:
        """Every component: 0 where it was not used; None where it was and has no price, or nothing billable was logged at all."""
        rest = Fraction(0) if self.billable or self.priced else None
        return {name: self.priced.get(name, None if name in self.unpriced else rest) for name in COMPONENTS}

    @property
    def total(self) -> Fraction | None:
        """Their sum; None where none has a price."""
        return sum(self.priced.values(), Fraction(0)) if self.priced else None


def _group_amounts(context: AnalysisContext) -> dict[int | None, _GroupAmounts]:
    found: defaultdict[int | None, _GroupAmounts] = defaultdict(_GroupAmounts)
    rule = MergeByKeys(keys=("group_id", "component"))
    for group_id, component, ninths, billable, covered in context.aggregate_rows(
        "cost_of_components", load_sql(__name__, "cost_of_components.sql"), rule
    ):
        amounts = found[group_id]
        if ninths is not None:
            amounts.priced[component] = Fraction(ninths) / NINTHS
        elif billable:
            amounts.unpriced.add(component)
        amounts.billable += int(billable)
        amounts.covered += int(covered)
    return found


def _rounded_components(
    exact: Mapping[int | None, Mapping[str, Fraction | None]],
) -> dict[int | None, dict[str, Decimal | None]]:
    """Exact amounts as decimals that add up to the last digit: components to a total, and groups to all calls."""
    groups = [group_id for group_id in exact if group_id is not None]
    whole = exact.get(None, {})
    known = [name for name in COMPONENTS if whole.get(name) is not None]
    totals = dict(zip(known, rounded_to_sum([whole[name] or Fraction(0) for name in known]), strict=True))
    found: dict[int | None, dict[str, Decimal | None]] = {group_id: dict.fromkeys(COMPONENTS) for group_id in exact}
    found[None] = {name: totals.get(name) for name in COMPONENTS}
    for name in COMPONENTS:
        priced = [group_id for group_id in groups if exact[group_id][name] is not None]
        parts = [exact[group_id][name] or Fraction(0) for group_id in priced]
        if parts:
            for group_id, amount in zip(priced, rounded_to_sum(parts, totals.get(name)), strict=True):
                found[group_id][name] = amount
    return found


def _unpriced(context: AnalysisContext) -> defaultdict[int | None, list[Unpriced]]:
    found: defaultdict[int | None, list[Unpriced]] = defaultdict(list)
    models = ("group_id", "stage", "provider", "model")
    rule = MergeByKeys(keys=models, bit_or_of=("quantity_bits",), union_of=("unpriced",), order_by=", ".join(models))
    for row in context.aggregate_records("unpriced_usage", load_sql(__name__, "unpriced_usage.sql"), rule):
        without_rate = None in row["unpriced"]
        wanted = (
            quantities_of_bits(row["quantity_bits"])
            if without_rate
            else {name for names in row["unpriced"] for name in names}
        )
        quantities = {name: row[name] for name in quantity_names() if name in wanted and row[name] is not None}
        found[row["group_id"]].append(
            Unpriced(
                row["stage"],
                row["provider"],
                row["model"],
                int(row["operations"]),
                quantities,
                int(row["unreadable_operations"]),
            )
        )
    return found


def _other_currencies(context: AnalysisContext) -> defaultdict[int | None, dict[str, Decimal]]:
    found: defaultdict[int | None, dict[str, Decimal]] = defaultdict(dict)
    rule = MergeByKeys(keys=("group_id", "currency"), order_by="currency")
    charged = context.aggregate_rows("other_currencies", load_sql(__name__, "other_currencies.sql"), rule)
    for group_id, currency, amount in charged:
        found[group_id][currency] = amount
    return found


def _ratio(amount: Fraction | None, over: Decimal | int | None, times: int = 1) -> Decimal | None:
    """``amount`` × ``times`` ÷ ``over`` to the places of a rate; None where there is nothing to divide."""
    if not over or amount is None:
        return None
    return round_fraction(amount * times / Fraction(over), RATE_PLACES)
