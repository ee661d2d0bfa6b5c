"""How the rows of the selected calls get their groups, each at the level of what it is grouped by.

A dimension is of calls, of turns or of operations (dimensions.py). Rows that a grouping says nothing of, such as calls where
models are asked for, have the group NO_GROUP: they count in what is over all calls, and in no group. Where figures are
grouped by turns, an operation outside of any turn is in the group whose value there is NULL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.analyzers.core.dimensions import Level, list_sql

if TYPE_CHECKING:
    import duckdb

    from voicetel.analyzers.core.dimensions import Dimension

NO_GROUP = -1


@dataclass(frozen=True, slots=True)
class Grouping:
    """What rows are grouped by."""

    dimensions: tuple[Dimension, ...] = ()

    @property
    def level(self) -> Level:
        """That of its finest dimension."""
        return max((each.level for each in self.dimensions), default=Level.CALL)

    @property
    def is_of_calls(self) -> bool:
        """Whether every row of a call is in the call's group."""
        return self.level is Level.CALL

    @property
    def has_turn_dimension(self) -> bool:
        """Whether a dimension is of turns."""
        return any(each.level is Level.TURN for each in self.dimensions)

    @property
    def reads_logs(self) -> bool:
        """Whether a dimension is not in the store."""
        return any(each.is_read_from_logs for each in self.dimensions)

    def values_sql(self, level: Level, parent_values_sql: str = "") -> str:
        """SQL for the values of a row of ``level``: its own, those of the levels above from the list ``parent_values_sql``, else NULL."""
        return list_sql(
            [
                each.sql if each.level is level else f"{parent_values_sql}[{index}]" if each.level < level else "NULL"
                for index, each in enumerate(self.dimensions, start=1)
            ]
        )

    def order_sql(self, values_sql: str) -> str:
        """SQL for what groups are ordered by, of the list ``values_sql``: no two groups are equal in it."""
        if not any(each.order_sql for each in self.dimensions):
            return values_sql
        keys_sql = list_sql(
            [
                f"list_transform([{values_sql}[{index}]], lambda value: {each.order_sql})[1]"
                if each.order_sql
                else f"{values_sql}[{index}]"
                for index, each in enumerate(self.dimensions, start=1)
            ]
        )
        return f"{keys_sql}, {values_sql}"


def create_group_keys(connection: duckdb.DuckDBPyConnection, grouping: Grouping) -> None:
    """Make ``group_keys``: one row per group of a grouping by turns or operations: ``group_values``, and ``group_id``, from 0 in the order of the values.

    Wants ``selected_calls``; makes ``turn_keys`` (``line_key``, ``group_values``) where a dimension is of turns, and
    ``operations_with_group_values`` or ``usage_with_group_values``, which are the rows of these with ``group_values``.
    """
    if grouping.has_turn_dimension:
        turns_sql = f"SELECT line_key, {grouping.values_sql(Level.TURN, 'group_values')} AS group_values"
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE turn_keys AS {turns_sql} FROM positioned_turns JOIN selected_calls USING (call_id)"
        )
        parent_values_sql, join_sql, relation = (
            "coalesce(turn_keys.group_values, call.group_values)",
            " LEFT JOIN turn_keys USING (line_key)",
            "operations",
        )
    else:
        parent_values_sql, join_sql, relation = "call.group_values", "", "usage"
    rows_sql = f"SELECT {relation}.*, {parent_values_sql} AS parent_values FROM {relation} JOIN selected_calls AS call USING (call_id){join_sql}"
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {relation}_with_group_values AS"
        f" SELECT * EXCLUDE (parent_values), {grouping.values_sql(Level.OPERATION, 'parent_values')} AS group_values FROM ({rows_sql})"
    )
    values_sql = f"SELECT group_values FROM {relation}_with_group_values"
    if grouping.level is Level.TURN:
        # Interruptions that are logged per call are of no turn that is known: see turn_interruptions.sql.
        logged_sql = "SELECT group_values FROM selected_calls WHERE NOT has_interruption_flags AND interruption_count IS NOT NULL"
        values_sql = f"SELECT group_values FROM turn_keys UNION {values_sql} UNION {logged_sql}"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE group_keys AS"
        f" SELECT CAST(row_number() OVER (ORDER BY {grouping.order_sql('group_values')}) - 1 AS INTEGER) AS group_id, group_values"
        f" FROM (SELECT DISTINCT group_values FROM ({values_sql}))"
    )
