"""The columns of ``calls``, read by groups of them and some calls at a time.

A join of everything that is known of a call has so many hash tables at once that a log of many calls fills an analysis's memory.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from voicetel.analyzers.core.context import AnalysisContext

CALLS_AT_ONCE = 20_000
"""Percentiles of every call by itself cannot be spilled to disk, nor can what is handed over as Arrow."""

MEMORY_BYTES = 260_000_000
"""What DuckDB may hold while the rows of more calls than that are collected beside it."""

_MATERIALIZED = {
    "call_usage": "FROM call_usage",
    "call_cost": "SELECT call_id, billable, covered, COLUMNS('cost_.*') FROM call_cost",
    "call_handling": "FROM call_handling",
}
"""Views over all calls that are worked out once where calls are read some at a time, and what is read of them."""

_COLUMNS = (
    """
    SELECT
        group_values, call_id, started_at, duration_s, state, agent_name, agent_version, campaign, direction, language, end_reason,
        turns, user_turns, agent_turns
    FROM ids_at_once JOIN selected_calls USING (call_id)
    """,
    "SELECT call_latency.* EXCLUDE (call_id) FROM ids_at_once LEFT JOIN call_latency USING (call_id)",
    """
    SELECT stt_s, llm_input_tokens, llm_output_tokens, tts_characters, transport_s
    FROM ids_at_once LEFT JOIN call_usage USING (call_id)
    """,
    """
    SELECT
        cost_stt, cost_llm, cost_tts, cost_realtime, cost_transport, cost_other, cost_total,
        CAST(coalesce(billable - covered, 0) AS BIGINT) AS unpriced_operations
    FROM ids_at_once LEFT JOIN call_cost USING (call_id)
    """,
    """
    SELECT
        CAST(interruption_count AS BIGINT) AS interruption_count,
        CASE WHEN agent_turns > 0 THEN interruption_count / agent_turns END AS interruption_rate
    FROM ids_at_once JOIN call_interruptions USING (call_id)
    """,
    """
    SELECT
        outcome, CAST(outcome_confidence AS DOUBLE) AS outcome_confidence, outcome_reason, outcome_source,
        CAST(sentiment AS DOUBLE) AS sentiment, answered
    FROM ids_at_once JOIN selected_calls USING (call_id)
    """,
    """
    SELECT
        transferred, CAST(first_word_ms AS DOUBLE) AS first_word_ms, CAST(caller_silence_ms AS DOUBLE) AS caller_silence_ms,
        no_inputs AS no_input_count, unheard AS unheard_count,
        CASE WHEN confidence_n > 0 THEN CAST(confidence_sum AS DOUBLE) / confidence_n END AS confidence_avg
    FROM ids_at_once JOIN call_handling USING (call_id)
    """,
)
"""The columns of the result in their order: each query has a row for each call of ``ids_at_once``.

``group_values`` are the values of the call's group. ``interruption_count`` and ``interruption_rate`` are NULL where nothing of the
call says whether the agent was stopped; ``answered``: it counts as answered; ``confidence_avg`` is the mean over its turns of how
sure the transcriber was. Amounts are in the card's currency; a component no operation of which has a price is NULL.
"""


def joined_columns(context: AnalysisContext) -> pa.Table:
    """One row per selected call, group by group and oldest first: what ``voicetel calls`` shows and exporters write.

    Reads what ``create_call_figures`` made.
    """
    import pyarrow as pa  # noqa: PLC0415  where calls are listed

    context.create(load_sql(__name__, "call_places.sql"))
    ((count,),) = context.rows("SELECT count(*) FROM call_places")
    if count <= CALLS_AT_ONCE:
        return _columns_at_once(context, 0)
    for name, sql in _MATERIALIZED.items():
        context.create(f"CREATE OR REPLACE TEMP TABLE materialized_{name} AS {sql}")
        context.create_view(name, f"FROM materialized_{name}")
    with _less_memory(context):
        return pa.concat_tables([_columns_at_once(context, first) for first in range(0, count, CALLS_AT_ONCE)])


@contextmanager
def _less_memory(context: AnalysisContext) -> Iterator[None]:
    """DuckDB holds at most MEMORY_BYTES, for so long."""
    # What it says is rounded down: a byte more is the limit that it shows again.
    ((limit,),) = context.rows("SELECT 1 + parse_formatted_bytes(current_setting('memory_limit'))")
    if limit <= MEMORY_BYTES:
        yield
        return
    context.rows(f"SET memory_limit = '{MEMORY_BYTES}B'")
    try:
        yield
    finally:
        context.rows(f"SET memory_limit = '{limit}B'")


def _columns_at_once(context: AnalysisContext, first: int) -> pa.Table:
    """The rows of CALLS_AT_ONCE calls, from the ``first`` on."""
    context.create(load_sql(__name__, "ids_at_once.sql"), first=first, last=first + CALLS_AT_ONCE - 1)
    context.create(load_sql(__name__, "call_latency.sql"))
    table, *more = (context.connection.sql(f"{sql} ORDER BY place").to_arrow_table() for sql in _COLUMNS)
    for columns in more:
        for field, column in zip(columns.schema, columns.columns, strict=True):
            table = table.append_column(field, column)
    return table
