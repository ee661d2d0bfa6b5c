"""How a call ended: the chain of rules, as data (outcomes.toml) and as one function (``classify``).

Standard library only: the recorder classifies a call with the same code as the analyzers.
"""

from __future__ import annotations

from voicetel.outcomes.classify import classify, explain, is_answered
from voicetel.outcomes.evidence import (
    Evidence,
    PhraseHit,
    TurnText,
    evidence_from_turns,
    is_brief,
    phrase_hits,
)
from voicetel.outcomes.loading import load_rules
from voicetel.outcomes.outcome import CallOutcome, Classification, Step
from voicetel.outcomes.phrases.normal_form import normalise
from voicetel.outcomes.phrases.phrases import normalised_sql, phrases_sql
from voicetel.outcomes.phrases.transcript_phrases import in_plain_words
from voicetel.outcomes.rules import Rules
from voicetel.outcomes.table import RulesError

__all__ = [
    "CallOutcome",
    "Classification",
    "Evidence",
    "PhraseHit",
    "Rules",
    "RulesError",
    "Step",
    "TurnText",
    "classify",
    "evidence_from_turns",
    "explain",
    "in_plain_words",
    "is_answered",
    "is_brief",
    "load_rules",
    "normalise",
    "normalised_sql",
    "phrase_hits",
    "phrases_sql",
]
