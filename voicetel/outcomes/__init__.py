"""How a call ended: the chain of rules, as data (outcomes.toml) and as one function (``verdict``).

Standard library only: the recorder judges a call with the same code as the analyzers.
"""

from __future__ import annotations

from voicetel.outcomes.evidence import (
    Evidence,
    PhraseHit,
    SpokenTurn,
    evidence_from_turns,
    is_brief,
    phrase_hits,
)
from voicetel.outcomes.loading import load_rules
from voicetel.outcomes.outcome import CallOutcome, Step, Verdict
from voicetel.outcomes.phrases import hits_sql, normalise, words_sql
from voicetel.outcomes.rules import Rules
from voicetel.outcomes.table import RulesError
from voicetel.outcomes.verdict import explain, is_answered, verdict

__all__ = [
    "CallOutcome",
    "Evidence",
    "PhraseHit",
    "Rules",
    "RulesError",
    "SpokenTurn",
    "Step",
    "Verdict",
    "evidence_from_turns",
    "explain",
    "hits_sql",
    "is_answered",
    "is_brief",
    "load_rules",
    "normalise",
    "phrase_hits",
    "verdict",
    "words_sql",
]
