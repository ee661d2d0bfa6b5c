"""``voicetel cost --compare``: the same use priced by two cards, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicetel.pricing.money import EXACT
from voicetel.reporters.document import Document, Section
from voicetel.reporters.json_report import SCHEMA_VERSION, cost_json, money
from voicetel.reporters.layouts.notes import coverage_sentence
from voicetel.reporters.table import UNPRICED, Column, Table
from voicetel.reporters.text_safety import visible
from voicetel.results import CellFormat

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from voicetel.analyzers.cost.results import CostTable
    from voicetel.results import Cell


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """What two cards make of one group; None where it has no price."""

    key: tuple[str | None, ...]
    amount: Decimal | None
    other_amount: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """The other card's amount less the first's."""
        if self.amount is None or self.other_amount is None:
            return None
        return EXACT.subtract(self.other_amount, self.amount)

    @property
    def share(self) -> float | None:
        """The difference as a share of the first card's amount."""
        return float(self.difference / self.amount) if self.difference is not None and self.amount else None


def compared(bill: CostTable, other: CostTable) -> list[ComparedLine]:
    """The groups of both bills, which are of the same use, in the order of the first."""
    amounts = {line.key: line.amount for line in other.lines}
    return [ComparedLine(line.key, line.amount, amounts.get(line.key)) for line in bill.lines]


def comparison_table(bill: CostTable, other: CostTable) -> Table:
    """One row per group."""
    return Table(_columns(bill, other), [_row(line) for line in compared(bill, other)])


def comparison_document(bill: CostTable, other: CostTable) -> Document:
    """One row per group that either card prices, with the totals, and how much of the use each card covers."""
    lines = [line for line in compared(bill, other) if line.amount is not None or line.other_amount is not None]
    whole = ComparedLine((), bill.cost.total, other.cost.total)
    total: list[Cell] = ["Total", *[""] * (len(bill.by) - 1)] if bill.by else []
    table = Table(_columns(bill, other), [_for_people(line) for line in lines], [*total, *_for_people(whole)])
    notes = [f"{visible(each.cost.card)}: {coverage_sentence(each.cost)}." for each in (bill, other)]
    return Document((), (Section(table=table),), tuple(notes))


def comparison_json(bill: CostTable, other: CostTable) -> dict[str, Any]:
    """Every group with both amounts, and both costs in full."""
    return {
        "schema_version": SCHEMA_VERSION,
        "by": list(bill.by),
        "lines": [{**dict(zip(bill.by, line.key, strict=True)), **_amounts(line)} for line in compared(bill, other)],
        "total": _amounts(ComparedLine((), bill.cost.total, other.cost.total)),
        "cost": cost_json(bill.cost),
        "other_cost": cost_json(other.cost),
    }


def _amounts(line: ComparedLine) -> dict[str, Any]:
    return {
        "amount": money(line.amount),
        "other_amount": money(line.other_amount),
        "difference": money(line.difference),
        "share": line.share,
    }


def _columns(bill: CostTable, other: CostTable) -> tuple[Column, ...]:
    currency = visible(bill.cost.currency)
    return (
        *(Column(name, name, CellFormat.KEY) for name in bill.by),
        Column("amount", f"{visible(bill.cost.card)}, {currency}", CellFormat.MONEY),
        Column("other_amount", visible(other.cost.card), CellFormat.MONEY),
        Column("difference", "difference", CellFormat.MONEY),
        Column("share", "change", CellFormat.SHARE),
    )


def _row(line: ComparedLine) -> Sequence[Cell]:
    return (*line.key, line.amount, line.other_amount, line.difference, line.share)


def _for_people(line: ComparedLine) -> list[Cell]:
    priced = (UNPRICED if amount is None else amount for amount in (line.amount, line.other_amount))
    return [*line.key, *priced, line.difference, line.share]
