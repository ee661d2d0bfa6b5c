"""Filters calls, numbers their groups, and makes the views that analyzers read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from voicetel.analyzers.core.context import AnalysisContext
from voicetel.analyzers.core.dimensions import TAG_PREFIX, Level, find_dimension
from voicetel.analyzers.core.groups import NO_GROUP, Grouping
from voicetel.analyzers.core.local_time import set_local_time
from voicetel.analyzers.core.selected_views import create_selected_views
from voicetel.analyzers.core.sql_files import create_temp_view, load_sql
from voicetel.events.metrics import MAX_DURATION_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.selection import Selection
    from voicetel.store import Store


CALL_STATE_COLUMNS = frozenset(
    {
        *("call_id", "started_at", "duration_s", "state", "agent_name", "agent_version", "campaign", "direction"),
        *("language", "end_reason", "transferred", "turns", "user_turns", "agent_turns"),
        *("outcome", "outcome_confidence", "outcome_reason", "outcome_source", "sentiment"),
    }
)
"""Columns of ``calls --json`` that the rows of calls_with_state.sql have under the same name, and of the same meaning."""


IN_PROGRESS_FOR = timedelta(hours=1)
"""A call without an end is in progress until the newest event of the logs is later than its last one by more than this; then it is incomplete."""

IN_PROGRESS_MACRO = (
    "CREATE OR REPLACE TEMP MACRO is_in_progress(last_event_at, newest) AS"
    f" newest <= last_event_at + INTERVAL {IN_PROGRESS_FOR // timedelta(seconds=1)} SECOND"
)
"""The same in SQL, wherever it is asked: on a connection of the store or, where calls are spread over machines, of what they found."""

POSSIBLE_DURATION_MACRO = f"CREATE OR REPLACE TEMP MACRO is_possible_duration(ms) AS ms BETWEEN 0 AND {MAX_DURATION_MS}"
"""Whether a call of a tool, or what a stage did in a turn, can have taken so long: .sql files exclude by it what cannot be."""


def filter_calls(store: Store, selection: Selection, *, materialize: bool = False) -> None:
    """Make ``filtered_calls``: the rows of calls_with_state.sql that are wanted; with ``materialize``, as a table to be updated.

    A condition on what is no column of these rows is left to ``prepare.analysis_context``.
    """
    set_local_time(store.connection, selection.tz)
    store.connection.execute(IN_PROGRESS_MACRO)
    store.connection.execute(POSSIBLE_DURATION_MACRO)
    store.connection.execute(load_sql(__name__, "calls_with_state.sql"))
    conditions, values = _conditions_sql(selection)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    create_temp_view(
        store.connection, "filtered_calls", f"FROM calls_with_state{where}", values, materialize=materialize
    )


def group_calls(
    store: Store, selection: Selection, *, materialize: bool = False, excluded_columns: Sequence[str] = ()
) -> AnalysisContext:
    """Make the views that analyzers read of the filtered calls, and number their groups in the order of their values.

    ``excluded_columns``: columns that calls in groups are read without, as they are read into memory.
    """
    connection = store.connection
    grouping = _grouping(store, selection)
    is_grouped = bool(selection.by)
    group_values_sql = grouping.values_sql(Level.CALL)
    calls_sql = "filtered_calls LEFT JOIN logged_details USING (call_id)" if grouping.reads_logs else "filtered_calls"
    calls_sql = f"SELECT *, {group_values_sql} AS group_values FROM {calls_sql}"
    if is_grouped and grouping.is_of_calls:
        calls_sql = _with_group_id_sql(calls_sql, grouping)
    else:
        calls_sql = f"SELECT *, {NO_GROUP if is_grouped else 0} AS group_id FROM ({calls_sql})"
    if is_grouped and excluded_columns:
        calls_sql = f"SELECT * EXCLUDE ({', '.join(excluded_columns)}) FROM ({calls_sql})"
    create_temp_view(connection, "selected_calls", calls_sql, materialize=materialize or is_grouped)
    is_unfiltered = not _conditions_sql(selection)[0]
    create_selected_views(connection, grouping, selects_all=is_unfiltered and not is_grouped)
    keys_sql = (
        "SELECT DISTINCT group_id, group_values FROM selected_calls" if grouping.is_of_calls else "FROM group_keys"
    )
    groups = connection.execute(f"SELECT group_values FROM ({keys_sql}) ORDER BY group_id").fetchall()
    has_calls = bool(groups) or connection.execute("SELECT 1 FROM selected_calls LIMIT 1").fetchone() is not None
    found = tuple(tuple(values) for (values,) in groups)
    return AnalysisContext(connection, selection, found, is_unfiltered, grouping, has_calls)


def keep_calls(context: AnalysisContext, relation: str) -> AnalysisContext:
    """Leave those of the selected calls whose ids are in a relation; they keep their groups. What analyzers read is then of them alone."""
    context.run_on_calls(
        f"CREATE OR REPLACE TEMP TABLE kept_calls AS FROM selected_calls SEMI JOIN {relation} USING (call_id)"
    )
    context.create_view("selected_calls", "FROM kept_calls")
    create_selected_views(context.connection, context.grouping, selects_all=False)
    return replace(context, is_unfiltered=False)


def _with_group_id_sql(calls_sql: str, grouping: Grouping) -> str:
    """SQL for calls with the number of their group. Groups are put in order, and not the calls, of which there are many more."""
    number_sql = f"CAST(dense_rank() OVER (ORDER BY {grouping.order_sql('group_values')}) - 1 AS INTEGER)"
    numbers_sql = (
        f"SELECT group_values, {number_sql} AS group_id FROM (SELECT DISTINCT group_values FROM ({calls_sql}))"
    )
    return f"FROM ({calls_sql}) JOIN ({numbers_sql}) USING (group_values)"


def _grouping(store: Store, selection: Selection) -> Grouping:
    """What is asked for, and ``logged_details`` where that has to be read from the logs."""
    found = [find_dimension(name) for name in selection.by]
    if not Grouping(tuple(found)).reads_logs:
        return Grouping(tuple(found))
    from voicetel.analyzers.core.logged_details import create_logged_details  # noqa: PLC0415  only those who ask

    tags = [each.name.removeprefix(TAG_PREFIX) for each in found if not each.sql]
    create_logged_details(store, tags)
    nth = {f"{TAG_PREFIX}{tag}": index for index, tag in enumerate(tags, start=1)}
    return Grouping(tuple(each if each.sql else replace(each, sql=f"tag_values[{nth[each.name]}]") for each in found))


def _conditions_sql(selection: Selection) -> tuple[list[str], dict[str, object]]:
    """SQL over ``calls_with_state`` for what a selection asks of calls, and the values that it binds."""
    filters: dict[str, tuple[str, object]] = {
        "since": ("started_at >= $since", selection.since),
        "until": ("started_at < $until", selection.until),
        "agents": ("list_contains($agents, agent_name)", list(selection.agents)),
        "campaigns": ("list_contains($campaigns, campaign)", list(selection.campaigns)),
        "languages": ("list_contains($languages, language)", list(selection.languages)),
        "call_ids": ("call_id IN (SELECT unnest($call_ids))", list(selection.call_ids)),
    }
    wanted = {name: each for name, each in filters.items() if each[1]}
    conditions = [condition for condition, _ in wanted.values()]
    values = {name: value for name, (_, value) in wanted.items()}
    if selection.where is None:
        return conditions, values
    if not selection.where.columns <= CALL_STATE_COLUMNS:
        # The condition itself is left to prepare.analysis_context, but some calls will be left out.
        return [*conditions, "true"], values
    return [*conditions, selection.where.sql], {**values, **dict(selection.where.values)}
