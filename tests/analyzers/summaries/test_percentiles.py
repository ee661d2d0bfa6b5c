"""Percentiles that are counted, not listed: the same as those of all values together."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.value_statistics import value_statistics

SHARES = [0.0, 0.25, 0.5, 0.9, 0.95, 0.99, 1.0]

VALUES = st.one_of(
    st.integers(0, 60_000_000),
    st.integers(0, 3_000),  # many in one ms
    st.sampled_from([0, 1, 999, 1000, 1001, 60_000_000]),  # many of one value
).map(lambda thousandths: Decimal(thousandths) / 1000)


def measured(connection: duckdb.DuckDBPyConnection, values: dict[int, list[Decimal]]) -> None:
    """Make ``measured_values`` of group → values of one latency, and ``value_counts``."""
    connection.execute("CREATE TABLE measured_values (group_id INTEGER, measure VARCHAR, ms DECIMAL(9, 3))")
    rows = [(group, ms) for group, all_of_them in values.items() for ms in all_of_them]
    if rows:
        connection.executemany("INSERT INTO measured_values VALUES (?, 'eou_latency_ms', ?)", rows)
    connection.execute(f"CREATE TABLE value_counts AS {load_sql(value_statistics.__name__, 'value_counts.sql')}")


def counted(connection: duckdb.DuckDBPyConnection, *, by_group: bool) -> dict[int | None, list[float]]:
    """Group, or None for all → its percentiles, by percentiles.sql."""
    found: dict[int | None, list[float]] = {}
    name = value_statistics.__name__
    connection.execute(load_sql(name, "percentile_ranks.sql"), {"shares": SHARES, "by_group": by_group})
    in_ms = load_sql(name, "values_near_percentiles.sql")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE values_near_percentiles AS {in_ms}", {"by_group": by_group})
    rows = connection.execute(load_sql(name, "percentiles.sql")).fetchall()
    for group, _, _, low, high, weight in rows:
        found.setdefault(group, []).append(low + (high - low) * weight)
    return found


@given(st.dictionaries(st.integers(0, 3), st.lists(VALUES, min_size=1, max_size=60), max_size=4))
def test_they_are_those_of_duckdb(values: dict[int, list[Decimal]]) -> None:
    """Whatever the values: spread out, crowded into one ms, or all alike; of each group, and of all groups together."""
    with duckdb.connect() as connection:
        measured(connection, values)
        for by_group, key in ((True, "group_id"), (False, "NULL")):
            listed = connection.execute(
                f"SELECT {key}, quantile_cont(CAST(ms AS DOUBLE), {SHARES}) FROM measured_values GROUP BY {key}"
            ).fetchall()
            assert counted(connection, by_group=by_group) == {
                group: pytest.approx(percentiles, rel=1e-12, abs=1e-9) for group, percentiles in listed
            }


def test_by_hand() -> None:
    """Of 10, 20, 20.5, 20.75 and 40 ms: p50 is the third; p90 lies 0.6 of the way from the fourth to the fifth."""
    with duckdb.connect() as connection:
        measured(connection, {7: [Decimal(ms) for ms in ("20.5", "40", "10", "20.75", "20")]})
        found = counted(connection, by_group=True)[7]
    assert [round(value, 6) for value in found] == [10.0, 20.0, 20.5, 32.3, 36.15, 39.23, 40.0]
