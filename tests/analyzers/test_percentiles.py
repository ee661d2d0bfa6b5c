"""Percentiles that are counted, not listed: the same as those of all values together."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicetel.analyzers.core.sql_files import load_sql

SHARES = [0.0, 0.25, 0.5, 0.9, 0.95, 0.99, 1.0]

VALUES = st.one_of(
    st.integers(0, 60_000_000),
    st.integers(0, 3_000),  # many in one ms
    st.sampled_from([0, 1, 999, 1000, 1001, 60_000_000]),  # many of one value
).map(lambda thousandths: Decimal(thousandths) / 1000)


def counted(connection: duckdb.DuckDBPyConnection) -> dict[int, list[float]]:
    """Key → its percentiles, by percentiles.sql."""
    found: dict[int, list[float]] = {}
    rows = connection.execute(
        load_sql("voicetel.analyzers.latency.latency", "percentiles.sql").replace("{rows}", "measured"),
        {"shares": SHARES},
    ).fetchall()
    for key, _, low, high, weight in rows:
        found.setdefault(key, []).append(low + (high - low) * weight)
    return found


@given(st.dictionaries(st.integers(0, 3), st.lists(VALUES, min_size=1, max_size=60), max_size=4))
def test_they_are_those_of_duckdb(values: dict[int, list[Decimal]]) -> None:
    """Whatever the values: spread out, crowded into one ms, or all alike."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE measured (key INTEGER, ms DECIMAL(9, 3))")
        rows = [(key, ms) for key, all_of_them in values.items() for ms in all_of_them]
        if rows:
            connection.executemany("INSERT INTO measured VALUES (?, ?)", rows)
        listed = connection.execute(
            f"SELECT key, quantile_cont(CAST(ms AS DOUBLE), {SHARES}) FROM measured GROUP BY key"
        ).fetchall()
        found = counted(connection)
    assert found.keys() == dict(listed).keys()
    for key, percentiles in listed:
        assert found[key] == pytest.approx(percentiles, rel=1e-12, abs=1e-9)


def test_by_hand() -> None:
    """Of 10, 20, 20.5, 20.75 and 40 ms: p50 is the third; p90 lies 0.6 of the way from the fourth to the fifth."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE measured AS SELECT 7 AS key, CAST(unnest([20.5, 40, 10, 20.75, 20]) AS DECIMAL(9, 3)) AS ms"
        )
        found = counted(connection)[7]
    assert [round(value, 6) for value in found] == [10.0, 20.0, 20.5, 32.3, 36.15, 39.23, 40.0]
