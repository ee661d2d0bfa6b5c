"""Rows of calls that have been selected and priced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.calls.columns.columns import PRICED_FILE, file_of_column, joined_columns
from voicetel.analyzers.calls.pagination import sorted_indexes
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.interruptions.interruptions import interruptions
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.events.metrics import TURN_LATENCY_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import RateCard

_CALL_STATISTICS = ("n", "avg", "min", "p50", "p95", "max")


def call_rows(context: AnalysisContext) -> pa.Table:
    """One row per call that has been selected and priced: as ``calls`` of calls.py gives them."""
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
        yield table.select(_ordered_columns(table.column_names, context.selection.by))


def create_call_figures(context: AnalysisContext) -> None:
    """Make ``call_usage``, ``call_cost``, ``call_handling`` and ``call_interruptions`` of calls that have been selected and priced."""
    create_unpriced_figures(context)
    context.run_on_calls(load_sql(__name__, "call_cost.sql"))


def create_unpriced_figures(context: AnalysisContext) -> None:
    """The same but ``call_cost``, of calls that need not have been priced."""
    interruptions(context)
    context.run_on_calls(load_sql(__name__, "call_usage.sql"))
    context.run_on_calls(load_sql(__name__, "call_handling.sql"))


def sorted_positions(context: AnalysisContext, card: RateCard, column: str) -> list[int]:
    """The positions of the selected calls sorted by a column of theirs, which alone is worked out; each group in itself."""
    import pyarrow as pa  # noqa: PLC0415  where calls are listed

    create_unpriced_figures(context)
    file = file_of_column(context, column)
    if file == PRICED_FILE:
        price_usage(context, card)
        context.run_on_calls(load_sql(__name__, "call_cost.sql"))
    values = pa.concat_tables(rows.select([column]) for rows in joined_columns(context, [file])).column(column)
    groups = context.rows("SELECT group_id FROM call_positions JOIN selected_calls USING (call_id) ORDER BY position")
    return sorted_indexes(values, [group_id for (group_id,) in groups] if context.is_grouped else None)


def _group_values(table: pa.Table, index: int) -> pa.ChunkedArray:
    import pyarrow.compute as pc  # noqa: PLC0415  only those who group by more than a column

    return pc.list_element(table.column("group_values"), index)


def _ordered_columns(names: Sequence[str], by: Sequence[str]) -> list[str]:
    """The columns: groups, calls, the statistics of one latency after the other, and what follows."""
    latencies = [f"{name}_{statistic}" for name in TURN_LATENCY_NAMES for statistic in _CALL_STATISTICS]
    others = [name for name in names if name not in {*by, *latencies, "group_values"}]
    before = others.index("agent_turns") + 1
    return [*by, *others[:before], *latencies, *others[before:]]
