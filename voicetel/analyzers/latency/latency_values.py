"""The values that statistics of latencies are made of, each with its group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.dimensions import Level
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.handling.results import CALL_TIME_MEASURES
from voicetel.analyzers.latency.stage_latencies import STAGE_LATENCIES, create_stage_latencies
from voicetel.events.metrics import ALL_LATENCY_NAMES, TOOL_DURATION, TURN_LATENCY_NAMES

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext

MEASURE_TYPE = "ENUM({})".format(", ".join(f"'{name}'" for name in (*ALL_LATENCY_NAMES, *CALL_TIME_MEASURES)))
"""The type of ``latency``: times of calls have a place in it, so that both can be counted together."""

_TOOL_VALUES_SQL = f"SELECT group_id, CAST('{TOOL_DURATION.name}' AS {MEASURE_TYPE}) AS latency, ms FROM tool_latencies WHERE ms IS NOT NULL"


def create_latency_values(context: AnalysisContext) -> None:
    """Make ``latencies_with_group``, ``latency_values`` and ``tool_latencies``.

    - ``latency_values``: one row per latency that is known of a turn, or of a call of a tool: ``group_id``, ``latency``, ``ms``.
    - ``latencies_with_group``: ``group_id`` and ``impossible``, the names of the latencies that were excluded; NULL: none.

    Unless every turn is selected, in one group, the turns are looked up once.
    """
    context.run_on_calls(load_sql(__name__, "tool_latencies.sql"))
    if context.grouping.level is Level.OPERATION:
        _create_values_of_operations(context)
        return
    selects_all = context.is_unfiltered and not context.is_grouped
    columns_sql = ", ".join(TURN_LATENCY_NAMES)
    # Each layer of views over the turns costs time in every query, so that there is only one where no group has to be looked up.
    turns_sql = (
        f"SELECT 0 AS group_id, impossible, {columns_sql} FROM turns"
        if selects_all
        else "SELECT * EXCLUDE (call_id) FROM turn_latencies"
    )
    context.create_view("latencies_with_group", turns_sql, materialize=not selects_all)
    values_sql = " UNION ALL ".join(
        f"SELECT group_id, CAST('{name}' AS {MEASURE_TYPE}) AS latency, {name} AS ms FROM latencies_with_group WHERE {name} IS NOT NULL"
        for name in TURN_LATENCY_NAMES
    )
    context.create_view(
        "latency_values", f"{values_sql} UNION ALL {_TOOL_VALUES_SQL}", materialize=context.materializes_views
    )


def _create_values_of_operations(context: AnalysisContext) -> None:
    """The same of a grouping by operations: a latency of a stage has the group of its operation, others have none."""
    create_stage_latencies(context)
    grouping = context.grouping
    parent_values_sql = (
        "coalesce(turn_keys.group_values, call.group_values)" if grouping.has_turn_dimension else "call.group_values"
    )
    join_sql = " LEFT JOIN turn_keys USING (line_key)" if grouping.has_turn_dimension else ""
    stages_sql = (
        f"SELECT stage_latencies.* EXCLUDE (group_id), {parent_values_sql} AS parent_values"
        f" FROM stage_latencies JOIN selected_calls AS call USING (call_id){join_sql}"
    )
    keyed_sql = f"SELECT latency, ms, is_impossible, {grouping.values_sql(Level.OPERATION, 'parent_values')} AS group_values FROM ({stages_sql})"
    others_sql = [
        f"SELECT group_id, '{name}' AS latency, {name} AS ms, coalesce(list_contains(impossible, '{name}'), false) AS is_impossible"
        f" FROM selected_turns WHERE {name} IS NOT NULL OR list_contains(impossible, '{name}')"
        for name in TURN_LATENCY_NAMES
        if name not in STAGE_LATENCIES
    ]
    of_stages_sql = f"SELECT coalesce(group_id, -1) AS group_id, latency, ms, is_impossible FROM ({keyed_sql}) LEFT JOIN group_keys USING (group_values)"
    sql = " UNION ALL ".join([of_stages_sql, *others_sql])
    context.create_view("latencies_of_operations", sql, materialize=True)
    values_sql = f"SELECT group_id, CAST(latency AS {MEASURE_TYPE}) AS latency, ms FROM latencies_of_operations WHERE ms IS NOT NULL"
    context.create_view("latency_values", f"{values_sql} UNION ALL {_TOOL_VALUES_SQL}")
    excluded_sql = "SELECT group_id, [latency] AS impossible FROM latencies_of_operations WHERE is_impossible"
    context.create_view("latencies_with_group", excluded_sql)
