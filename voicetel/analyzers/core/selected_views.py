"""The temporary views that every analyzer reads: the rows of the selected calls, with the group of each.

- ``selected_calls``: one row per call, with the columns of ``call_states`` (call_states.sql), ``group_id``, the number of its
  group from 0, and ``group_values``, the group's values as text.
- ``selected_turns``, ``selected_usage``: the rows of ``turns`` and ``usage`` with ``group_id``.
- ``selected_operations``: the rows of ``operations`` with ``group_id``, the UTC ``day``, what the provider ``charged`` (not
  NULL where its words make an amount) and in what ``charged_currency``, and ``billed_…`` and ``used`` as in ``usage``.
- ``turn_latencies``: ``call_id``, ``group_id``, ``impossible`` and the latencies of ``selected_turns``.
- ``latency_values``: one row per latency that is known of a turn of ``turn_latencies``: ``group_id``, ``latency``, ``ms``.

Columns of which there is one for each latency or quantity are made here, of the tables in events/ and pricing/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import create_temp_view
from voicetel.events.metrics import LATENCIES
from voicetel.store.column_types import billed_quantities, used_quantities

if TYPE_CHECKING:
    import duckdb

    from voicetel.analyzers.core.context import AnalysisContext

LATENCY_NAMES = tuple(latency.name for latency in LATENCIES)

_CHARGED = "regexp_full_match(currency, '[A-Za-z]{3}') AND TRY_CAST(cost AS DECIMAL(23, 18)) >= 0"


def create_selected_views(connection: duckdb.DuckDBPyConnection, *, every_turn: bool) -> None:
    """Make the views over ``selected_calls``. With ``every_turn`` all rows are selected, in one group: nothing is looked up."""
    group = ", 0 AS group_id FROM {0}" if every_turn else ", group_id FROM {0} JOIN selected_calls USING (call_id)"
    views = {
        "selected_turns": f"SELECT turns.*{group.format('turns')}",
        "selected_usage": f"SELECT usage.* EXCLUDE (source){group.format('usage')}",
        "selected_operations": _operations(f"SELECT operations.*{group.format('operations')}"),
        "turn_latencies": f"SELECT call_id, group_id, impossible, {', '.join(LATENCY_NAMES)} FROM selected_turns",
    }
    for name, sql in views.items():
        create_temp_view(connection, name, sql, materialize=False)


def create_latency_values(context: AnalysisContext) -> None:
    """Make ``grouped_latencies`` and ``latency_values``; unless every turn is selected, in one group, the turns are looked up once."""
    names = ", ".join(LATENCY_NAMES)
    every_turn = context.is_unfiltered and not context.is_grouped
    # Of the layers of views over the turns each costs time in every query: where there is nothing to look up, there is one.
    turns = (
        f"SELECT 0 AS group_id, impossible, {names} FROM turns"
        if every_turn
        else "SELECT * EXCLUDE (call_id) FROM turn_latencies"
    )
    context.create_view("grouped_latencies", turns, materialize=not every_turn)
    quoted = ", ".join(f"'{name}'" for name in LATENCY_NAMES)
    values = " UNION ALL ".join(
        f"SELECT group_id, CAST('{name}' AS ENUM({quoted})) AS latency, {name} AS ms FROM grouped_latencies WHERE {name} IS NOT NULL"
        for name in LATENCY_NAMES
    )
    context.create_view("latency_values", values)


def _operations(operations: str) -> str:
    billed = ", ".join(f"{sql} AS {column}" for column, sql in billed_quantities().items())
    charged = f"CASE WHEN {_CHARGED} THEN TRY_CAST(cost AS DECIMAL(23, 18)) END AS charged"
    measured = f"SELECT *, CAST(ts AS DATE) AS day, {charged}, {billed} FROM ({operations})"
    return (
        f"SELECT *, CASE WHEN charged IS NOT NULL THEN upper(currency) END AS charged_currency, {used_quantities()} AS used"
        f" FROM ({measured})"
    )
