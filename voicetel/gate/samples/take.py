"""A sample is taken of the selected calls of a store."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from voicetel.analyzers.calls.call_rows import create_call_figures
from voicetel.analyzers.campaigns.campaigns import create_call_steps
from voicetel.analyzers.core.bounded_memory.memory_limit import limited_memory
from voicetel.analyzers.core.bounded_memory.time_slices import TimeSlices, time_slices_of
from voicetel.analyzers.core.dimensions import Level, check_dimensions
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS
from voicetel.analyzers.cost.rate_notes import notes_on_rates, priced_rates
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.gate.samples.sample_files import SampleFiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.selection import Selection
    from voicetel.analyzers.core.transcript_options import TranscriptOptions
    from voicetel.analyzers.priced_usage.rates import MatchedRate
    from voicetel.gate.metric import Measure
    from voicetel.gate.samples.sample import Sample
    from voicetel.pricing import RateCard
    from voicetel.store import Store


def sample(
    store: Store,
    card: RateCard,
    selection: Selection = ALL_CALLS,
    options: TranscriptOptions = NO_TRANSCRIPTS,
    *,
    dimensions: Sequence[str] = (),
    measures: Iterable[Measure] = (),
) -> Sample:
    """Everything that the selected calls add to the metrics, with the values of ``dimensions`` of calls.

    What metrics of tools, models, states of the dialogue and words are made of is there for those among ``measures`` alone: it takes a
    look at every operation or turn.
    """
    check_dimensions(dimensions, Level.CALL, what="calls")
    by = tuple(dict.fromkeys(dimensions))
    wanted = replace(selection, by=by)
    metrics = list(dict.fromkeys(measure.metric for measure in measures))
    # A model that is asked how calls ended is asked about all of them at once.
    slices = TimeSlices([wanted], is_bounded=False) if options.classifier else time_slices_of(store, wanted)
    rates: set[str] = set()
    with SampleFiles(by, store.directory) as files, limited_memory(store.connection, slices.is_bounded):
        for slice_ in slices.selections:
            context, matched = create_sample_tables(store, card, slice_, options)
            rates |= priced_rates(store.connection)
            first = files.add(store.connection, context.group_values)
            files.add_details(store, context, metrics, matched, first)
        counts = store.counts()
        ((events,),) = store.connection.execute("SELECT count(*) FROM events").fetchall()
        lines = int(events) + counts.rejected + counts.unsupported
        found = files.sample(store.connection, card.currency, lines, counts.rejected, context.grouping)
    return replace(found, notes_on_rates=partial(notes_on_rates, card, rates))


def create_sample_tables(
    store: Store, card: RateCard, selection: Selection, options: TranscriptOptions = NO_TRANSCRIPTS
) -> tuple[AnalysisContext, list[MatchedRate]]:
    """Make the tables ``sample_calls`` and ``sample_turns`` of the selected calls; their groups are those of ``selection.by``.

    Returns what they were made of: the context, and the rates that were matched.
    """
    context = analysis_context(store, selection, options, card)
    matched = price_usage(context, card)
    create_call_figures(context)
    create_call_steps(context)
    context.run_on_calls(load_sql(__name__, "sample.sql"))
    context.run_on_calls(load_sql(__name__, "sample_turns.sql"))
    return context, matched


def read_sample(
    connection: duckdb.DuckDBPyConnection, by: Sequence[str], currency: str, lines: int, refused_lines: int
) -> Sample:
    """The sample that ``sample_calls`` and ``sample_turns`` make, with a column for each dimension of ``by``."""
    with SampleFiles(by) as files:
        files.add(connection)
        return files.sample(connection, currency, lines, refused_lines)
