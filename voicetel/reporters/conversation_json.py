"""``voicetel call`` as one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.reporters.json_report import SCHEMA_VERSION, call_json, money, quantities_json
from voicetel.results import rfc3339

if TYPE_CHECKING:
    from voicetel.analyzers.conversation.conversation import Conversation, Operation, Speech, Turn


def conversation_json(talk: Conversation) -> dict[str, Any]:
    """The figures of ``voicetel calls`` for this call, its turns with their words, and what else happened."""
    return {
        "schema_version": SCHEMA_VERSION,
        "currency": talk.currency,
        "call": call_json(talk.figures),
        "turns": [_turn(turn) for turn in talk.turns],
        "marks": [
            {"ts": rfc3339(mark.ts), "offset_s": mark.offset_s, "kind": mark.kind, "value": mark.value}
            for mark in talk.marks
        ],
        "operations": [_operation(operation) for operation in talk.others],
    }


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "turn": turn.turn,
        "ts": rfc3339(turn.ts),
        "offset_s": turn.offset_s,
        "state_id": turn.state_id,
        "user": _speech(turn.user),
        "agent": _speech(turn.agent),
        "interrupted": turn.interrupted,
        "interrupted_by": turn.interrupted_by,
        **dict(turn.latencies),
        "operations": [_operation(operation) for operation in turn.operations],
        "gaps": [list(gap) for gap in turn.gaps],
    }


def _speech(speech: Speech | None) -> dict[str, Any] | None:
    if speech is None:
        return None
    return {"text": speech.text, "altered": speech.altered, "spans": [list(span) for span in speech.spans]}


def _operation(operation: Operation) -> dict[str, Any]:
    cost = operation.cost
    return {
        "stage": operation.stage,
        "provider": operation.provider,
        "model": operation.model,
        "name": operation.name,
        "start_ms": operation.start_ms,
        "ttfb_ms": operation.ttfb_ms,
        "duration_ms": operation.duration_ms,
        "status": operation.status,
        **quantities_json(operation.quantities),
        "cost": money(cost.amount),
        "currency": cost.currency if cost.amount is not None else None,
        "cost_source": cost.source,
        "unpriced": list(cost.unpriced),
    }
