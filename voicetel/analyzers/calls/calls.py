"""``voicetel calls``: every figure of every call, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.no_calls import no_calls
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import PLACES
from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS
from voicetel.analyzers.cost.cost import price_usage
from voicetel.analyzers.interruptions.interruptions import interruptions
from voicetel.analyzers.prepare import analysis_context
from voicetel.events.metrics import LATENCIES

if TYPE_CHECKING:
    import pyarrow as pa

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.request import Request
    from voicetel.analyzers.core.selection import Selection
    from voicetel.analyzers.core.transcript_options import TranscriptOptions
    from voicetel.pricing import RateCard
    from voicetel.store import Store

CALLS_AT_ONCE = 50_000
"""Percentiles of every call by itself cannot be spilled to disk, so that not all calls may be at it together."""


def calls(
    store: Store,
    card: RateCard,
    selection: Selection = ALL_CALLS,
    asked: TranscriptOptions = NO_TRANSCRIPTS,
) -> pa.Table:
    """One row per selected call, oldest first. calls.sql names the columns; money is exact, as decimal128(38, 24).

    ``started_at`` is UTC without a zone, latencies are ms as float64, ``duration_s`` is a decimal. Unknown is null.
    With ``selection.by`` the calls of a group stand together, in the order of the groups' values, which come first.
    Raises UsageError for a dimension that is unknown.
    """
    context = analysis_context(store, selection, asked)
    price_usage(context, card)
    return call_rows(context)


def answer(request: Request) -> pa.Table:
    """``voicetel calls``. Raises NoDataError where there are no calls."""
    found = calls(request.store, request.rate_card, request.selection, request.transcript)
    if not found.num_rows:
        raise no_calls(request.store, filtered=True)
    return found


def call_rows(context: AnalysisContext) -> pa.Table:
    """The same over calls that have been selected and priced."""
    interruptions(context)
    _call_latency(context)
    by = context.selection.by
    text = (
        load_sql(__name__, "calls.sql")
        .replace("{day}", f"key[{by.index('day') + 1}] AS day," if "day" in by else "")
        .replace("{latencies}", ", ".join(_columns(latency.name) for latency in LATENCIES))
    )
    table = context.connection.sql(text).to_arrow_table()
    return table.select([*by, *(name for name in table.column_names if name not in by)])


def _call_latency(context: AnalysisContext) -> None:
    """Make ``call_latency``, some calls at a time."""
    figures = ", ".join(_figures(latency.name) for latency in LATENCIES)
    of_some = load_sql(__name__, "call_latency.sql").replace("{figures}", figures)
    ((calls,),) = context.sql("SELECT count(*) FROM selected_calls")
    chunks = 1 + calls // CALLS_AT_ONCE
    for chunk in range(chunks):
        context.collect("call_latency", of_some, first=chunk == 0, chunks=chunks, chunk=chunk)


def _figures(name: str) -> str:
    return (
        f"count({name}) AS {name}_n, round(CAST(sum({name}) AS DOUBLE) / count({name}), {PLACES}) AS {name}_avg, "
        f"CAST(min({name}) AS DOUBLE) AS {name}_min, quantile_cont(CAST({name} AS DOUBLE), [0.5, 0.95]) AS {name}_p, "
        f"CAST(max({name}) AS DOUBLE) AS {name}_max"
    )


def _columns(name: str) -> str:
    return (
        f"coalesce({name}_n, 0) AS {name}_n, {name}_avg, {name}_min, "
        f"round({name}_p[1], {PLACES}) AS {name}_p50, round({name}_p[2], {PLACES}) AS {name}_p95, {name}_max"
    )
