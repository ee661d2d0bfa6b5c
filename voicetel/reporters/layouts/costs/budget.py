"""``voicetel cost --budget``: spent, expected, and when it is used up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.document import PLAIN_VIEW, Document, Section, View
from voicetel.reporters.layouts.notes import far_off_notes, rate_warnings
from voicetel.reporters.table import Column, Table
from voicetel.results import CellFormat
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from voicetel.gate.budget import BudgetReport
    from voicetel.results import Cell


def budget_document(found: BudgetReport, view: View = PLAIN_VIEW) -> Document:
    """One figure a row, and a sentence on where it leads."""
    rows: list[list[Cell]] = [
        ["budget", found.budget],
        ["spent so far", found.spent],
        ["a day, of the last seven", found.per_day],
        ["expected at the end", found.expected],
    ]
    if found.expected_low is not None and found.expected_high is not None:
        rows += [["  at least (95 %)", found.expected_low], ["  at most", found.expected_high]]
    columns = (
        Column("figure", f"{found.begins} to {found.ends}"),
        Column("amount", visible(found.currency), CellFormat.MONEY),
    )
    section = Section(table=Table(columns, rows), text=budget_sentence(found))
    notes, warnings = tuple(far_off_notes(found.rate_notes)), tuple(rate_warnings(found.rate_notes))
    return Document((), (section,), notes, warnings)


def budget_sentence(found: BudgetReport) -> str:
    """Where it leads."""
    if found.is_over:
        over = formatting.money(found.spent - found.budget)
        return f"Over by {visible(found.currency)} {over}, since {found.used_up_on}."
    if found.used_up_on is not None:
        return f"At this pace it is used up on {found.used_up_on}."
    if found.per_day is None:
        return "There is no whole day in the logs to tell the pace by."
    return "At this pace it lasts."
