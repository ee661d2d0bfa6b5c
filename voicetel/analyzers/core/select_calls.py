"""Filters calls, numbers their groups, and makes the views that analyzers read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.context import AnalysisContext
from voicetel.analyzers.core.dimensions import CALL_DIMENSIONS, check_dimensions, values_sql
from voicetel.analyzers.core.selected_views import create_selected_views
from voicetel.analyzers.core.sql_files import create_temp_view, load_sql

if TYPE_CHECKING:
    from voicetel.analyzers.core.selection import Selection
    from voicetel.store import Store


def filter_calls(store: Store, selection: Selection, *, materialize: bool = False) -> None:
    """Make ``filtered_calls``: the rows of call_states.sql that are wanted; with ``materialize``, as a table to be updated."""
    store.connection.execute("SET VARIABLE timezone = $tz", {"tz": selection.tz})
    store.connection.execute(load_sql(__name__, "call_states.sql"))
    conditions, values = _conditions(selection)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    create_temp_view(store.connection, "filtered_calls", f"FROM call_states{where}", values, materialize=materialize)


def group_calls(store: Store, selection: Selection, *, materialize: bool = False) -> AnalysisContext:
    """Make the views that analyzers read of the filtered calls, and number their groups in the order of their values."""
    check_dimensions(selection.by, tuple(CALL_DIMENSIONS))
    is_grouped = bool(selection.by)
    group_values = values_sql([CALL_DIMENSIONS[name] for name in selection.by])
    group_id = "CAST(dense_rank() OVER (ORDER BY group_values) - 1 AS INTEGER)" if is_grouped else "0"
    calls = f"SELECT *, {group_id} AS group_id FROM (SELECT *, {group_values} AS group_values FROM filtered_calls)"
    create_temp_view(store.connection, "selected_calls", calls, materialize=materialize or is_grouped)
    is_unfiltered = not _conditions(selection)[0]
    create_selected_views(store.connection, every_turn=is_unfiltered and not is_grouped)
    groups = store.connection.execute(
        "SELECT DISTINCT group_id, group_values FROM selected_calls ORDER BY group_id"
    ).fetchall()
    return AnalysisContext(store.connection, selection, tuple(tuple(values) for _, values in groups), is_unfiltered)


def _conditions(selection: Selection) -> tuple[list[str], dict[str, object]]:
    """SQL over ``call_states`` for what a selection asks of calls, and the values that it binds."""
    filters: dict[str, tuple[str, object]] = {
        "since": ("started_at >= $since", selection.since),
        "until": ("started_at < $until", selection.until),
        "agents": ("list_contains($agents, agent_name)", list(selection.agents)),
        "campaigns": ("list_contains($campaigns, campaign)", list(selection.campaigns)),
        "languages": ("list_contains($languages, language)", list(selection.languages)),
        "call_ids": ("list_contains($call_ids, call_id)", list(selection.call_ids)),
    }
    wanted = {name: each for name, each in filters.items() if each[1]}
    return [condition for condition, _ in wanted.values()], {name: value for name, (_, value) in wanted.items()}
