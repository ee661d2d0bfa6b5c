"""How calls ended: their outcomes, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.outcomes.results import OUTCOMES, OutcomeReport, Outcomes
from voicetel.outcomes import CallOutcome
from voicetel.results import Grouped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.request import Request


def outcomes(context: AnalysisContext) -> dict[int | None, Outcomes]:
    """Group → how its calls ended; under None, all calls."""
    found: dict[int | None, dict[str, tuple[int, Decimal, int]]] = {None: {}}
    counted = context.aggregate_rows(
        "outcome_counts", load_sql(__name__, "outcomes.sql"), MergeByKeys(keys=("group_id", "outcome"))
    )
    for group_id, outcome, calls, confidence_sum, answered in counted:
        found.setdefault(group_id, {})[outcome] = (calls, confidence_sum, answered)
    return {group_id: _outcomes(counts) for group_id, counts in found.items()}


def answer(request: Request) -> Grouped[OutcomeReport]:
    """``voicetel outcomes``. Raises NoDataError where there are no calls."""
    context = request.context()
    found = {group_id: OutcomeReport(each) for group_id, each in outcomes(context).items()}
    return Grouped(found[None], context.groups(found))


def _outcomes(counts: Mapping[str, tuple[int, Decimal, int]]) -> Outcomes:
    answered = sum(answered for _, _, answered in counts.values())
    calls = {name: counts[name][0] if name in counts else 0 for name in OUTCOMES}
    confidence = {name: float(counts[name][1]) / count if count else None for name, count in calls.items()}
    known = answered - counts.get(CallOutcome.UNKNOWN.value, (0, 0, 0))[2]
    return Outcomes(calls, answered, calls[CallOutcome.SUCCESS] / answered if known else None, confidence)
