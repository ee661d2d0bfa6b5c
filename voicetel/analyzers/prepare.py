"""The calls that a report is about, selected, classified and scored: what every analysis begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.select_calls import filter_calls, group_calls
from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.transcript_options import TranscriptOptions
    from voicetel.store import Store


def analysis_context(
    store: Store, selection: Selection = ALL_CALLS, options: TranscriptOptions = NO_TRANSCRIPTS
) -> AnalysisContext:
    """Filter the calls and number their groups: what every analysis begins with."""
    filter_calls(store, selection, materialize=options.classifier is not None)
    if options.classifier:
        from voicetel.analyzers.outcomes.classify import classify_calls  # noqa: PLC0415  only those who ask load asyncio

        classify_calls(store, options.classifier, options.below, options.progress)
    context = group_calls(store, selection, materialize=options.scorer is not None)
    if options.scorer:
        from voicetel.analyzers.sentiment.sentiment import score_turns  # noqa: PLC0415  only those who ask

        score_turns(store, context, options.scorer, options.progress)
    return context
