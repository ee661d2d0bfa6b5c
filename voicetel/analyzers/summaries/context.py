"""A context whose queries are merged with the rows that a summary keeps, or whose rows become a summary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.context import AnalysisContext
from voicetel.analyzers.core.merge_rules import arrow_type, merged_sql
from voicetel.analyzers.summaries.value_lists import ValueLists

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.analyzers.core.merge_rules import MergeRule


@dataclass(frozen=True, slots=True)
class KeptTable:
    """Rows of one query over the calls of a summary. ``columns``: each with its type in DuckDB; ``rows``: as Arrow."""

    columns: tuple[tuple[str, str], ...]
    rows: Any


@dataclass(frozen=True, slots=True)
class SummaryContext(AnalysisContext):
    """A context over some of the calls.

    ``kept``: rows that a summary has of all others, which are merged with those of these calls; None: the rows of these calls are to
    become a summary, and are put down in ``found``.
    """

    kept: Mapping[str, KeptTable] | None = None
    found: dict[str, KeptTable] = field(default_factory=dict)
    values: ValueLists = field(default_factory=ValueLists)

    @property
    def value_lists(self) -> ValueLists | None:
        """The values of latencies and waits."""
        return self.values

    @property
    def is_small(self) -> bool:
        """Of few calls rows are worked out once, which is quicker than to plan them for each use."""
        return self.kept is not None

    def aggregate(
        self, table: str, sql: str, rule: MergeRule, *, broadcast: tuple[str, ...] = (), **values: object
    ) -> None:
        """Make the table of the rows of ``sql`` and of those that are kept. A second pass has none that are kept."""
        if broadcast:
            raise TypeError(f"{table}: a summary keeps nothing for a second pass")
        kept = self.kept.get(table) if self.kept else None
        query = sql.strip().removesuffix(";")
        if kept is not None:
            self.connection.register(f"kept_{table}", kept.rows)
            query = merging_sql(query, f"kept_{table}", kept.columns, rule)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS\n{query}", values or None)
        if kept is not None:
            self.connection.unregister(f"kept_{table}")
        elif self.kept is None:
            self.keep(table)

    def keep(self, table: str) -> None:
        """Put down the rows of a table."""
        columns = self.connection.sql(f"FROM {table}")
        kinds = tuple((name, str(kind)) for name, kind in zip(columns.columns, columns.types, strict=True))
        sent = ", ".join(
            f'"{name}"' if arrow_type(kind) == kind else f'CAST("{name}" AS {arrow_type(kind)}) AS "{name}"'
            for name, kind in kinds
        )
        self.found[table] = KeptTable(kinds, self.connection.sql(f"SELECT {sent} FROM {table}").to_arrow_table())


def merging_sql(query: str, kept: str, columns: tuple[tuple[str, str], ...], rule: MergeRule) -> str:
    """SQL for the rows of ``query`` and those of the relation ``kept`` as the rows of all calls."""
    known = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in columns)
    return merged_sql(f"(FROM ({query})) UNION ALL (SELECT {known} FROM {kept})", columns, rule)
