"""How the calls of a batch ended, by the rules of voicetel/outcomes: the same code that judges a call in the agent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from voicetel.outcomes import Evidence, PhraseHit, Verdict, is_answered, verdict
from voicetel.store.database import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from voicetel.outcomes import Rules

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


def rule_calls(connection: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """Put ``made_calls`` into ``calls``, each with its verdict. Calls that look alike are judged once."""
    settings = rules.settings
    connection.execute(
        query("evidence.sql"),
        {
            "person_user_turns": settings.person_user_turns,
            "brief_turns": settings.brief_turns,
            "brief_s": settings.brief_s,
        },
    )
    judged = _judge_kinds(connection, rules)
    open_kinds = [kind for kind, (ruling, _) in judged.items() if ruling.source in _BEHIND_PHRASES]
    if open_kinds:
        connection.execute(query("heard.sql"), {"kinds": open_kinds, "late_turns": settings.late_turns})
        judged |= _judge_kinds(connection, rules, known=list(judged))
    rulings = list(judged.values())
    connection.execute(
        query("rulings.sql"),
        {
            "kinds": list(judged),
            "outcomes": [ruling.outcome.value for ruling, _ in rulings],
            "confidences": [Decimal(repr(ruling.confidence)) for ruling, _ in rulings],
            "reasons": [ruling.reason for ruling, _ in rulings],
            "sources": [ruling.source for ruling, _ in rulings],
            "answered": [answered for _, answered in rulings],
        },
    )
    connection.execute(query("ruled_calls.sql"))


def _judge_kinds(
    connection: duckdb.DuckDBPyConnection, rules: Rules, known: Sequence[int] = ()
) -> dict[int, tuple[Verdict, bool]]:
    """Kind → (verdict, whether such a call was answered), for the kinds that are not known yet."""
    columns = ", ".join(f"any_value({name})" for name in _KIND)
    rows = connection.execute(
        f"SELECT kind, {columns} FROM evidence WHERE NOT list_contains($known, kind) GROUP BY kind",
        {"known": list(known)},
    ).fetchall()
    return {kind: _judge(dict(zip(_KIND, values, strict=True)), rules) for kind, *values in rows}


def _judge(values: Mapping[str, object], rules: Rules) -> tuple[Verdict, bool]:
    """The verdict on a row of ``evidence``, and whether such a call was answered."""
    known = dict(values)
    confidence = known.get("outcome_confidence")
    known["outcome_confidence"] = None if confidence is None else float(confidence)  # type: ignore[arg-type]
    known["marks"] = tuple(known.get("marks") or ())  # type: ignore[arg-type]
    known["phrases"] = tuple(PhraseHit(**hit) for hit in known.get("phrases") or ())  # type: ignore[attr-defined]
    evidence = Evidence(**known)  # type: ignore[arg-type]
    judged = verdict(evidence, rules)
    return judged, is_answered(evidence, judged)
