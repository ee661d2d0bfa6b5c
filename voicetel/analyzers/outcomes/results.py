"""How calls ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from voicetel.outcomes import CallOutcome
from voicetel.results import Grouped, figure, result

OUTCOMES = tuple(outcome.value for outcome in CallOutcome)
"""Every outcome, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class OutcomeShare:
    """Calls that ended in one way. ``share`` is of all calls, ``confidence_avg`` the mean confidence of those outcomes."""

    outcome: str
    calls: int
    share: float | None
    confidence_avg: float | None


@result
class Outcomes:
    """How calls ended: ``calls`` by outcome, in the order of OUTCOMES. All None of a group of turns or operations."""

    calls: Mapping[str, int | None] = figure("Calls that ended so.", keys=OUTCOMES, inline=True)
    answered: int | None = figure("Calls that somebody answered.", column="answered")
    success_rate: float | None = figure(
        "success ÷ answered. Null where the outcome of none of them is known.", unit="share", column="success_rate"
    )
    confidence_avg: Mapping[str, float | None] = figure(
        "Mean confidence of the calls that ended so.", unit="share", keys=OUTCOMES, in_rows=False
    )

    @property
    def shares(self) -> tuple[OutcomeShare, ...]:
        """Every outcome with its share of all calls."""
        known = {name: calls for name, calls in self.calls.items() if calls is not None}
        total = sum(known.values())
        return tuple(
            OutcomeShare(name, calls, calls / total if total else None, self.confidence_avg[name])
            for name, calls in known.items()
        )


@result
class OutcomeReport:
    """``voicetel outcomes``, of one set of calls."""

    outcomes: Outcomes = figure("How the calls ended.")


NO_OUTCOMES = Outcomes(dict.fromkeys(OUTCOMES), None, None, dict.fromkeys(OUTCOMES))
"""Of a group of turns or operations: a call ends once."""

OutcomesByGroup = Grouped[OutcomeReport]
"""Over all calls and, where groups were asked for, over each group."""
