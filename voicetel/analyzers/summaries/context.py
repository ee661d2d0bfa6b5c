"""A context whose queries are merged with the rows that a summary keeps, or whose rows become a summary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.context import AnalysisContext
from voicetel.analyzers.core.merge_rules import MergeByKeys, TopN
from voicetel.analyzers.summaries.value_lists import ValueLists

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.analyzers.core.merge_rules import MergeRule

_SENT = {"HUGEINT": "DECIMAL(38, 0)"}
"""Types that Arrow does not have → those in which they are kept."""
_EXACT = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL")


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
            f'CAST("{name}" AS {_SENT[kind]}) AS "{name}"' if kind in _SENT else f'"{name}"' for name, kind in kinds
        )
        self.found[table] = KeptTable(kinds, self.connection.sql(f"SELECT {sent} FROM {table}").to_arrow_table())


def merging_sql(query: str, kept: str, columns: tuple[tuple[str, str], ...], rule: MergeRule) -> str:
    """SQL for the rows of ``query`` and those of the relation ``kept`` as the rows of all calls."""
    known = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in columns)
    both = f"(FROM ({query})) UNION ALL (SELECT {known} FROM {kept})"
    if isinstance(rule, TopN):
        return f"FROM ({both}) ORDER BY {rule.order_by} LIMIT {rule.limit}"
    selected = ", ".join(
        f'"{name}"' if name in rule.keys else f'{_aggregate(name, kind, rule)} AS "{name}"' for name, kind in columns
    )
    keys = ", ".join(f'"{key}"' for key in rule.keys)
    return f"SELECT {selected} FROM ({both}){f' GROUP BY {keys}' if keys else ''}"


def _aggregate(name: str, kind: str, rule: MergeByKeys) -> str:
    """SQL for a column of the row that several rows become. Raises TypeError for one that does not add up exactly."""
    for function, names in (("min", rule.min_of), ("max", rule.max_of), ("bit_or", rule.bit_or)):
        if name in names:
            return f'{function}("{name}")'
    if name in rule.union_of:
        each = f'flatten(list("{name}"))'
        return (
            f"CASE WHEN len({each}) > len(list_filter({each}, lambda x: x IS NOT NULL))"
            f" THEN list_append(list_distinct({each}), NULL) ELSE list_distinct({each}) END"
        )
    if not kind.startswith(_EXACT):
        raise TypeError(f"{name} is {kind}, which does not add up exactly")
    return f'CAST(sum("{name}") AS {kind})'
