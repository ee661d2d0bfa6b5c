"""``voicetel outcomes``: how calls ended, and why one of them did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.outcomes import CallOutcome
from voicetel.reporters.document import Document, Section
from voicetel.reporters.json_report import SCHEMA_VERSION, outcomes_json
from voicetel.reporters.layouts.analysis import outcome_table, success_sentence
from voicetel.reporters.table import Column, Table
from voicetel.reporters.text_safety import visible
from voicetel.results import CellFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicetel.analyzers.outcomes.explanation import Explanation
    from voicetel.analyzers.outcomes.results import Outcomes
    from voicetel.results import Cell

Group = tuple[str | None, ...]


def outcomes_document(total: Outcomes, by: Sequence[str], groups: Mapping[Group, Outcomes]) -> Document:
    """One row per outcome or, where groups were asked for, one per group and a total."""
    if not groups:
        return Document((), (Section(table=outcome_table(total), text=success_sentence(total)),))
    table = outcomes_table(total, by, groups)
    rest = [""] * (len(by) - 1)
    return Document((), (Section(table=Table(table.columns, table.rows, ["Total", *rest, *_row(total)])),))


def outcomes_table(total: Outcomes, by: Sequence[str], groups: Mapping[Group, Outcomes]) -> Table:
    """One row per group, or one over all calls, a column per outcome."""
    columns = (
        *(Column(name, name, CellFormat.KEY) for name in by),
        Column("calls", "calls", CellFormat.COUNT),
        *(Column(f"outcome_{outcome}", outcome, CellFormat.COUNT) for outcome in CallOutcome),
        Column("answered", "answered", CellFormat.COUNT),
        Column("success_rate", "success rate", CellFormat.SHARE),
    )
    return Table(columns, [[*key, *_row(found)] for key, found in groups.items()] or [_row(total)])


def outcomes_report_json(total: Outcomes, by: Sequence[str], groups: Mapping[Group, Outcomes]) -> dict[str, Any]:
    """The answer as a document."""
    document: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "outcomes": outcomes_json(total)}
    if groups:
        document["groups"] = [
            {"group": dict(zip(by, key, strict=True)), "outcomes": outcomes_json(found)}
            for key, found in groups.items()
        ]
    return document


def explanation_table(explained: Explanation) -> Table:
    """One row per rule, in the order in which they are asked."""
    columns = (
        Column("rule", "rule"),
        Column("decided", "decides"),
        Column("outcome", "outcome"),
        Column("confidence", "confidence", CellFormat.SCORE),
        Column("said", "because"),
    )
    rows: list[list[Cell]] = [
        [
            step.rule,
            "yes" if step.decided else "",
            step.classification.outcome.value if step.classification else "",
            step.classification.confidence if step.classification else "",
            step.said,
        ]
        for step in explained.steps
    ]
    return Table(columns, rows)


def explanation_document(explained: Explanation) -> Document:
    """The chain, rule by rule."""
    return Document((visible(explained.call_id),), (Section(table=explanation_table(explained)),))


def explanation_json(explained: Explanation) -> dict[str, Any]:
    """The chain as a document."""
    steps = [
        {
            "rule": step.rule,
            "decided": step.decided,
            "outcome": step.classification.outcome.value if step.classification else None,
            "confidence": step.classification.confidence if step.classification else None,
            "said": step.said,
        }
        for step in explained.steps
    ]
    return {"schema_version": SCHEMA_VERSION, "call_id": explained.call_id, "steps": steps}


def _row(found: Outcomes) -> list[Cell]:
    calls = {share.outcome: share.calls for share in found.shares}
    counts = [calls.get(outcome.value, 0) for outcome in CallOutcome]
    return [sum(counts), *counts, found.answered, found.success_rate]
