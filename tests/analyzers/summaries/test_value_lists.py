"""Sorted lists say what counts say: ranks, percentiles, sums and histograms."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicetel.analyzers.core.merge_rules import MergeByKeys, TopN
from voicetel.analyzers.core.statistics import Statistics
from voicetel.analyzers.summaries.context import merging_sql
from voicetel.analyzers.summaries.value_lists import ValueLists, statistics_of_lists, value_at

LISTS = st.lists(st.integers(0, 50), max_size=30)


@given(many=LISTS, few=LISTS)
def test_a_rank_in_two_lists_is_that_in_both_together(many: list[int], few: list[int]) -> None:
    """Values that stand in both included."""
    lists = [np.sort(np.array(each, np.int32)) for each in (many, few) if each]
    both = sorted(many + few)
    assert [value_at(lists, rank) for rank in range(len(both))] == both


def test_statistics_by_hand() -> None:
    """1, 2 and 4 ms known, 3 and 10.5 ms new: the median is 3; p90 lies 0.6 of the way from 4 to 10.5, p95 0.8, p99 0.96."""
    found = statistics_of_lists([np.array([1000, 2000, 4000], np.int32), np.array([3000, 10500], np.int32)])
    assert found == Statistics(5, 4.1, 1.0, 3.0, 7.9, 9.2, 10.24, 10.5)


def test_a_histogram_counts_both_lists_and_what_is_above() -> None:
    """Steps of 2 ms from 1 ms: 1 to below 3, 3 to below 5, and all above."""
    lists = ValueLists(
        {"a": {"x": np.array([1000, 2999, 3000], np.int32)}}, {"a": {"x": np.array([4999, 5000, 90000])}}
    )
    assert lists.histogram("x", 1.0, 2.0, 3) == (2, 2, 2)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (MergeByKeys(keys=("k",), min_of=("low",), max_of=("high",)), [("a", 3, 1, 9), ("b", None, 2, 3)]),
        (TopN(order_by="high DESC", limit=2), [("a", 2, 4, 9), ("a", 1, 1, 5)]),
    ],
    ids=["keys", "top"],
)
def test_rows_that_are_kept_are_merged_by_the_rule(
    rule: MergeByKeys | TopN, expected: list[tuple[object, ...]]
) -> None:
    """NULL is nothing in a sum, and stays where there is nothing else."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'a' AS k, 1 AS n, 1 AS low, 5 AS high")
        query = "SELECT * FROM (VALUES ('a', 2, 4, 9), ('b', NULL, 2, 3)) AS t(k, n, low, high)"
        columns = (("k", "VARCHAR"), ("n", "INTEGER"), ("low", "INTEGER"), ("high", "INTEGER"))
        merged = merging_sql(query, "kept", columns, rule)
        rows = connection.execute(f"FROM ({merged}){' ORDER BY k' if isinstance(rule, MergeByKeys) else ''}").fetchall()
    assert rows == expected


def test_what_does_not_add_up_is_refused() -> None:
    """A sum of doubles depends on their order."""
    with pytest.raises(TypeError, match="does not add up exactly"):
        merging_sql("SELECT 1.5 AS x", "kept", (("x", "DOUBLE"),), MergeByKeys(keys=()))
