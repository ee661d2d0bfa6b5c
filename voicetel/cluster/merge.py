"""Sums of several partitions of the calls as the sums of all of them: in any order, on any number of levels."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from voicetel.analyzers.core.merge_rules import TopN
from voicetel.cluster.packed_tables import PackedTable, decode, encode, pack_batches, unpack_batches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicetel.analyzers.core.merge_rules import MergeByKeys, MergeRule

AT_ONCE = 32
"""Tables of one name that are added up together: so many, and what came of those before them, are in memory."""

_EXACT = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL")


def merge(blobs: Iterable[bytes]) -> bytes:
    """The same tables as in ``blobs``, each once."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
        waiting: defaultdict[str, list[PackedTable]] = defaultdict(list)
        for blob in blobs:
            for name, packed in decode(blob).items():
                waiting[name].append(packed)
                if len(waiting[name]) > AT_ONCE:
                    waiting[name] = [_merged(connection, waiting[name])]
        return encode({name: _merged(connection, some) for name, some in waiting.items()})


def _merged(connection: duckdb.DuckDBPyConnection, some: list[PackedTable]) -> PackedTable:
    """Tables of one name as one."""
    first = some[0]
    if len(some) == 1:
        return first
    if any(each.columns != first.columns for each in some):
        raise TypeError(f"partitions of the calls have other columns: {sorted({each.columns for each in some})}")
    if first.rule is None:
        raise TypeError("rows without a rule cannot be added up")
    rows = pa.concat_tables([unpack_batches(each.rows) for each in some])
    connection.register("rows_to_merge", rows)
    summed = connection.sql(_sql(first.columns, first.rule)).to_arrow_table()
    packed = PackedTable(first.columns, pack_batches(summed.schema, summed.to_batches()), first.rule)
    connection.unregister("rows_to_merge")
    return packed


def _sql(columns: tuple[tuple[str, str], ...], rule: MergeRule) -> str:
    if isinstance(rule, TopN):
        return f"FROM rows_to_merge ORDER BY {rule.order_by} LIMIT {rule.limit}"
    selected = ", ".join(
        f'"{name}"' if name in rule.keys else f'{_aggregate(name, kind, rule)} AS "{name}"' for name, kind in columns
    )
    keys = ", ".join(f'"{key}"' for key in rule.keys)
    return f"SELECT {selected} FROM rows_to_merge{f' GROUP BY {keys}' if keys else ''}"


def _aggregate(name: str, kind: str, rule: MergeByKeys) -> str:
    """SQL for a column of the row that several rows become. Raises TypeError for one that does not add up exactly."""
    if name in rule.min_of:
        return f'min("{name}")'
    if name in rule.max_of:
        return f'max("{name}")'
    if name in rule.bit_or:
        return f'bit_or("{name}")'
    if name in rule.union_of:
        each = f'flatten(list("{name}"))'
        return (
            f"CASE WHEN len({each}) > len(list_filter({each}, lambda x: x IS NOT NULL))"
            f" THEN list_append(list_distinct({each}), NULL) ELSE list_distinct({each}) END"
        )
    if not kind.startswith(_EXACT):
        raise TypeError(f"{name} is {kind}, which does not add up exactly")
    sent = "DECIMAL(38, 0)" if kind == "HUGEINT" else kind
    return f'CAST(sum("{name}") AS {sent})'
