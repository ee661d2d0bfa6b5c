"""Classifies with a language model the calls that the rules leave undecided."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.llm import Transcript
from voicetel.outcomes import CallOutcome, Classification, Evidence, TurnText, is_answered
from voicetel.store.transcripts import transcript_bytes, transcripts_of_turns

if TYPE_CHECKING:
    from voicetel.llm import LlmClassifier, LlmResult
    from voicetel.store import LoadProgress, Store


@dataclass(frozen=True, slots=True)
class _Undecided:
    """A call, and what the rules make of it."""

    call_id: str
    final_state: str | None
    user_turns: int
    classified: Classification


def classify_calls(
    store: Store, classifier: LlmClassifier, below_confidence: float = 0.0, progress: LoadProgress | None = None
) -> None:
    """Put the model's outcomes in place of the rules' for calls left unknown, or with a confidence less than ``below_confidence``.

    The newest calls are classified first, in case the budget does not suffice for all. Where the model gives none
    the rules' stays, and its reason says why. Comes between choosing the calls and grouping them.
    """
    connection = store.connection
    connection.execute(load_sql(__name__, "undecided.sql"), {"below_confidence": below_confidence})
    connection.execute(load_sql(__name__, "undecided_turns.sql"))
    rows = connection.execute(
        "SELECT call_id, final_state, user_turns, outcome, confidence, reason, source FROM undecided"
        " ORDER BY started_at DESC, call_id"
    ).fetchall()
    if not rows:
        return
    calls = [
        _Undecided(call_id, state, user_turns, Classification(CallOutcome(outcome), confidence, reason, source))
        for call_id, state, user_turns, outcome, confidence, reason, source in rows
    ]
    turns = _turns(store, progress)
    transcripts = [Transcript(turns[call.call_id], call.final_state) for call in calls]
    results = asyncio.run(classifier.classify_all(transcripts))
    found = [_classification(call, result) for call, result in zip(calls, results, strict=True)]
    connection.execute(
        load_sql(__name__, "reclassified.sql"),
        {
            "calls": [call.call_id for call in calls],
            "outcomes": [each.outcome.value for each in found],
            "confidences": [Decimal(repr(each.confidence)) for each in found],
            "reasons": [each.reason for each in found],
            "sources": [each.source for each in found],
            "answered": [
                is_answered(Evidence(user_turns=call.user_turns), each) for call, each in zip(calls, found, strict=True)
            ],
        },
    )


def _classification(call: _Undecided, result: LlmResult) -> Classification:
    if result.classification is not None:
        return result.classification
    classified = call.classified
    return Classification(
        classified.outcome, classified.confidence, f"{classified.reason}; {result.failure}", classified.source
    )


def _turns(store: Store, progress: LoadProgress | None) -> dict[str, list[TurnText]]:
    """Call → its turns in their order, with the transcripts that the log still has."""
    if progress:
        progress.start(transcript_bytes(store, "undecided_turns"))
    lines = store.connection.execute(
        "SELECT call_id, line_hash FROM undecided_turns ORDER BY call_id, turn_order, turn, line_key"
    ).fetchall()
    advance = progress.advance if progress else lambda read_bytes: None
    texts = {
        transcript.line_hash: TurnText(transcript.user_text, transcript.agent_text)
        for piece in transcripts_of_turns(store, "undecided_turns", advance)
        for transcript in piece
    }
    turns: dict[str, list[TurnText]] = {}
    for call_id, line_hash in lines:
        turns.setdefault(call_id, []).append(texts.get(line_hash, TurnText()))
    return turns
