"""Which calls a question is about: filters, and the groups they fall into."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from voicetel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import duckdb

    from voicetel.store import Store

CALL_DIMENSIONS = {
    "agent_name": "agent_name",
    "agent_version": "agent_version",
    "campaign": "campaign",
    "direction": "direction",
    "language": "language",
    "day": "strftime(timezone($tz, timezone('UTC', started_at)), '%Y-%m-%d')",
    "outcome": "outcome",
}
"""What calls can be grouped by, each with its SQL over ``selected_calls``. A day is that of the call's start, in a zone."""

_WITHOUT_PARTS = "(SELECT * REPLACE (CAST(NULL AS INTEGER) AS part) FROM selected_calls)"
_GROUPS = re.compile(r"\{groups:?([^}]*)\}")


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


@dataclass(frozen=True, slots=True)
class Scope:
    """A store on whose connection the temporary relations that analyzers read have been made.

    ``selected_calls`` has one row per selected call: the columns of ``calls``, ``state`` (ended, in_progress, incomplete)
    and ``part``, the number of its group. ``parts`` are the groups' values in the order
    of their numbers, along ``by``; one group with no values where nothing was asked for. ``everything`` says that no
    call was left out, so that relations need not be held against the selected calls.
    """

    connection: duckdb.DuckDBPyConnection
    selection: Selection
    parts: tuple[tuple[str | None, ...], ...]
    everything: bool

    def rows(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        """Run one of this room's .sql files; see ``filled``."""
        return self.sql(self.filled(query(name)), **values)

    def sql(self, text: str, **values: object) -> list[tuple[Any, ...]]:
        """Run SQL with bound values."""
        return self.connection.execute(text, values or None).fetchall()

    def collect(self, table: str, text: str, *, first: bool, **values: object) -> None:
        """Make the temporary table ``table`` of the rows of a query, or add them to it where they are not the first."""
        into = f"CREATE OR REPLACE TEMP TABLE {table} AS" if first else f"INSERT INTO {table}"
        self.sql(f"{into}\n{self.filled(text)}", **values)

    def filled(self, text: str) -> str:
        """SQL with the selection put in.

        ``{turns}``, ``{usage}`` and ``{selected_calls}`` become the rows of the selected calls with the ``part`` of each; ``{groups: a, b}``
        becomes the clause that gives a row per group and (a, b), and one per (a, b) over all groups, whose part is NULL.
        Without groups there is only the latter, and part is NULL throughout; ``{part}`` is how a query without a, b has to
        ask for it.
        """
        for relation in ("turns", "usage"):
            text = text.replace(f"{{{relation}}}", self._of(relation))
        text = text.replace("{selected_calls}", "selected_calls" if self.selection.by else _WITHOUT_PARTS)
        text = text.replace("{part}", "part" if self.selection.by else "any_value(part)")
        return _GROUPS.sub(
            lambda found: self._grouped([name.strip() for name in found[1].split(",") if name.strip()]), text
        )

    def _of(self, relation: str) -> str:
        if self.selection.by:
            return f"(SELECT {relation}.*, part FROM {relation} JOIN selected_calls USING (call_id))"
        chosen = "" if self.everything else " SEMI JOIN selected_calls USING (call_id)"
        return f"(SELECT {relation}.*, CAST(NULL AS INTEGER) AS part FROM {relation}{chosen})"

    def _grouped(self, columns: Sequence[str]) -> str:
        if self.selection.by:
            names = ", ".join(columns)
            return f"GROUP BY GROUPING SETS (({', '.join(['part', *columns])}), ({names}))"
        return f"GROUP BY {', '.join(['part', *columns])}" if columns else ""


def check_dimensions(names: Sequence[str], known: Sequence[str]) -> None:
    """Raise UsageError with the likely right word for a name that is no dimension."""
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(known)}"
            raise UsageError(f"cannot group by {name!r}", hint=hint)


def choose_calls(store: Store, selection: Selection, *, to_be_changed: bool = False) -> None:
    """Make ``chosen_calls``: the rows of ``calls`` that are wanted, with their ``state``."""
    text = query("chosen_calls.sql").replace("{wanted}", " AND ".join(_conditions(selection)) or "true")
    values = {
        "since": selection.since,
        "until": selection.until,
        "agents": list(selection.agents),
        "campaigns": list(selection.campaigns),
        "languages": list(selection.languages),
        "call_ids": list(selection.call_ids),
    }
    wanted = {name: value for name, value in values.items() if value}
    make_relation(store.connection, "chosen_calls", text, wanted, keep=to_be_changed)


def group_calls(store: Store, selection: Selection, *, to_be_changed: bool = False) -> Scope:
    """Make ``selected_calls`` of the chosen ones, and number their groups in the order of their values."""
    check_dimensions(selection.by, tuple(CALL_DIMENSIONS))
    columns = [CALL_DIMENSIONS[name] for name in selection.by]
    key = f"[{', '.join(f'CAST({column} AS VARCHAR)' for column in columns)}]" if columns else "CAST([] AS VARCHAR[])"
    part = f"dense_rank() OVER (ORDER BY {key}) - 1" if columns else "0"
    text = query("selected_calls.sql").replace("{part}", part).replace("{key}", key)
    values = {"tz": selection.tz} if "day" in selection.by else {}
    make_relation(store.connection, "selected_calls", text, values, keep=to_be_changed or bool(columns))
    parts = store.connection.execute("SELECT DISTINCT part, key FROM selected_calls ORDER BY part").fetchall()
    everything = not _conditions(selection)
    return Scope(store.connection, selection, tuple(tuple(values) for _, values in parts), everything)


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


def make_relation(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: str,
    values: Mapping[str, object] | None = None,
    *,
    keep: bool,
) -> None:
    """Make the view ``name`` of ``rows``. Where they are to be kept, or have values, they stand in the table ``kept_<name>``."""
    if keep or values:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE kept_{name} AS\n{rows}", values or None)
        rows = f"FROM kept_{name}"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS\n{rows}")


@cache
def query(name: str) -> str:
    """The text of one of this room's .sql files."""
    return files("voicetel.analyzers").joinpath(name).read_text(encoding="utf-8")
