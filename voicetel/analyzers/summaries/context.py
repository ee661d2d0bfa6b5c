"""A context whose queries are merged with the rows that a summary has, or whose rows become a summary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.context import AnalysisContext
from voicetel.analyzers.core.merge_rules import arrow_compatible_type, merged_sql
from voicetel.analyzers.summaries.value_lists import ValueLists

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.analyzers.core.merge_rules import MergeRule


@dataclass(frozen=True, slots=True)
class SummaryTable:
    """Rows of one query over the calls of a summary. ``columns``: each with its type in DuckDB; ``rows``: as Arrow."""

    columns: tuple[tuple[str, str], ...]
    rows: Any


@dataclass(frozen=True, slots=True)
class SummaryContext(AnalysisContext):
    """A context over some of the calls.

    ``summary``: rows that a summary has of all others, which are merged with those of these calls; None: the rows of these calls are
    to become a summary, and are collected in ``collected``. ``values`` are those of both, or those collected.
    """

    summary: Mapping[str, SummaryTable] | None = None
    collected: dict[str, SummaryTable] = field(default_factory=dict)
    values: ValueLists = field(default_factory=ValueLists)

    @property
    def value_lists(self) -> ValueLists | None:
        """The values of latencies and times of calls."""
        return self.values

    @property
    def materializes_views(self) -> bool:
        """Of few calls rows are worked out once, which is quicker than to plan them for each use."""
        return self.summary is not None

    def aggregate(
        self, table: str, sql: str, rule: MergeRule, *, broadcast: tuple[str, ...] = (), **values: object
    ) -> None:
        """Make the table of the rows of ``sql`` and of those of the summary, which has none for a second pass."""
        if broadcast:
            raise TypeError(f"{table}: a summary has nothing for a second pass")
        summarized = self.summary.get(table) if self.summary else None
        query_sql = sql.strip().removesuffix(";")
        if summarized is not None:
            self.connection.register(f"summarized_{table}", summarized.rows)
            query_sql = merging_sql(query_sql, f"summarized_{table}", summarized.columns, rule)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS\n{query_sql}", values or None)
        if summarized is not None:
            self.connection.unregister(f"summarized_{table}")
        elif self.summary is None:
            self.collect(table)

    def collect(self, table: str) -> None:
        """Add the rows of a table to what becomes a summary."""
        columns = self.connection.sql(f"FROM {table}")
        kinds = tuple((name, str(kind)) for name, kind in zip(columns.columns, columns.types, strict=True))
        columns_sql = ", ".join(
            f'"{name}"'
            if arrow_compatible_type(kind) == kind
            else f'CAST("{name}" AS {arrow_compatible_type(kind)}) AS "{name}"'
            for name, kind in kinds
        )
        self.collected[table] = SummaryTable(
            kinds, self.connection.sql(f"SELECT {columns_sql} FROM {table}").to_arrow_table()
        )


def merging_sql(query_sql: str, summarized_relation: str, columns: tuple[tuple[str, str], ...], rule: MergeRule) -> str:
    """SQL for the rows of ``query_sql`` and those of ``summarized_relation`` as the rows of all calls."""
    columns_sql = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in columns)
    return merged_sql(
        f"(FROM ({query_sql})) UNION ALL (SELECT {columns_sql} FROM {summarized_relation})", columns, rule
    )
