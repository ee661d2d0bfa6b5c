"""Aggregates of several partitions of the calls as those of all of them: in any order, on any number of levels."""

from __future__ import annotations

import contextlib
import functools
from collections import defaultdict
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from voicetel.analyzers.core.merge_rules import arrow_compatible_type, merged_sql
from voicetel.cluster.packed_tables import PackedTable, decode, encode, pack_batches, unpack_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

AT_ONCE = 32
"""Tables of one name that are added up together: so many, and what came of those before them, are in memory."""


def merge(blobs: Iterable[bytes]) -> bytes:
    """The same tables as in ``blobs``, each once."""
    waiting: defaultdict[str, list[PackedTable]] = defaultdict(list)
    with contextlib.ExitStack() as stack:
        connect = functools.cache(lambda: stack.enter_context(_connection()))
        for blob in blobs:
            for name, packed in decode(blob).items():
                waiting[name].append(packed)
                if len(waiting[name]) > AT_ONCE:
                    waiting[name] = [_merged(connect, waiting[name])]
        return encode({name: _merged(connect, some) for name, some in waiting.items()})


@contextlib.contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
        yield connection


def _merged(connect: Callable[[], duckdb.DuckDBPyConnection], some: list[PackedTable]) -> PackedTable:
    """Tables of one name as one. A table that is alone needs no engine."""
    first = some[0]
    if len(some) == 1:
        return first
    if any(each.columns != first.columns for each in some):
        raise TypeError(f"partitions of the calls have other columns: {sorted({each.columns for each in some})}")
    if first.rule is None:
        raise TypeError("rows without a rule cannot be added up")
    connection = connect()
    rows = pa.concat_tables([unpack_batches(each.rows) for each in some])
    connection.register("rows_to_merge", rows)
    sent = tuple((name, arrow_compatible_type(kind)) for name, kind in first.columns)
    summed = connection.sql(merged_sql("FROM rows_to_merge", sent, first.rule)).to_arrow_table()
    packed = PackedTable(first.columns, pack_batches(summed.schema, summed.to_batches()), first.rule)
    connection.unregister("rows_to_merge")
    return packed
