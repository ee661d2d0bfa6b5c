"""``voicetel cost --compare``: the same use priced by two cards, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters.document import PLAIN_VIEW, Document, Section
from voicetel.reporters.layouts.notes import (
    coverage_sentence,
    far_off_notes,
    per_call_sentence,
    rate_warnings,
    total_cell,
)
from voicetel.reporters.table import UNPRICED, Column, Table
from voicetel.results import CellFormat
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from voicetel.analyzers.cost.comparison import ComparedAmounts, CostComparison
    from voicetel.reporters.document import View
    from voicetel.results import Cell


def comparison_document(found: CostComparison, view: View = PLAIN_VIEW) -> Document:
    """One row per group that either card prices, with the totals, and how much of the use each card covers."""
    lines = [line for line in found.lines if line.amounts.amount is not None or line.amounts.other_amount is not None]
    rows: list[list[Cell]] = [[*line.key.values(), *_for_people(line.amounts)] for line in lines]
    total: list[Cell] = ["Total", *[""] * (len(found.by) - 1)] if found.by else []
    costs = (found.cost, found.other_cost)
    compared = [*map(total_cell, costs), found.total.difference, found.total.share]
    table = Table(_columns(found), rows, [*total, *compared])
    notes = [f"{visible(each.card)}: {coverage_sentence(each)}." for each in costs]
    notes += [f"{visible(each.card)}: {sentence}." for each in costs if (sentence := per_call_sentence(each))]
    notes += far_off_notes(found.rate_notes)
    return Document((), (Section(table=table),), tuple(notes), tuple(rate_warnings(found.rate_notes)))


def _columns(found: CostComparison) -> tuple[Column, ...]:
    currency = visible(found.cost.currency)
    return (
        *(Column(name, name, CellFormat.KEY) for name in found.by),
        Column("amount", f"{_title(found.cost.card)}, {currency}", CellFormat.MONEY),
        Column("other_amount", _title(found.other_cost.card), CellFormat.MONEY),
        Column("difference", "difference", CellFormat.MONEY),
        Column("share", "change", CellFormat.SHARE),
    )


def _for_people(amounts: ComparedAmounts) -> list[Cell]:
    priced = (UNPRICED if amount is None else amount for amount in (amounts.amount, amounts.other_amount))
    return [*priced, amounts.difference, amounts.share]


def _title(card: str) -> str:
    """A card's name without what stands in brackets behind it: an edition is for the notes."""
    return visible(card.partition(" (")[0])
