"""Percentiles that are counted, not listed: the same as those of all values together."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.latency import latency
from voicetel.analyzers.value_statistics import value_statistics
from voicetel.analyzers.value_statistics.value_statistics import HISTOGRAM_BUCKETS

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def counted(
    connection: duckdb.DuckDBPyConnection, *, by_group: bool, histograms: Sequence[str] = ()
) -> dict[int | None, list[float]]:
    """Group, None for all → its percentiles, by percentiles.sql; without ``by_group`` those of all alone."""
    found: dict[int | None, list[float]] = {}
    name = value_statistics.__name__
    connection.execute(load_sql(name, "percentile_ranks.sql"), {"shares": SHARES, "by_group": by_group})
    connection.execute(
        load_sql(name, "exact_whole_ms.sql"), {"histograms": list(histograms), "buckets": HISTOGRAM_BUCKETS}
    )
    in_ms = load_sql(name, "exact_values.sql")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE exact_values AS {in_ms}", {"by_group": by_group})
    rows = connection.execute(load_sql(name, "percentiles.sql")).fetchall()
    for group, _, _, low, high, weight in rows:
        found.setdefault(group, []).append(low + (high - low) * weight)
    return found


@given(st.dictionaries(st.integers(0, 3), st.lists(VALUES, min_size=1, max_size=60), max_size=4))
def test_they_are_those_of_duckdb(values: dict[int, list[Decimal]]) -> None:
    """Whatever the values: spread out, crowded into one ms, or all alike; of each group, and of all groups together."""
    with duckdb.connect() as connection:
        measured(connection, values)
        listed = connection.execute(
            f"SELECT group_id, quantile_cont(CAST(ms AS DOUBLE), {SHARES}) FROM measured_values GROUP BY ROLLUP (group_id)"
        ).fetchall()
        expected = {
            group: pytest.approx(percentiles, rel=1e-12, abs=1e-9) for group, percentiles in listed if percentiles
        }
        assert counted(connection, by_group=True) == expected
        assert counted(connection, by_group=False) == {group: each for group, each in expected.items() if group is None}


def histogram(connection: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Place of a step → how many values of all groups lie there, by latency_histograms.sql."""
    percentiles = counted(connection, by_group=True, histograms=["eou_latency_ms"])[None]
    ((low,),) = connection.execute("SELECT CAST(min(ms) AS DOUBLE) FROM measured_values").fetchall()
    high = round(percentiles[SHARES.index(0.99)], 6)
    if high <= low:
        return {}
    bounds = {"latencies": ["eou_latency_ms"], "low_ms": [low], "step_ms": [(high - low) / HISTOGRAM_BUCKETS]}
    connection.execute(load_sql(latency.__name__, "histogram_bounds.sql"), bounds)
    sql = load_sql(latency.__name__, "latency_histograms.sql")
    rows = connection.execute(sql, {"last": HISTOGRAM_BUCKETS - 1}).fetchall()
    one_by_one = connection.execute(
        "SELECT least(CAST(floor((CAST(ms AS DOUBLE) - low_ms) / step_ms) AS INTEGER), 7) AS step, count(*)"
        " FROM measured_values JOIN histogram_bounds USING (measure) GROUP BY step"
    ).fetchall()
    found = {step: n for _, step, n in rows}
    assert found == dict(one_by_one)
    return found


@given(st.dictionaries(st.integers(0, 3), st.lists(VALUES, min_size=1, max_size=60), min_size=1, max_size=4))
def test_histograms_of_counts_are_those_of_single_values(values: dict[int, list[Decimal]]) -> None:
    """Whatever the values: the steps are so narrow that several edges lie in one ms, or so wide that most ms are not asked for."""
    with duckdb.connect() as connection:
        measured(connection, values)
        assert sum(histogram(connection).values()) in {0, sum(map(len, values.values()))}


def test_a_histogram_by_hand() -> None:
    """Of 0, 10, … 1000 ms the 99th percentile is 990, and a step 123.75: 13 values are in the first, 14 in the last with those above."""
    with duckdb.connect() as connection:
        measured(connection, {7: [Decimal(10 * nth) for nth in range(101)]})
        found = histogram(connection)
    assert found == {0: 13, 1: 12, 2: 13, 3: 12, 4: 12, 5: 13, 6: 12, 7: 14}


def test_an_edge_that_was_not_asked_for_is_an_error() -> None:
    """Sooner than a histogram that is wrong: here a step begins at 100.5 ms, and the values of that ms are not known."""
    with duckdb.connect() as connection:
        measured(connection, {7: [Decimal(ms) for ms in ("1", "100.25", "100.75", "400")]})
        counted(connection, by_group=True, histograms=[])
        bounds = {"latencies": ["eou_latency_ms"], "low_ms": [1.0], "step_ms": [99.5]}
        connection.execute("CREATE OR REPLACE TEMP TABLE exact_whole_ms AS FROM exact_whole_ms LIMIT 0")
        connection.execute("CREATE OR REPLACE TEMP TABLE exact_values AS FROM exact_values LIMIT 0")
        connection.execute(load_sql(latency.__name__, "histogram_bounds.sql"), bounds)
        with pytest.raises(duckdb.InvalidInputException, match="was not asked for"):
            connection.execute(load_sql(latency.__name__, "latency_histograms.sql"), {"last": HISTOGRAM_BUCKETS - 1})


def test_by_hand() -> None:
    """Of 10, 20, 20.5, 20.75 and 40 ms: p50 is the third; p90 lies 0.6 of the way from the fourth to the fifth."""
    with duckdb.connect() as connection:
        measured(connection, {7: [Decimal(ms) for ms in ("20.5", "40", "10", "20.75", "20")]})
        found = counted(connection, by_group=True)[7]
    assert [round(value, 6) for value in found] == [10.0, 20.0, 20.5, 32.3, 36.15, 39.23, 40.0]
