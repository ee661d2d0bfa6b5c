"""``voicetel outcomes``: how calls ended, and why one of them did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.outcomes import CallOutcome
from voicetel.reporters.analysis import outcome_grid, success_sentence
from voicetel.reporters.document import Document, Section
from voicetel.reporters.grid import Column, Grid, Kind
from voicetel.reporters.json_report import SCHEMA_VERSION, outcomes_json
from voicetel.reporters.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicetel.analyzers.outcomes.explanation import Explanation
    from voicetel.analyzers.outcomes.results import Outcomes
    from voicetel.reporters.grid import Cell

Group = tuple[str | None, ...]


def outcomes_document(total: Outcomes, by: Sequence[str], groups: Mapping[Group, Outcomes]) -> Document:
    """One row per outcome or, where groups were asked for, one per group and a total."""
    if not groups:
        return Document((), (Section(grid=outcome_grid(total), text=success_sentence(total)),))
    grid = outcomes_grid(total, by, groups)
    rest = [""] * (len(by) - 1)
    return Document((), (Section(grid=Grid(grid.columns, grid.rows, ["Total", *rest, *_row(total)])),))


def outcomes_grid(total: Outcomes, by: Sequence[str], groups: Mapping[Group, Outcomes]) -> Grid:
    """One row per group, or one over all calls, a column per outcome."""
    columns = (
        *(Column(name, name, Kind.KEY) for name in by),
        Column("calls", "calls", Kind.COUNT),
        *(Column(f"outcome_{outcome}", outcome, Kind.COUNT) for outcome in CallOutcome),
        Column("answered", "answered", Kind.COUNT),
        Column("success_rate", "success rate", Kind.SHARE),
    )
    return Grid(columns, [[*key, *_row(found)] for key, found in groups.items()] or [_row(total)])


def outcomes_report_json(total: Outcomes, by: Sequence[str], groups: Mapping[Group, Outcomes]) -> dict[str, Any]:
    """The answer as a document."""
    document: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "outcomes": outcomes_json(total)}
    if groups:
        document["groups"] = [
            {"group": dict(zip(by, key, strict=True)), "outcomes": outcomes_json(found)}
            for key, found in groups.items()
        ]
    return document


def explanation_grid(explained: Explanation) -> Grid:
    """One row per rule, in the order in which they are asked."""
    columns = (
        Column("rule", "rule"),
        Column("decided", "decides"),
        Column("outcome", "outcome"),
        Column("confidence", "confidence", Kind.SCORE),
        Column("said", "because"),
    )
    rows: list[list[Cell]] = [
        [
            step.rule,
            "yes" if step.decided else "",
            step.verdict.outcome.value if step.verdict else "",
            step.verdict.confidence if step.verdict else "",
            step.said,
        ]
        for step in explained.steps
    ]
    return Grid(columns, rows)


def explanation_document(explained: Explanation) -> Document:
    """The chain, rule by rule."""
    return Document((visible(explained.call_id),), (Section(grid=explanation_grid(explained)),))


def explanation_json(explained: Explanation) -> dict[str, Any]:
    """The chain as a document."""
    steps = [
        {
            "rule": step.rule,
            "decided": step.decided,
            "outcome": step.verdict.outcome.value if step.verdict else None,
            "confidence": step.verdict.confidence if step.verdict else None,
            "said": step.said,
        }
        for step in explained.steps
    ]
    return {"schema_version": SCHEMA_VERSION, "call_id": explained.call_id, "steps": steps}


def _row(found: Outcomes) -> list[Cell]:
    calls = {share.outcome: share.calls for share in found.shares}
    counts = [calls.get(outcome.value, 0) for outcome in CallOutcome]
    return [sum(counts), *counts, found.answered, found.success_rate]
