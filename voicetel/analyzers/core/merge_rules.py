"""How the rows of one query over several partitions of the calls are merged into its rows over all of them.

Every figure of a report is made of such rows. On one machine there is one partition; where the calls are spread over many
machines, each runs the query over its own, and only these rows travel.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeByKeys:
    """Rows with equal ``keys`` become one, as by GROUP BY; no key is NULL in one partition and a value in another.

    Its other columns are summed, NULL being nothing, but for those named in ``min_of``, ``max_of`` and ``bit_or_of``, which are
    merged by that aggregate, and in ``union_of``: lists of which every element is kept once. ``order_by`` is SQL for the order in
    which the merged rows are read.
    """

    keys: tuple[str, ...] = ("group_id",)
    min_of: tuple[str, ...] = ()
    max_of: tuple[str, ...] = ()
    bit_or_of: tuple[str, ...] = ()
    union_of: tuple[str, ...] = ()
    order_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopN:
    """Rows that stay as they are, of which the first ``limit`` in ``order_by`` count."""

    order_by: str
    limit: int


MergeRule = MergeByKeys | TopN
"""How rows of several partitions are merged."""

_EXACT_TYPES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL")


def arrow_compatible_type(kind: str) -> str:
    """The type of DuckDB in which Arrow can hold a column of type ``kind``."""
    return "DECIMAL(38, 0)" if kind == "HUGEINT" else kind


def merged_sql(rows_sql: str, columns: tuple[tuple[str, str], ...], rule: MergeRule) -> str:
    """SQL for the rows of the query ``rows_sql`` of several partitions as those of all calls.

    ``columns``: each with the type that it is to have. Raises TypeError for one that does not add up exactly.
    """
    if isinstance(rule, TopN):
        return f"FROM ({rows_sql}) ORDER BY {rule.order_by} LIMIT {rule.limit}"
    columns_sql = ", ".join(
        f'"{name}"' if name in rule.keys else f'{_aggregate_sql(name, kind, rule)} AS "{name}"'
        for name, kind in columns
    )
    keys_sql = ", ".join(f'"{key}"' for key in rule.keys)
    return f"SELECT {columns_sql} FROM ({rows_sql}){f' GROUP BY {keys_sql}' if keys_sql else ''}"


def _aggregate_sql(name: str, kind: str, rule: MergeByKeys) -> str:
    """SQL for a column of the row that several rows become."""
    for function, names in (("min", rule.min_of), ("max", rule.max_of), ("bit_or", rule.bit_or_of)):
        if name in names:
            return f'{function}("{name}")'
    if name in rule.union_of:
        values_sql = f'flatten(list("{name}"))'
        return (
            f"CASE WHEN len({values_sql}) > len(list_filter({values_sql}, lambda x: x IS NOT NULL))"
            f" THEN list_append(list_distinct({values_sql}), NULL) ELSE list_distinct({values_sql}) END"
        )
    if not kind.startswith(_EXACT_TYPES):
        raise TypeError(f"{name} is {kind}, which does not add up exactly")
    return f'CAST(sum("{name}") AS {kind})'
