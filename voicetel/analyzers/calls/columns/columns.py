"""The columns of ``calls``, read by groups of them and some calls at a time.

A join of everything that is known of a call has so many hash tables at once that a log of many calls fills an analysis's memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.bounded_memory.memory_limit import limited_memory
from voicetel.analyzers.core.sql_files import load_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb
    import pyarrow as pa

    from voicetel.analyzers.core.context import AnalysisContext

CALLS_AT_ONCE = 20_000
"""Percentiles of every call by itself cannot be spilled to disk, nor can what is handed over as Arrow."""

_MATERIALIZED_VIEWS = {
    "usage": ("call_usage", "FROM call_usage"),
    "cost": ("call_cost", "SELECT call_id, billable, covered, COLUMNS('cost_.*') FROM call_cost"),
    "handling": ("call_handling", "FROM call_handling"),
}
"""By file the view over all calls that is worked out once where calls are read some at a time, and what is read of it."""

PRICED_FILE = "cost"
"""The file of columns that wants what was used to be priced."""

_COLUMN_FILES = ("description", "latency", "usage", PRICED_FILE, "interruptions", "outcome", "handling")
"""Files of the columns of the result, in their order: each has a row for each call of ``call_batch``, in the order of their positions."""


def create_call_positions(context: AnalysisContext) -> int:
    """Make ``call_positions`` of the selected calls, and count them."""
    context.run_on_calls(load_sql(__name__, "call_positions.sql"))
    ((count,),) = context.rows("SELECT count(*) FROM call_positions")
    return int(count)


def joined_columns(context: AnalysisContext, files: Sequence[str] = _COLUMN_FILES) -> Iterator[pa.Table]:
    """One row per selected call, group by group and oldest first, CALLS_AT_ONCE of them in a table: there is one table at least.

    It is what ``voicetel calls`` shows and exporters write, or some ``files`` of it. Reads what ``create_call_figures`` made.
    """
    count = create_call_positions(context)
    if count <= CALLS_AT_ONCE:
        yield _columns_of_batch(context, files, 0)
        return
    for name, sql in (_MATERIALIZED_VIEWS[file] for file in files if file in _MATERIALIZED_VIEWS):
        context.run_on_calls(f"CREATE OR REPLACE TEMP TABLE materialized_{name} AS {sql}")
        context.create_view(name, f"FROM materialized_{name}")
    with limited_memory(context.connection):
        for first in range(0, count, CALLS_AT_ONCE):
            yield _columns_of_batch(context, files, first)


def file_of_column(context: AnalysisContext, column: str) -> str:
    """The file that has a column. No row of it is read, nor is anything priced."""
    create_call_positions(context)
    context.run_on_calls(load_sql(__name__, "call_batch.sql"), first=0, last=-1)
    context.run_on_calls(load_sql(__name__, "call_latency.sql"))
    others = (file for file in _COLUMN_FILES if file != PRICED_FILE)
    return next((file for file in others if column in _relation(context, file).columns), PRICED_FILE)


def _columns_of_batch(context: AnalysisContext, files: Sequence[str], first: int) -> pa.Table:
    """The rows of CALLS_AT_ONCE calls, from the ``first`` on."""
    context.run_on_calls(load_sql(__name__, "call_batch.sql"), first=first, last=first + CALLS_AT_ONCE - 1)
    if "latency" in files:
        context.run_on_calls(load_sql(__name__, "call_latency.sql"))
    table, *more = (_relation(context, file).to_arrow_table() for file in files)
    for columns in more:
        for field, column in zip(columns.schema, columns.columns, strict=True):
            table = table.append_column(field, column)
    return table


def _relation(context: AnalysisContext, file: str) -> duckdb.DuckDBPyRelation:
    return context.connection.sql(load_sql(__name__, f"{file}.sql"))
