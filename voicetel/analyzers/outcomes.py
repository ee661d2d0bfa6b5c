"""How calls ended, by the rules of voicetel/outcomes: the same code that judges a call in the agent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from voicetel.analyzers.results import Outcomes, OutcomeShare
from voicetel.analyzers.scope import query
from voicetel.outcomes import CallOutcome, Evidence, PhraseHit, Verdict, is_answered, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.analyzers.scope import Scope
    from voicetel.outcomes import Rules
    from voicetel.store import Store

_KIND = (
    "outcome",
    "outcome_confidence",
    "sip_status",
    "amd",
    "final_state",
    "end_reason",
    "direction",
    "marks",
    "user_turns",
    "brief",
    "ended",
    "phrases",
)
"""What tells one kind of evidence from another. A logged reason is not part of it: it is passed on as it is."""


def judge_calls(store: Store, rules: Rules) -> None:
    """Make ``verdicts_of_calls``: the selected calls with a verdict each. Calls that look alike are judged once."""
    connection = store.connection
    settings = rules.settings
    connection.execute(
        query("evidence.sql"),
        {
            "late_turns": settings.late_turns,
            "person_user_turns": settings.person_user_turns,
            "brief_turns": settings.brief_turns,
            "brief_s": settings.brief_s,
        },
    )
    kind = ", ".join(_KIND)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE kinds AS SELECT row_number() OVER () AS kind, * FROM (SELECT DISTINCT {kind} FROM evidence)"
    )
    rows = connection.execute(f"SELECT kind, {kind} FROM kinds").fetchall()
    judged = [(number, *_judge(dict(zip(_KIND, values, strict=True)), rules)) for number, *values in rows]
    connection.execute(
        query("verdicts.sql"),
        {
            "kinds": [number for number, _, _ in judged],
            "outcomes": [ruling.outcome.value for _, ruling, _ in judged],
            "confidences": [Decimal(repr(ruling.confidence)) for _, ruling, _ in judged],
            "reasons": [ruling.reason for _, ruling, _ in judged],
            "sources": [ruling.source for _, ruling, _ in judged],
            "answered": [answered for _, _, answered in judged],
        },
    )


def outcomes(scope: Scope) -> dict[int | None, Outcomes]:
    """Group number → how its calls ended; under None, all calls."""
    found: dict[int | None, dict[str, tuple[int, Decimal, int]]] = {None: {}}
    for part, outcome, calls, confidence_sum, answered in scope.rows("outcomes.sql"):
        found.setdefault(part, {})[outcome] = (calls, confidence_sum, answered)
    return {part: _outcomes(counts) for part, counts in found.items()}


def _outcomes(counts: Mapping[str, tuple[int, Decimal, int]]) -> Outcomes:
    total = sum(calls for calls, _, _ in counts.values())
    answered = sum(answered for _, _, answered in counts.values())
    shares = []
    for outcome in CallOutcome:
        calls, confidence_sum, _ = counts.get(outcome.value, (0, Decimal(0), 0))
        shares.append(
            OutcomeShare(
                outcome.value,
                calls,
                calls / total if total else None,
                float(confidence_sum) / calls if calls else None,
            )
        )
    successes = counts.get(CallOutcome.SUCCESS.value, (0, Decimal(0), 0))[0]
    return Outcomes(tuple(shares), answered, successes / answered if answered else None)


def evidence_of(values: Mapping[str, object]) -> Evidence:
    """Evidence from a row of ``evidence``."""
    known = dict(values)
    confidence = known.get("outcome_confidence")
    known["outcome_confidence"] = None if confidence is None else float(confidence)  # type: ignore[arg-type]
    known["marks"] = tuple(known.get("marks") or ())  # type: ignore[arg-type]
    known["phrases"] = tuple(PhraseHit(**hit) for hit in known.get("phrases") or ())  # type: ignore[attr-defined]
    return Evidence(**known)  # type: ignore[arg-type]


def _judge(values: Mapping[str, object], rules: Rules) -> tuple[Verdict, bool]:
    evidence = evidence_of(values)
    judged = verdict(evidence, rules)
    return judged, is_answered(evidence, judged)
