"""One turn: who spoke when, what was called, and what nobody accounts for."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.conversation.results import Span, Speech, Turn
from voicetel.events.metrics import TURN_LATENCIES
from voicetel.store.transcripts import NO_TRANSCRIPT, TurnTranscript

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from voicetel.analyzers.conversation.results import Operation


def turn_of(
    row: Mapping[str, Any], transcript: TurnTranscript | None, started_at: datetime, operations: tuple[Operation, ...]
) -> Turn:
    """The turn of a row of ``turns``, with its transcript where there is one, and its operations by start."""
    transcript = transcript or NO_TRANSCRIPT
    user_spans = _spans([[row["user_start_ms"], row["user_end_ms"]]])
    agent_spans = _spans(row["agent_spans"] or [[row["agent_start_ms"], row["agent_end_ms"]]])
    return Turn(
        turn=row["turn"],
        ts=row["ts"],
        offset_s=(row["ts"] - started_at).total_seconds(),
        state_id=row["state_id"],
        user=Speech(transcript.user_text, transcript.user_altered, user_spans) if row["user_spoke"] else None,
        agent=Speech(transcript.agent_text, transcript.agent_altered, agent_spans) if row["agent_spoke"] else None,
        interrupted=bool(row["interrupted"]),
        interrupted_by=row["interrupted_by"],
        latencies={each.name: float(row[each.name]) for each in TURN_LATENCIES if row[each.name] is not None},
        operations=operations,
        gaps=_gaps(operations, _ms(row["user_end_ms"]), _ms(row["agent_start_ms"])),
    )


def _gaps(operations: Sequence[Operation], begin: float | None, end: float | None) -> tuple[Span, ...]:
    """What no operation covers between the caller's last word and the agent's first; () where nothing is known."""
    spans = sorted(operation.span for operation in operations if operation.span)
    if begin is None or end is None or not spans:
        return ()
    reached, gaps = begin, []
    for start, stop in itertools.chain(spans, [(end, end)]):
        if min(start, end) > reached:
            gaps.append((reached, min(start, end)))
        reached = max(reached, stop)
    return tuple(gaps)


def _spans(pairs: Sequence[Sequence[Decimal | None]]) -> tuple[Span, ...]:
    known = [(float(pair[0]), float(pair[1])) for pair in pairs if pair[0] is not None and pair[1] is not None]
    return tuple((begin, end) for begin, end in known if begin <= end)


def _ms(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
