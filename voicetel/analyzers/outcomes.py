"""How calls ended, by the rules of voicetel/outcomes: the same code that judges a call in the agent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from voicetel.analyzers.results import Outcomes, OutcomeShare
from voicetel.analyzers.scope import query
from voicetel.outcomes import CallOutcome, Evidence, PhraseHit, Verdict, is_answered, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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

_BEHIND_PHRASES = frozenset({"late_end_reason", "brief", "none"})
"""Rules that come after the transcript's phrases: only where one of them spoke can words change the verdict."""


def judge_calls(store: Store, rules: Rules) -> None:
    """Make ``evidence`` and ``verdicts`` of the selected calls. Calls that look alike are judged once."""
    connection = store.connection
    settings = rules.settings
    connection.execute(
        query("evidence.sql"),
        {
            "person_user_turns": settings.person_user_turns,
            "brief_turns": settings.brief_turns,
            "brief_s": settings.brief_s,
        },
    )
    judged = _judge_kinds(store, rules)
    open_kinds = [kind for kind, (ruling, _) in judged.items() if ruling.source in _BEHIND_PHRASES]
    if open_kinds:
        connection.execute(query("heard.sql"), {"kinds": open_kinds, "late_turns": settings.late_turns})
        judged |= _judge_kinds(store, rules, known=list(judged))
    rulings = list(judged.values())
    connection.execute(
        query("verdicts.sql"),
        {
            "kinds": list(judged),
            "outcomes": [ruling.outcome.value for ruling, _ in rulings],
            "confidences": [Decimal(repr(ruling.confidence)) for ruling, _ in rulings],
            "reasons": [ruling.reason for ruling, _ in rulings],
            "sources": [ruling.source for ruling, _ in rulings],
            "answered": [answered for _, answered in rulings],
        },
    )


def _judge_kinds(store: Store, rules: Rules, known: Sequence[int] = ()) -> dict[int, tuple[Verdict, bool]]:
    """Kind → (verdict, whether such a call was answered), for the kinds that are not known yet."""
    columns = ", ".join(f"any_value({name})" for name in _KIND)
    rows = store.connection.execute(
        f"SELECT kind, {columns} FROM evidence WHERE NOT list_contains($known, kind) GROUP BY kind",
        {"known": list(known)},
    ).fetchall()
    return {kind: _judge(dict(zip(_KIND, values, strict=True)), rules) for kind, *values in rows}


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
