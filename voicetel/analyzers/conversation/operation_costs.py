"""What the operations of a call cost, one by one: read in order, and held only where they are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.conversation.results import Operation
from voicetel.analyzers.conversation.turn_range import MAX_MARKS_AND_TURNLESS_OPERATIONS
from voicetel.pricing import amount_of, cost_of
from voicetel.pricing.money import EXACT
from voicetel.pricing.units import COMPONENTS
from voicetel.store.column_types import quantity_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from voicetel.pricing import OperationCost, RateCard

_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class _PricedOperation:
    """An operation that is shown. ``earlier_cost_in_component``: what the earlier ones of its component cost, in the card's currency."""

    row: Mapping[str, Any]
    cost: OperationCost
    component_index: int
    earlier_cost_in_component: Fraction


@dataclass(slots=True)
class CallOperations:
    """The operations of one call, which come in the order of their time.

    A rate per call falls on the first that it applies to, and the amounts add up to the parts of what the call cost: each is
    what the sum up to it has more than the sum before it. Therefore all of them are priced, also those that are not shown.
    """

    card: RateCard
    rates_with_fee_charged: set[str] = field(default_factory=set)
    sum_by_component: dict[int, Fraction] = field(default_factory=dict)
    to_show: list[_PricedOperation] = field(default_factory=list)
    turnless_operations: int = 0
    """Operations that belong to no turn; MAX_MARKS_AND_TURNLESS_OPERATIONS of them are shown."""

    def add(self, row: Mapping[str, Any], *, is_shown: bool) -> None:
        """The next one. ``is_shown``: its turn is, if it has one."""
        cost = self._price(row)
        component_index = COMPONENTS.index(row["stage"] if row["stage"] in COMPONENTS else "other")
        before = self.sum_by_component.get(component_index, _NOTHING)
        if cost.exact is not None and cost.currency == self.card.currency:
            self.sum_by_component[component_index] = before + cost.exact
        if row["event"] != "turn":
            self.turnless_operations += 1
            is_shown = self.turnless_operations <= MAX_MARKS_AND_TURNLESS_OPERATIONS
        if is_shown:
            self.to_show.append(_PricedOperation(row, cost, component_index, before))

    def shown_by_turn(self) -> dict[int | None, tuple[Operation, ...]]:
        """Line key of a turn → its operations by start; under None, those of no turn."""
        cost_of_components_before = {
            component: sum(
                (self.sum_by_component[each] for each in self.sum_by_component if each < component), _NOTHING
            )
            for component in self.sum_by_component
        }
        found: dict[int | None, list[Operation]] = {}
        for each in self.to_show:
            amount = self._amount(each, cost_of_components_before.get(each.component_index, _NOTHING))
            key = each.row["line_key"] if each.row["event"] == "turn" else None
            found.setdefault(key, []).append(_operation(each.row, each.cost, amount))
        return {key: tuple(operations) for key, operations in found.items()}

    def _amount(self, each: _PricedOperation, cost_of_components_before: Fraction) -> Decimal | None:
        """As in operation_rows.sql: component by component."""
        exact = each.cost.exact
        if exact is None or each.cost.currency != self.card.currency:
            return each.cost.amount
        before = cost_of_components_before + each.earlier_cost_in_component
        return EXACT.subtract(amount_of(before + exact), amount_of(before))

    def _price(self, row: Mapping[str, Any]) -> OperationCost:
        day = row["ts"].date()
        rate = self.card.rate_on(day, row["stage"], row["provider"], row["model"])
        carries_call_fee = (
            rate is not None and rate.per_call is not None and rate.key not in self.rates_with_fee_charged
        )
        cost = cost_of(row, self.card, day, carries_call_fee=carries_call_fee)
        if rate is not None and carries_call_fee and cost.source != "billed":
            self.rates_with_fee_charged.add(rate.key)
        return cost


def _operation(row: Mapping[str, Any], cost: OperationCost, amount: Decimal | None) -> Operation:
    return Operation(
        stage=row["stage"],
        provider=row["provider"],
        model=row["model"],
        name=row["name"],
        start_ms=_ms(row["start_ms"]),
        ttfb_ms=_ms(row["ttfb_ms"]),
        duration_ms=_ms(row["duration_ms"]),
        status=row["status"],
        quantities={name: row[name] for name in quantity_names() if row[name] is not None},
        cost=amount,
        currency=None if amount is None else cost.currency,
        cost_source=cost.source,
        unpriced=cost.unpriced,
    )


def _ms(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
