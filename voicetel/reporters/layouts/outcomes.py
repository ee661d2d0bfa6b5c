"""``voicetel outcomes``: how calls ended, and why one of them did."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicetel.analyzers.outcomes.results import OUTCOMES, OutcomeReport
from voicetel.outcomes import in_plain_words
from voicetel.reporters.document import PLAIN_VIEW, Document, Section, View
from voicetel.reporters.layouts.analysis import outcome_table, success_sentence
from voicetel.reporters.table import Column, Table
from voicetel.results import CellFormat, Grouped
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from voicetel.analyzers.outcomes.explanation import Explanation
    from voicetel.analyzers.outcomes.results import Outcomes
    from voicetel.results import Cell


def outcomes_document(report: Grouped[OutcomeReport], view: View = PLAIN_VIEW) -> Document:
    """One row per outcome or, where groups were asked for, one per group and a total."""
    total = report.total.outcomes
    if not report.groups:
        return Document((), (Section(table=outcome_table(total), text=success_sentence(total)),))
    table = outcomes_table(report)
    rest = [""] * (len(report.groups[0].group) - 1)
    return Document((), (Section(table=Table(table.columns, table.rows, ["Total", *rest, *_row(total)])),))


def outcomes_table(report: Grouped[OutcomeReport]) -> Table:
    """One row per group, or one over all calls, a column per outcome."""
    by = report.groups[0].group if report.groups else ()
    columns = (
        *(Column(name, name, CellFormat.KEY) for name in by),
        Column("calls", "calls", CellFormat.COUNT),
        *(Column(f"outcome_{name}", name, CellFormat.COUNT) for name in OUTCOMES),
        Column("answered", "answered", CellFormat.COUNT),
        Column("success_rate", "success rate", CellFormat.SHARE),
    )
    groups = [[*each.group.values(), *_row(each.figures.outcomes)] for each in report.groups]
    return Table(columns, groups or [_row(report.total.outcomes)])


def explanation_table(explained: Explanation) -> Table:
    """One row per rule, in the order in which they are asked."""
    columns = (
        Column("rule", "rule"),
        Column("decided", "decides"),
        Column("outcome", "outcome"),
        Column("confidence", "confidence", CellFormat.SCORE),
        Column("said", "because", wraps=True),
    )
    rows: list[list[Cell]] = [
        [
            step.rule,
            "yes" if step.decided else "",
            step.outcome or "",
            "" if step.confidence is None else step.confidence,
            step.said,
        ]
        for step in explained.steps
    ]
    return Table(columns, rows)


def explanation_document(explained: Explanation, view: View = PLAIN_VIEW) -> Document:
    """The chain, rule by rule; of phrases it names the group, where CSV and JSON have the line of the rules."""
    plain = [replace(step, said=in_plain_words(step.said, step.rule)) for step in explained.steps]
    return Document(
        (visible(explained.call_id),), (Section(table=explanation_table(replace(explained, steps=tuple(plain)))),)
    )


def _row(found: Outcomes) -> list[Cell]:
    return [sum(each.calls for each in found.shares), *found.calls.values(), found.answered, found.success_rate]
