"""``voicetel analyze``: every report at once, over all calls and over each group of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.no_calls import no_calls_error
from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS
from voicetel.analyzers.handling.handling import parse_thresholds
from voicetel.analyzers.handling.results import SLOW_THRESHOLDS_MS
from voicetel.analyzers.overview import report_cache
from voicetel.analyzers.overview.group_notes import group_notes
from voicetel.analyzers.overview.overviews import overviews_of
from voicetel.analyzers.overview.results import Analysis, AnalysisInput
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.validation.contradictions import contradiction_notes_of_store

if TYPE_CHECKING:
    from voicetel.analyzers.core.transcript_options import TranscriptOptions
    from voicetel.analyzers.request import Request
    from voicetel.pricing import RateCard
    from voicetel.store import Store

UNREAD_COLUMNS = (
    *(
        "agent_name",
        "agent_version",
        "campaign",
        "direction",
        "language",
        "started_local",
        "final_state",
        "amd",
        "sip_status",
    ),
    *("logged_outcome", "logged_confidence", "logged_reason", "outcome_reason", "outcome_source"),
)
"""Columns of calls that no figure is made of: reading texts takes half of the time in which calls are read with their groups."""


def analyze(
    store: Store,
    card: RateCard,
    selection: Selection = ALL_CALLS,
    options: TranscriptOptions = NO_TRANSCRIPTS,
    slow_thresholds: tuple[str, ...] = SLOW_THRESHOLDS_MS,
) -> Analysis:
    """The report over the selected calls and, with ``selection.by``, one over each group, in the order of their values.

    ``slow_thresholds``, in ms: above them a response is slow. Raises UsageError for a dimension that is unknown.
    """
    key = None if options.reads_transcripts else report_cache.cache_key(card, selection, slow_thresholds)
    report = report_cache.get(store, key) if key else None
    if report is None:
        from voicetel.analyzers.summaries.report import summarized_report  # noqa: PLC0415  a cached report needs no NumPy

        report = summarized_report(store, key, card, selection, slow_thresholds) if key else None
        if report is not None:
            report_cache.put_notes(store, report[2])
        else:
            excluded_columns = () if options.reads_transcripts else UNREAD_COLUMNS
            context = analysis_context(store, selection, options, card, excluded_columns)
            figures = overviews_of(context, card, options, slow_thresholds)
            report = (*figures, _contradiction_notes(store))
        if key:
            report_cache.put(store, key, report)
    total, groups, contradiction_notes = report
    rejected, unsupported, pending_bytes = store.counts()
    inputs = AnalysisInput(store.paths, rejected, unsupported, pending_bytes, tuple(store.warnings))
    return Analysis(inputs, total, groups, notes=(*group_notes(selection.by), *contradiction_notes))


def _contradiction_notes(store: Store) -> tuple[str, ...]:
    """Those of all logs. They are the same whatever is asked, so that they are computed once."""
    notes = report_cache.get_notes(store)
    if notes is None:
        notes = contradiction_notes_of_store(store)
        report_cache.put_notes(store, notes)
    return notes


def answer(request: Request, *, slow: str = ",".join(SLOW_THRESHOLDS_MS)) -> Analysis:
    """``voicetel analyze``. Raises NoDataError where there are no calls, UsageError for thresholds that are none."""
    slow_thresholds = parse_thresholds(slow)
    found = analyze(request.store, request.rate_card, request.selection, request.transcript_options, slow_thresholds)
    if not found.total.calls:
        raise no_calls_error(request.store, request.selection)
    return found
