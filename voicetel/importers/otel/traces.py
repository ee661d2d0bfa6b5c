"""The spans of one call → the call, by whichever framework exported them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.importers.otel.livekit_calls import livekit_call
from voicetel.importers.otel.pipecat_calls import pipecat_call
from voicetel.importers.otel.spans import linked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.importers.calls.imported_call import ImportedCall
    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.otel.spans import Span

LIVEKIT_SCOPE = "livekit-agents"
PIPECAT_SCOPE = "pipecat"


def read_trace(spans: list[Span], notes: Notes) -> Iterator[ImportedCall]:
    """Read the call out of its spans; spans of neither framework are left out and counted."""
    ordered = linked(spans, notes)
    if any(span.scope == LIVEKIT_SCOPE for span in ordered):
        yield livekit_call(ordered, notes)
    elif any(span.scope.startswith(PIPECAT_SCOPE) for span in ordered):
        if call := pipecat_call(ordered, notes):
            yield call
    else:
        notes.add("traces that are neither LiveKit's nor Pipecat's were left out")
