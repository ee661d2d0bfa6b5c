"""The columns of ``calls``, read by groups of them and some calls at a time.

A join of everything that is known of a call has so many hash tables at once that a log of many calls fills an analysis's memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.bounded_memory.memory_limit import limited_memory
from voicetel.analyzers.core.sql_files import load_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from voicetel.analyzers.core.context import AnalysisContext

CALLS_AT_ONCE = 20_000
"""Percentiles of every call by itself cannot be spilled to disk, nor can what is handed over as Arrow."""

_MATERIALIZED = {
    "call_usage": "FROM call_usage",
    "call_cost": "SELECT call_id, billable, covered, COLUMNS('cost_.*') FROM call_cost",
    "call_handling": "FROM call_handling",
}
"""Views over all calls that are worked out once where calls are read some at a time, and what is read of them."""

_COLUMNS = ("description", "latency", "usage", "cost", "interruptions", "outcome", "handling")
"""Files of the columns of the result, in their order: each has a row for each call of ``ids_at_once``, in the order of their positions."""


def joined_columns(context: AnalysisContext) -> Iterator[pa.Table]:
    """One row per selected call, group by group and oldest first, CALLS_AT_ONCE of them in a table: there is one table at least.

    It is what ``voicetel calls`` shows and exporters write. Reads what ``create_call_figures`` made.
    """
    context.create(load_sql(__name__, "call_positions.sql"))
    ((count,),) = context.rows("SELECT count(*) FROM call_positions")
    if count <= CALLS_AT_ONCE:
        yield _columns_at_once(context, 0)
        return
    for name, sql in _MATERIALIZED.items():
        context.create(f"CREATE OR REPLACE TEMP TABLE materialized_{name} AS {sql}")
        context.create_view(name, f"FROM materialized_{name}")
    with limited_memory(context.connection):
        for first in range(0, count, CALLS_AT_ONCE):
            yield _columns_at_once(context, first)


def _columns_at_once(context: AnalysisContext, first: int) -> pa.Table:
    """The rows of CALLS_AT_ONCE calls, from the ``first`` on."""
    context.create(load_sql(__name__, "ids_at_once.sql"), first=first, last=first + CALLS_AT_ONCE - 1)
    context.create(load_sql(__name__, "call_latency.sql"))
    table, *more = (context.connection.sql(load_sql(__name__, f"{name}.sql")).to_arrow_table() for name in _COLUMNS)
    for columns in more:
        for field, column in zip(columns.schema, columns.columns, strict=True):
            table = table.append_column(field, column)
    return table
