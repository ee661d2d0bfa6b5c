"""``voicetel calls``: every figure of every call, one row each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.analyzers.calls.call_rows import call_row_batches, call_rows, sorted_positions
from voicetel.analyzers.calls.call_rows_file import CallRowsFile
from voicetel.analyzers.calls.columns.columns import CALLS_AT_ONCE, create_call_positions
from voicetel.analyzers.calls.pagination import ALL_ROWS, paginated
from voicetel.analyzers.core.bounded_memory.memory_limit import limited_memory
from voicetel.analyzers.core.bounded_memory.row_file import RowFileWriter
from voicetel.analyzers.core.no_calls import no_calls_error
from voicetel.analyzers.core.select_calls import keep_calls
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS
from voicetel.analyzers.cost.rate_notes import rate_notes
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import prepare_rates, price_usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa

    from voicetel.analyzers.calls.pagination import Pagination
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.selection import Selection
    from voicetel.analyzers.core.transcript_options import TranscriptOptions
    from voicetel.analyzers.request import Request
    from voicetel.pricing import RateCard
    from voicetel.store import Store

RATE_NOTES = "voicetel.rate_notes"
"""In the metadata of a table of calls: a JSON array with a sentence on each rate that is far off its list price."""


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


def rate_notes_of(rows: pa.Table | CallRowsFile) -> list[str]:
    """What makes the amounts of rows doubtful, in the order of the rate card; of rows that do not say, nothing."""
    found: list[str] = json.loads((rows.schema.metadata or {}).get(RATE_NOTES.encode(), b"[]"))
    return found


@dataclass(frozen=True, slots=True)
class CallList:
    """Rows of calls, and how many calls there are with those that are not listed."""

    rows: CallRowsFile
    total: int


def answer(request: Request) -> CallRowsFile:
    """``voicetel calls``: the rows of ``calls``, in a file. Raises NoDataError where there are no calls."""
    return list_calls(request, ALL_ROWS).rows


def list_calls(request: Request, pagination: Pagination) -> CallList:
    """The calls of a list in its order. What is worked out of the others is the column by which all are sorted.

    Raises NoDataError where there are no calls.
    """
    store, card = request.store, request.rate_card
    with (
        limited_memory(store.connection, store.number_of_calls() > CALLS_AT_ONCE),
        RowFileWriter(store.directory) as file,
    ):
        context = analysis_context(store, request.selection, request.transcript_options, card)
        ((total,),) = context.rows("SELECT count(*) FROM selected_calls")
        if not total:
            raise no_calls_error(store, request.selection)
        if is_partial := 0 < pagination.limit < total:
            prepare_rates(context, card)
            notes = rate_notes(context, card)  # on the rates of all calls, also where few are priced
            context, order = _keep_listed_calls(context, card, pagination, total)
            price_usage(context, card)
        else:
            price_usage(context, card)
            notes = rate_notes(context, card)
        for rows in call_row_batches(context):
            file.add(rows.to_reader())
        found = CallRowsFile(file.finish(), _metadata(notes))
    return CallList(found.take(order) if is_partial else paginated(found, pagination, request.selection.by), total)


def _keep_listed_calls(
    context: AnalysisContext, card: RateCard, pagination: Pagination, total: int
) -> tuple[AnalysisContext, list[int]]:
    """The context of the calls of a list alone, and the indexes of its rows in the list's order."""
    positions: Sequence[int]
    if pagination.sort is None or pagination.sort in context.selection.by:
        create_call_positions(context)
        positions = range(total)
    else:
        positions = sorted_positions(context, card, pagination.sort)
    listed = positions[pagination.offset : pagination.offset + pagination.limit]
    context.run_on_calls(
        "CREATE OR REPLACE TEMP TABLE listed_calls AS"
        " SELECT call_id FROM call_positions WHERE position IN (SELECT unnest(CAST($positions AS BIGINT[])))",
        positions=list(listed),
    )
    index = {position: index for index, position in enumerate(sorted(listed))}
    return keep_calls(context, "listed_calls"), [index[position] for position in listed]
