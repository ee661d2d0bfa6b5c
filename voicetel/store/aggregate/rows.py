"""Rows of segments, by their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from voicetel.store.segments.arrays import Integers

RowNumbers = dict[int, "Integers"]
"""Segment → numbers of rows, sorted."""


def rows_of(connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, object]) -> RowNumbers:
    """The rows of a query that gives ``segment`` and ``row``."""
    found = connection.execute(sql, values or None).fetchnumpy()
    segments, rows = np.asarray(found["segment"], np.int64), np.asarray(found["row"], np.int64)
    order = np.lexsort((rows, segments))
    segments, rows = segments[order], rows[order]
    edges = np.flatnonzero(np.diff(segments, prepend=-1))
    if not len(rows):
        return {}
    return {int(segments[at]): each for at, each in zip(edges, np.split(rows, edges[1:]), strict=True)}


def changed_rows(before: Mapping[tuple[str, int], Integers], now: Mapping[tuple[str, int], Integers]) -> RowNumbers:
    """The rows that are in one of two sets by (relation, segment), and not in the other."""
    found = {}
    for key in {*before, *now}:
        none = np.zeros(0, np.int64)
        changed = np.setxor1d(before.get(key, none), now.get(key, none))
        if len(changed):
            found[key[1]] = changed
    return found
