"""A store in which calls have been selected: what every analyzer reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from voicetel.analyzers.core.groups import NO_GROUP
from voicetel.analyzers.core.sql_files import create_temp_view
from voicetel.results import Group, ResultRow, ResultTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import duckdb

    from voicetel.analyzers.core.groups import Grouping
    from voicetel.analyzers.core.merge_rules import MergeRule
    from voicetel.analyzers.core.selection import Selection
    from voicetel.analyzers.summaries.value_lists import ValueLists

Figures = TypeVar("Figures")


@dataclass(frozen=True, slots=True)
class AnalysisContext:
    """A store on whose connection the temporary relations that analyzers read have been made.

    They are ``selected_calls``, ``selected_turns``, ``selected_operations`` and ``selected_usage``: see selected_views.py.
    ``group_values`` are the values of each group along ``selection.by``, at the place of its ``group_id``: one without values
    where no groups were asked for, none where no call was selected. ``is_unfiltered``: no call was left out. ``has_calls``:
    there is one at least, be it of no group.
    """

    connection: duckdb.DuckDBPyConnection
    selection: Selection
    group_values: tuple[tuple[str | None, ...], ...]
    is_unfiltered: bool
    grouping: Grouping
    has_calls: bool

    @property
    def is_grouped(self) -> bool:
        """Whether figures of each group are wanted beside those of all calls."""
        return bool(self.selection.by)

    @property
    def value_lists(self) -> ValueLists | None:
        """Where values of latencies and times of calls stand in lists, with those that a summary keeps; None: they are counted."""
        return None

    @property
    def materializes_views(self) -> bool:
        """Whether views are worked out once: so few calls are read that planning a query costs more than its rows do."""
        return False

    @property
    def group_ids(self) -> tuple[int | None, ...]:
        """The groups that figures are wanted of: None, which is all calls, then those that were asked for."""
        return (None, *range(len(self.group_values))) if self.is_grouped else (None,)

    def groups(self, found: Mapping[int | None, Figures]) -> tuple[Group[Figures], ...]:
        """What was found for each group, in their order; nothing where none were asked for."""
        if not self.is_grouped:
            return ()
        return tuple(
            Group(dict(zip(self.selection.by, values, strict=True)), found[group_id])
            for group_id, values in enumerate(self.group_values)
        )

    def table(self, records: Iterable[dict[str, Any]], figures_of: Callable[..., Figures]) -> ResultTable[Figures]:
        """A table with a row per record: its other columns are what ``figures_of`` takes, ``group_id`` says of which group.

        Records of all calls (``group_id`` NULL) count where no groups were asked for, those of groups where they were.
        """
        found = []
        for record in records:
            group_id = record.pop("group_id")
            if (group_id is not None) == self.is_grouped and group_id != NO_GROUP:
                values = self.group_values[group_id] if self.is_grouped else ()
                found.append(ResultRow(dict(zip(self.selection.by, values, strict=True)), figures_of(**record)))
        return ResultTable(self.selection.by, tuple(found))

    def run_on_calls(self, sql: str, **values: object) -> None:
        """Run SQL that makes a relation of calls, turns or operations, or changes one, or makes a macro that such SQL uses.

        The driver of a cluster has no calls, and so runs nothing.
        """
        self.connection.execute(sql, values or None)

    def run_without_calls(self, sql: str, **values: object) -> None:
        """Run SQL that needs no calls, as it reads tables that ``aggregate`` made, or none: on the driver of a cluster, too."""
        self.connection.execute(sql, values or None)

    def create_view(self, name: str, sql: str, *, materialize: bool = False) -> None:
        """Make a view of calls or turns: see ``create_temp_view``."""
        create_temp_view(self.connection, name, sql, materialize=materialize)

    def keep_for_second_pass(self, relation: str) -> None:
        """Say that a later ``aggregate`` with ``broadcast`` reads this relation of calls or turns.

        On one machine there is nothing to do: the relation is there. Where calls are spread over many, each machine keeps its
        own until then: see voicetel/cluster/.
        """

    def aggregate(
        self, table: str, sql: str, rule: MergeRule, *, broadcast: tuple[str, ...] = (), **values: object
    ) -> None:
        """Make the temporary table ``table``: the rows of ``sql``, a query over calls or turns, merged by ``rule``.

        ``broadcast`` names tables made of earlier aggregates, which ``sql`` reads beside the relations that ``keep_for_second_pass`` named: a
        second pass, as for exact percentiles, of which the counts come first and then the values between which they lie.
        """
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS\n{sql}", values or None)

    def aggregate_rows(
        self, table: str, sql: str, rule: MergeRule, *, broadcast: tuple[str, ...] = (), **values: object
    ) -> list[tuple[Any, ...]]:
        """The rows of what ``aggregate`` makes, in the order of the rule."""
        self.aggregate(table, sql, rule, broadcast=broadcast, **values)
        return self.rows(_ordered_sql(table, rule))

    def aggregate_records(self, table: str, sql: str, rule: MergeRule) -> list[dict[str, Any]]:
        """The same, each row as column → value."""
        self.aggregate(table, sql, rule)
        return self.records(_ordered_sql(table, rule))

    def rows(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        """The rows of a query, with values bound."""
        return self.connection.execute(sql, values or None).fetchall()

    def records(self, sql: str, **values: object) -> list[dict[str, Any]]:
        """The same, each row as column → value."""
        cursor = self.connection.execute(sql, values or None)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def append(self, table: str, sql: str, *, replace: bool, **values: object) -> None:
        """Add the rows of a query to the temporary table ``table``; with ``replace``, make it of them."""
        into = f"CREATE OR REPLACE TEMP TABLE {table} AS" if replace else f"INSERT INTO {table}"
        self.connection.execute(f"{into}\n{sql}", values or None)


def _ordered_sql(table: str, rule: MergeRule) -> str:
    return f"FROM {table} ORDER BY {rule.order_by}" if rule.order_by else f"FROM {table}"
