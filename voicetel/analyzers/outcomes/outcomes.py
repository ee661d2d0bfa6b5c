"""How calls ended: their verdicts, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.outcomes.results import Outcomes, OutcomeShare
from voicetel.outcomes import CallOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from voicetel.analyzers.core.context import AnalysisContext


def outcomes(context: AnalysisContext) -> dict[int | None, Outcomes]:
    """Group number → how its calls ended; under None, all calls."""
    found: dict[int | None, dict[str, tuple[int, Decimal, int]]] = {None: {}}
    for part, outcome, calls, confidence_sum, answered in context.rows(load_sql(__name__, "outcomes.sql")):
        found.setdefault(part, {})[outcome] = (calls, confidence_sum, answered)
    return {part: _outcomes(counts) for part, counts in found.items()}


def _outcomes(counts: Mapping[str, tuple[int, Decimal, int]]) -> Outcomes:
    total = sum(calls for calls, _, _ in counts.values())
    answered = sum(answered for _, _, answered in counts.values())
    shares = []
    for outcome in CallOutcome:
        calls, confidence_sum, _ = counts.get(outcome.value, (0, 0, 0))
        shares.append(
            OutcomeShare(
                outcome.value,
                calls,
                calls / total if total else None,
                float(confidence_sum) / calls if calls else None,
            )
        )
    successes = counts.get(CallOutcome.SUCCESS.value, (0, 0, 0))[0]
    known = answered - counts.get(CallOutcome.UNKNOWN.value, (0, 0, 0))[2]
    return Outcomes(tuple(shares), answered, successes / answered if known else None)
