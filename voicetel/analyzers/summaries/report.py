"""The report of ``analyze`` from a summary: only the calls that it does not speak of are read."""

from __future__ import annotations

import os
from dataclasses import fields
from typing import TYPE_CHECKING

from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS
from voicetel.analyzers.overview.overviews import overviews_of
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.summaries import files
from voicetel.analyzers.summaries.context import SummaryContext, merging_sql
from voicetel.analyzers.summaries.files import StoredSummary
from voicetel.analyzers.summaries.value_lists import TooManyValuesError, ValueLists
from voicetel.analyzers.validation.contradictions import (
    CONTRADICTIONS_RULE,
    contradiction_notes,
    create_contradictions,
    listed_notes,
    other_file_notes,
)
from voicetel.store.summarized_calls import choose_calls, remaining_calls_hidden, samples_of
from voicetel.store.validation.misspelt_fields import first_misspelt

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.selection import Selection
    from voicetel.analyzers.overview.report_cache import CachedReport
    from voicetel.pricing import RateCard
    from voicetel.store import Store

_CONTRADICTIONS = "contradictions"


def summarized_report(
    store: Store, key: bytes, card: RateCard, selection: Selection, slow_thresholds: tuple[str, ...]
) -> CachedReport | None:
    """The report over the selected calls, and the sentences on contradictions of all; None where a summary is of no use.

    One is made where lines are new: the same question then comes again when there are more.
    """
    if selection.by or selection.where is not None or store.state.path is None:
        return None
    store.check()
    generation = store.state.generation
    summary = files.get(store, key)
    if summary is None:
        summary = _summarize(store, card, selection, slow_thresholds) if store.state.has_changed else None
        if summary is None:
            return None
        generation = store.generation
        files.put(store, key, summary)
    remaining = store.remaining(summary.summarized)
    if remaining.generation != generation:  # another run may have touched calls of the summary meanwhile
        return None
    return _merged_report(store, remaining, summary, card, selection, slow_thresholds=slow_thresholds)


def _summarize(
    store: Store, card: RateCard, selection: Selection, slow_thresholds: tuple[str, ...]
) -> StoredSummary | None:
    summarized = choose_calls(store)
    if summarized is None:
        return None
    misspelt_field = first_misspelt(store)
    with remaining_calls_hidden(store.connection):
        context = _summary_context(analysis_context(store, selection, NO_TRANSCRIPTS, card))
        try:
            overviews_of(context, card, NO_TRANSCRIPTS, slow_thresholds)
        except TooManyValuesError:
            return None
        create_contradictions(store, misspelt_field)
        context.collect(_CONTRADICTIONS)
    return StoredSummary(summarized, context.collected, context.values.found, misspelt_field)


def _merged_report(
    store: Store,
    remaining: Store,
    summary: StoredSummary,
    card: RateCard,
    selection: Selection,
    *,
    slow_thresholds: tuple[str, ...],
) -> CachedReport:
    context = _summary_context(analysis_context(remaining, selection, NO_TRANSCRIPTS, card), summary)
    total, groups = overviews_of(context, card, NO_TRANSCRIPTS, slow_thresholds)
    return total, groups, _contradictions(store, remaining, context, summary)


def _summary_context(context: AnalysisContext, summary: StoredSummary | None = None) -> SummaryContext:
    of_all = {each.name: getattr(context, each.name) for each in fields(context)}
    if summary is None:
        return SummaryContext(**of_all)
    return SummaryContext(**of_all, summary=summary.tables, values=ValueLists(summary.values_by_set))


def _contradictions(store: Store, remaining: Store, context: SummaryContext, summary: StoredSummary) -> tuple[str, ...]:
    connection = remaining.connection
    is_known = samples_of(store.state.known_files()) == summary.summarized.samples
    misspelt_field = summary.misspelt_field if is_known else first_misspelt(store)
    create_contradictions(remaining, misspelt_field)
    summarized = summary.tables[_CONTRADICTIONS]
    connection.register("summarized_contradictions", summarized.rows)
    columns = tuple(each for each in summarized.columns if each[0] != "misspelt_field")
    query_sql = f"SELECT {', '.join(name for name, _ in columns)} FROM contradictions"
    merged = merging_sql(query_sql, "summarized_contradictions", columns, CONTRADICTIONS_RULE)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE contradictions AS SELECT *, CAST($misspelt_field AS VARCHAR) AS misspelt_field FROM ({merged})",
        {"misspelt_field": misspelt_field},
    )
    (row,) = context.records("FROM contradictions")
    read = connection.execute("FROM streams_with_events").fetchall()
    with_events = {*summary.summarized.streams_with_events, *(stream_id for (stream_id,) in read)}
    others = sorted(
        os.fsencode(path) for path, known in store.state.known_files().items() if known.stream_id not in with_events
    )
    return (*contradiction_notes(row), *listed_notes(row), *other_file_notes(map(os.fsdecode, others)))
