"""The calls that a report is about, selected, classified and scored: what every analysis begins with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicetel.analyzers.core.bounded_memory.memory_limit import limited_memory
from voicetel.analyzers.core.select_calls import CALL_STATE_COLUMNS, filter_calls, group_calls
from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.conditions.condition import Condition
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.transcript_options import TranscriptOptions
    from voicetel.pricing import RateCard
    from voicetel.store import Store

MANY_CALLS = 100_000
"""From so many on the engine has less memory while turns are scored: what is known of every turn is beside it."""


def analysis_context(
    store: Store,
    selection: Selection = ALL_CALLS,
    options: TranscriptOptions = NO_TRANSCRIPTS,
    card: RateCard | None = None,
    excluded_columns: Sequence[str] = (),
) -> AnalysisContext:
    """Filter the calls and number their groups: what every analysis begins with.

    ``excluded_columns``: columns of calls that this one does not read, which are then not read with groups.
    ``card`` prices calls for conditions on what they cost; None is the card that a command would use.
    """
    condition = selection.where
    # Models and scorers are asked about the calls that other filters leave; what they answer is then part of the condition.
    is_deferred = condition is not None and (options.reads_transcripts or not condition.columns <= CALL_STATE_COLUMNS)
    filter_calls(
        store, replace(selection, where=None) if is_deferred else selection, materialize=options.classifier is not None
    )
    if options.classifier:
        from voicetel.analyzers.outcomes.classify import classify_calls  # noqa: PLC0415  only those who ask load asyncio

        classify_calls(store, options.classifier, options.below_confidence, options.progress)
    if condition is not None and is_deferred:
        _keep_matching_calls(store, replace(selection, where=None, by=()), condition, options, card)
    with limited_memory(store.connection, options.scorer is not None and store.number_of_calls() > MANY_CALLS):
        context = group_calls(
            store, selection, materialize=options.scorer is not None, excluded_columns=excluded_columns
        )
        if options.scorer:
            from voicetel.analyzers.sentiment.sentiment import score_turns  # noqa: PLC0415  only those who ask

            score_turns(store, context, options.scorer, options.progress)
    return context


def regrouped_context(
    store: Store, selection: Selection, by: Sequence[str], excluded_columns: Sequence[str] = ()
) -> AnalysisContext:
    """The calls that ``analysis_context`` selected last, by ``selection``, in groups by something else: they are not filtered anew.

    ``excluded_columns``: columns of calls that are not read.
    """
    return group_calls(store, replace(selection, by=tuple(by)), excluded_columns=excluded_columns)


def _keep_matching_calls(
    store: Store, selection: Selection, condition: Condition, options: TranscriptOptions, card: RateCard | None
) -> None:
    """Leave those of ``filtered_calls`` that match the condition, by the very rows of ``voicetel calls``."""
    from voicetel.analyzers.calls.call_rows import call_row_batches  # noqa: PLC0415  only those who ask
    from voicetel.analyzers.priced_usage.usage import price_usage  # noqa: PLC0415
    from voicetel.analyzers.sentiment.sentiment import score_turns  # noqa: PLC0415
    from voicetel.pricing import load_card  # noqa: PLC0415

    connection = store.connection
    context = group_calls(store, selection, materialize=options.scorer is not None)
    if options.scorer:
        score_turns(store, context, options.scorer, options.progress)
    price_usage(context, load_card(None) if card is None else card)
    connection.execute("CREATE OR REPLACE TEMP TABLE matching_calls (call_id VARCHAR)")
    for rows in call_row_batches(context):
        connection.register("rows_of_calls", rows)
        connection.execute(
            f"INSERT INTO matching_calls SELECT call_id FROM rows_of_calls WHERE {condition.sql}",
            dict(condition.values) or None,
        )
        connection.unregister("rows_of_calls")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE materialized_matching_calls AS"
        " FROM filtered_calls SEMI JOIN matching_calls USING (call_id)"
    )
    connection.execute("CREATE OR REPLACE TEMP VIEW filtered_calls AS FROM materialized_matching_calls")
