"""The same use priced by two rate cards."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from voicetel.analyzers.cost.results import Cost, CostTable
from voicetel.pricing.money import EXACT
from voicetel.results import figure, result


@result
class ComparedAmounts:
    """What two cards make of the same use; None where it has no price."""

    amount: Decimal | None = figure("By the first card. Null: it prices nothing of it.", unit="money")
    other_amount: Decimal | None = figure("By the second card.", unit="money")
    difference: Decimal | None = figure("other_amount − amount.", unit="money", signed=True)
    share: float | None = figure("difference ÷ amount.", unit="share", signed=True)


@result
class ComparedLine:
    """One group of the bill, priced by both cards."""

    key: Mapping[str, str | None] = figure("One member for each name in `by`.", inline=True)
    amounts: ComparedAmounts = figure(inline=True)


@result
class CostComparison:
    """Two bills of the same use, side by side, in the order of the first."""

    by: tuple[str, ...] = figure("What the lines are grouped by.")
    lines: tuple[ComparedLine, ...] = figure("In the order of the first bill.", rows=True)
    total: ComparedAmounts = figure("All of it.")
    cost: Cost = figure("By the first card.")
    other_cost: Cost = figure("By the second card.")

    @property
    def rate_notes(self) -> tuple[str, ...]:
        """Rates of either card far off their list price."""
        return tuple(dict.fromkeys([*self.cost.notes, *self.other_cost.notes]))


def compare_costs(bill: CostTable, other: CostTable) -> CostComparison:
    """The groups of both bills, which are of the same use."""
    amounts = {tuple(line.key.values()): line.amount for line in other.lines}
    lines = tuple(
        ComparedLine(line.key, _compared(line.amount, amounts.get(tuple(line.key.values())))) for line in bill.lines
    )
    return CostComparison(bill.by, lines, _compared(bill.cost.total, other.cost.total), bill.cost, other.cost)


def _compared(amount: Decimal | None, other: Decimal | None) -> ComparedAmounts:
    difference = None if amount is None or other is None else EXACT.subtract(other, amount)
    share = float(difference / amount) if difference is not None and amount else None
    return ComparedAmounts(amount, other, difference, share)
