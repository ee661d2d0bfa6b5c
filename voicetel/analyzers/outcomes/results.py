"""How calls ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OutcomeShare:
    """Calls that ended in one way. ``share`` is of all calls, ``confidence_avg`` the mean confidence of those verdicts."""

    outcome: str
    calls: int
    share: float | None
    confidence_avg: float | None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How calls ended: every outcome in the order success, fail, voicemail, no_answer, busy, unknown.

    ``success_rate`` is success ÷ ``answered`` calls; None where the outcome of none of them is known.
    """

    shares: tuple[OutcomeShare, ...]
    answered: int
    success_rate: float | None
