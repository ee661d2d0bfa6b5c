"""The spans of a Pipecat pipeline → a call."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from voicetel.importers.calls.imported_call import ImportedCall
from voicetel.importers.otel.pipecat_turns import RESPONSE, requests, turn_of
from voicetel.importers.otel.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.importers.calls.notes import Notes

WORK: Final = ("stt", "llm", "tts", RESPONSE)
_CUT_SLACK_S: Final = 0.25
"""A reply was cut where the next turn begins this soon; else "interrupted" is only the pipeline's end."""


def pipecat_call(spans: Sequence[Span], notes: Notes) -> ImportedCall | None:
    """Read the call out of all its spans, in order of time; None where there is no turn and no work in them."""
    root = next((span for span in spans if span.name == "conversation"), None)
    turn_spans = sorted([*_turn_spans(spans)], key=lambda span: span.start_s)
    if root is None and not turn_spans:
        notes.add("traces that are neither LiveKit's nor Pipecat's were left out")
        return None
    first = root or spans[0]
    call_id = next((found for span in spans if (found := span.text("conversation.id"))), first.trace_id)
    call = ImportedCall("otel", call_id, first.start_s, notes, is_complete=root is not None, parts=len(spans))
    fields: dict[str, object] = {
        "agent_name": first.text("agent.name", "gen_ai.agent.name"),
        "source": "pipecat (otel)",
    }
    call.add_started(fields, {"trace_id": first.trace_id, "service": first.service})
    _add_turns(call, turn_spans)
    if root is not None:
        call.add_ended(root.end_s, {"duration_s": root.rounded_duration_s}, {})
    notes.add(
        "Pipecat's spans do not say when the agent fell silent, which tools ran or why the call ended; "
        "agent.text is what was sent to be spoken"
    )
    return call


def _add_turns(call: ImportedCall, turn_spans: Sequence[Span]) -> None:
    turns = []
    for index, span in enumerate(turn_spans):
        following = turn_spans[index + 1] if index + 1 < len(turn_spans) else None
        turn = turn_of(span)
        if turn.agent:
            was_cut = bool(span.flag("turn.was_interrupted")) and following is not None
            turn.interrupted = was_cut and abs(following.start_s - span.end_s) < _CUT_SLACK_S  # type: ignore[union-attr]
        if turn.user or turn.agent:
            turns.append(turn)
        elif turn.operations:
            call.add("usage", span.start_s, {"operations": [each.fields(None) for each in requests(span)]}, span.seq)
    call.add_turns(turns)


def _turn_spans(spans: Sequence[Span]) -> Iterator[Span]:
    """The turns; a process that dies exports no span of the turn it was in, only those of the work done in it."""
    yield from (span for span in spans if span.name == "turn")
    known = {span.id for span in spans}
    orphans: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        if span.name in WORK and span.parent_id not in known:
            orphans[span.parent_id or span.id].append(span)
    for parent_id, work in orphans.items():
        end_s = max(span.end_s for span in work)
        span_id = parent_id if _is_id(parent_id) else work[0].id
        yield Span(span_id, None, work[0].trace_id, "turn", "", work[0].start_s, end_s, {}, children=work)


def _is_id(text: str) -> bool:
    return bool(text) and all(character in "0123456789abcdefABCDEF" for character in text)
