"""How the calls of a batch ended, by the rules of voicetel/outcomes: the same code that judges a call in the agent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from voicetel.outcomes import Classification, Evidence, PhraseHit, classify, is_answered
from voicetel.store.database import query

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    "person_turns",
)
"""What tells one kind of evidence from another. A logged reason is not part of it: it is passed on as it is."""

_BEHIND_PHRASES = frozenset({"late_end_reason", "brief", "none"})
"""Rules that come after the transcript's phrases: only where one of them spoke can words change the verdict."""


MOST_KINDS = 100_000
"""Verdicts that are remembered from one batch to the next."""


class CallJudge:
    """Judges calls that look alike once, in one batch and in those that follow."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, rules: Rules) -> None:
        self._connection = connection
        self._rules = rules
        self._judged: dict[int, tuple[Classification, bool]] = {}
        """Kind of evidence → (verdict, whether such a call was answered)."""

    def judge_calls(self) -> None:
        """Put ``made_calls`` into ``calls``, each with its verdict."""
        if len(self._judged) > MOST_KINDS:
            self._judged.clear()
        settings = self._rules.settings
        self._connection.execute(
            query("evidence.sql"),
            {
                "person_user_turns": settings.person_user_turns,
                "brief_turns": settings.brief_turns,
                "brief_s": settings.brief_s,
            },
        )
        kinds = self._judge_kinds("true")
        open_kinds = [kind for kind in kinds if self._judged[kind][0].source in _BEHIND_PHRASES]
        if open_kinds:
            self._connection.execute(query("heard.sql"), self._phrase_parameters(open_kinds))
            kinds += self._judge_kinds("len(phrases) > 0")
        judged = [self._judged[kind] for kind in kinds]
        self._connection.execute(
            query("rulings.sql"),
            {
                "kinds": kinds,
                "outcomes": [ruling.outcome.value for ruling, _ in judged],
                "confidences": [Decimal(repr(ruling.confidence)) for ruling, _ in judged],
                "reasons": [ruling.reason for ruling, _ in judged],
                "sources": [ruling.source for ruling, _ in judged],
                "answered": [answered for _, answered in judged],
            },
        )
        self._connection.execute(query("ruled_calls.sql"))

    def _phrase_parameters(self, kinds: list[int]) -> dict[str, object]:
        rules = self._rules
        return {
            "kinds": kinds,
            "late_turns": rules.settings.late_turns,
            "opening_phrases": sorted(rules.opening_phrases),
            "most_person_turns": rules.most_person_turns,
        }

    def _judge_kinds(self, wanted: str) -> list[int]:
        """The kinds of the evidence that is wanted, after a look at those that are new."""
        columns = ", ".join(f"any_value({name})" for name in _KIND)
        rows = self._connection.execute(f"SELECT kind, {columns} FROM evidence WHERE {wanted} GROUP BY kind").fetchall()
        for kind, *values in rows:
            if kind not in self._judged:
                self._judged[kind] = _verdict_on(dict(zip(_KIND, values, strict=True)), self._rules)
        return [kind for kind, *_ in rows]


def _verdict_on(values: Mapping[str, object], rules: Rules) -> tuple[Classification, bool]:
    """The verdict on a row of ``evidence``, and whether such a call was answered."""
    known = dict(values)
    confidence = known.get("outcome_confidence")
    known["outcome_confidence"] = None if confidence is None else float(confidence)  # type: ignore[arg-type]
    known["marks"] = tuple(known.get("marks") or ())  # type: ignore[arg-type]
    known["phrases"] = tuple(PhraseHit(**hit) for hit in known.get("phrases") or ())  # type: ignore[attr-defined]
    evidence = Evidence(**known)  # type: ignore[arg-type]
    judged = classify(evidence, rules)
    return judged, is_answered(evidence, judged)
