"""A sample is taken of the selected calls of a store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from voicetel.analyzers.calls.calls import create_call_figures
from voicetel.analyzers.campaigns.campaigns import create_call_steps
from voicetel.analyzers.core.dimensions import Level, check_dimensions
from voicetel.analyzers.core.selected_views import LATENCY_NAMES
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.gate.details.columns import add_details, tool_durations
from voicetel.gate.samples.sample import Sample, TurnValues, mask_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb
    import pyarrow as pa

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.selection import Selection
    from voicetel.analyzers.core.transcript_options import TranscriptOptions
    from voicetel.analyzers.priced_usage.rates import MatchedRate
    from voicetel.gate.metric import Measure
    from voicetel.pricing import RateCard
    from voicetel.store import Store

MARKS = ("no_input_calls", "unheard_calls")
"""Columns that say of a call whether it has a mark of some kind."""

MEASURED_CALLS = ("first_word_ms", "caller_silence_ms", "handle_time_s")
"""What is measured once in a call."""


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
    context, applied = create_sample(store, card, replace(selection, by=by), options)
    refused, unsupported, _ = store.counts()
    events = int(context.rows("SELECT count(*) FROM events")[0][0])
    found = read_sample(store.connection, by, card.currency, events + refused + unsupported, refused)
    metrics = list(dict.fromkeys(measure.metric for measure in measures))
    durations = {name: TurnValues(*values) for name, values in tool_durations(context, metrics).items()}
    return replace(
        found, calls=add_details(store, context, found.calls, metrics, applied), turns={**found.turns, **durations}
    )


def create_sample(
    store: Store, card: RateCard, selection: Selection, options: TranscriptOptions = NO_TRANSCRIPTS
) -> tuple[AnalysisContext, list[MatchedRate]]:
    """Make the tables ``sample_calls`` and ``sample_turns`` of the selected calls; their groups are those of ``selection.by``.

    Returns what they were made of: the context, and the rates that were applied.
    """
    context = analysis_context(store, selection, options, card)
    applied = price_usage(context, card)
    create_call_figures(context)
    create_call_steps(context)
    context.rows(load_sql(__name__, "sample.sql"))
    context.rows(load_sql(__name__, "sample_turns.sql"))
    return context, applied


def read_sample(
    connection: duckdb.DuckDBPyConnection, by: Sequence[str], currency: str, lines: int, refused_lines: int
) -> Sample:
    """The sample that ``sample_calls`` and ``sample_turns`` make, with a column for each dimension of ``by``."""
    calls = connection.sql("SELECT * FROM sample_calls ORDER BY number").to_arrow_table()
    for index, name in enumerate(by):
        if name in calls.column_names:
            continue
        calls = calls.append_column(name, pc.list_element(calls.column("group_values"), index))
    calls = calls.drop_columns(["group_values"])
    unlogged = frozenset(name for name in MARKS if not pc.sum(calls.column(name)).as_py())
    return Sample(calls, _turns(connection, calls), currency, lines, refused_lines, unlogged)


def _turns(connection: duckdb.DuckDBPyConnection, calls: pa.Table) -> dict[str, TurnValues]:
    """One latency after the other, since each of them is a number for every turn."""
    found = {}
    for name in LATENCY_NAMES:
        values = connection.sql(f"SELECT number, {name} FROM sample_turns WHERE {name} IS NOT NULL").fetchnumpy()
        found[name] = TurnValues(values["number"], values[name])
    return found | {name: _of_calls(calls, name) for name in MEASURED_CALLS}


def _of_calls(calls: pa.Table, name: str) -> TurnValues:
    """A figure of calls as the one value of each call that has it."""
    column = calls.column(name)
    numbers = np.flatnonzero(mask_of(pc.is_valid(column))).astype(np.int32)
    return TurnValues(numbers, pc.drop_null(column).to_numpy())
