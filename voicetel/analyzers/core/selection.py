"""Which calls a question is about: filters, and the groups they fall into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.analyzers.core.context import AnalysisContext
from voicetel.analyzers.core.dimensions import CALL_DIMENSIONS, check_dimensions
from voicetel.analyzers.core.sql_files import create_temp_view, load_sql

if TYPE_CHECKING:
    from datetime import datetime

    from voicetel.store import Store


@dataclass(frozen=True, slots=True)
class Selection:
    """Which calls, and how they are grouped.

    A call belongs to the moment it started: ``since`` ≤ start < ``until``, both UTC and without a zone. ``agents``,
    ``campaigns``, ``languages`` and ``call_ids`` name those that are wanted; empty means all. ``tz`` is the zone of days.
    """

    since: datetime | None = None
    until: datetime | None = None
    agents: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    tz: str = "UTC"
    call_ids: tuple[str, ...] = ()


ALL_CALLS = Selection()


def filter_calls(store: Store, selection: Selection, *, to_be_changed: bool = False) -> None:
    """Make ``filtered_calls``: the rows of ``calls`` that are wanted, with their ``state``."""
    text = load_sql(__name__, "filtered_calls.sql").replace("{wanted}", " AND ".join(_conditions(selection)) or "true")
    values = {
        "since": selection.since,
        "until": selection.until,
        "agents": list(selection.agents),
        "campaigns": list(selection.campaigns),
        "languages": list(selection.languages),
        "call_ids": list(selection.call_ids),
    }
    wanted = {name: value for name, value in values.items() if value}
    create_temp_view(store.connection, "filtered_calls", text, wanted, materialize=to_be_changed)


def group_calls(store: Store, selection: Selection, *, to_be_changed: bool = False) -> AnalysisContext:
    """Make ``selected_calls`` of the chosen ones, and number their groups in the order of their values."""
    check_dimensions(selection.by, tuple(CALL_DIMENSIONS))
    columns = [CALL_DIMENSIONS[name] for name in selection.by]
    key = f"[{', '.join(f'CAST({column} AS VARCHAR)' for column in columns)}]" if columns else "CAST([] AS VARCHAR[])"
    part = f"dense_rank() OVER (ORDER BY {key}) - 1" if columns else "0"
    text = load_sql(__name__, "selected_calls.sql").replace("{part}", part).replace("{key}", key)
    values = {"tz": selection.tz} if "day" in selection.by else {}
    create_temp_view(store.connection, "selected_calls", text, values, materialize=to_be_changed or bool(columns))
    parts = store.connection.execute("SELECT DISTINCT part, key FROM selected_calls ORDER BY part").fetchall()
    everything = not _conditions(selection)
    return AnalysisContext(store.connection, selection, tuple(tuple(values) for _, values in parts), everything)


def _conditions(selection: Selection) -> list[str]:
    """SQL over ``calls`` for what a selection asks of them; its values are bound by the names of its fields."""
    conditions = {
        "started_at >= $since": selection.since,
        "started_at < $until": selection.until,
        "list_contains($agents, agent_name)": selection.agents,
        "list_contains($campaigns, campaign)": selection.campaigns,
        "list_contains($languages, language)": selection.languages,
        "list_contains($call_ids, call_id)": selection.call_ids,
    }
    return [condition for condition, value in conditions.items() if value]
