"""``voicetel calls``: every figure of every call, one row each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from voicetel.analyzers.calls.columns.columns import CALLS_AT_ONCE, joined_columns
from voicetel.analyzers.calls.stored_calls import StoredCalls
from voicetel.analyzers.core.bounded_memory.memory_limit import limited_memory
from voicetel.analyzers.core.bounded_memory.row_file import RowFileWriter
from voicetel.analyzers.core.no_calls import no_calls
from voicetel.analyzers.core.selected_views import LATENCY_NAMES
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS
from voicetel.analyzers.cost.costs import rate_notes
from voicetel.analyzers.interruptions.interruptions import interruptions
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.selection import Selection
    from voicetel.analyzers.core.transcript_options import TranscriptOptions
    from voicetel.analyzers.request import Request
    from voicetel.pricing import RateCard
    from voicetel.store import Store

RATE_NOTES = "voicetel.rate_notes"
"""In the metadata of a table of calls: a JSON array with a sentence on each rate that is far off its list price."""

_CALL_STATISTICS = ("n", "avg", "min", "p50", "p95", "max")


def calls(
    store: Store,
    card: RateCard,
    selection: Selection = ALL_CALLS,
    options: TranscriptOptions = NO_TRANSCRIPTS,
) -> pa.Table:
    """One row per selected call, oldest first. The files of columns/ name the columns; money is exact, as decimal128(38, 24).

    ``started_at`` is UTC without a zone, latencies are ms as float64, ``duration_s`` is a decimal. Unknown is null.
    With ``selection.by`` the calls of a group stand together, in the order of the groups' values, which come first.
    The schema's metadata has what makes the amounts doubtful: RATE_NOTES. Raises UsageError for a dimension that is unknown.
    """
    context = analysis_context(store, selection, options, card)
    price_usage(context, card)
    return with_rate_notes(call_rows(context), rate_notes(context, card))


def with_rate_notes(rows: pa.Table, notes: Iterable[str]) -> pa.Table:
    """The rows with what makes their amounts doubtful."""
    return rows.replace_schema_metadata(_metadata(notes))


def _metadata(notes: Iterable[str]) -> dict[str, str]:
    return {RATE_NOTES: json.dumps(list(notes), ensure_ascii=False)}


def rate_notes_of(rows: pa.Table | StoredCalls) -> list[str]:
    """What makes the amounts of rows doubtful, in the order of the rate card; of rows that do not say, nothing."""
    found: list[str] = json.loads((rows.schema.metadata or {}).get(RATE_NOTES.encode(), b"[]"))
    return found


def answer(request: Request) -> StoredCalls:
    """``voicetel calls``: the rows of ``calls``, in a file. Raises NoDataError where there are no calls."""
    store, card = request.store, request.rate_card
    with (
        limited_memory(store.connection, store.number_of_calls() > CALLS_AT_ONCE),
        RowFileWriter(store.directory) as file,
    ):
        context = analysis_context(store, request.selection, request.transcript, card)
        price_usage(context, card)
        for rows in call_row_batches(context):
            file.add(rows.to_reader())
        if not file.num_rows:
            raise no_calls(store, request.selection)
        return StoredCalls(file.finish(), _metadata(rate_notes(context, card)))


def call_rows(context: AnalysisContext) -> pa.Table:
    """The same over calls that have been selected and priced."""
    import pyarrow as pa  # noqa: PLC0415  where calls are listed

    return pa.concat_tables(call_row_batches(context))


def call_row_batches(context: AnalysisContext) -> Iterator[pa.Table]:
    """The same rows in the same order, some at a time: there is one table at least."""
    create_call_figures(context)
    for each in joined_columns(context):
        table = each
        for index, name in enumerate(context.selection.by):
            if name not in table.column_names:
                table = table.append_column(name, _group_values(table, index))
        yield table.select(_in_order(table.column_names, context.selection.by))


def create_call_figures(context: AnalysisContext) -> None:
    """Make ``call_usage``, ``call_cost``, ``call_handling`` and ``call_interruptions`` of calls that have been selected and priced."""
    interruptions(context)
    context.rows(load_sql(__name__, "call_usage.sql"))
    context.rows(load_sql(__name__, "call_cost.sql"))
    context.rows(load_sql(__name__, "call_handling.sql"))


def _group_values(table: pa.Table, index: int) -> pa.ChunkedArray:
    import pyarrow.compute as pc  # noqa: PLC0415  only those who group by more than a column

    return pc.list_element(table.column("group_values"), index)


def _in_order(names: Sequence[str], by: Sequence[str]) -> list[str]:
    """The columns: groups, calls, the statistics of one latency after the other, and what follows."""
    latencies = [f"{name}_{statistic}" for name in LATENCY_NAMES for statistic in _CALL_STATISTICS]
    others = [name for name in names if name not in {*by, *latencies, "group_values"}]
    before = others.index("agent_turns") + 1
    return [*by, *others[:before], *latencies, *others[before:]]
