"""Student's t against printed tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicetel.gate.statistics.t_distribution import critical_value, two_sided

TABLE = [
    (1, 0.05, 12.706),
    (2, 0.01, 9.925),
    (5, 0.05, 2.571),
    (10, 0.05, 2.228),
    (10, 0.001, 4.587),
    (30, 0.01, 2.750),
    (120, 0.05, 1.980),
    (1_000_000, 0.05, 1.960),
]


@pytest.mark.parametrize(("df", "alpha", "t"), TABLE)
def test_critical_values_are_those_of_the_tables(df: float, alpha: float, t: float) -> None:
    """Quantiles agree with the printed ones to their last digit."""
    assert critical_value(alpha, df) == pytest.approx(t, abs=6e-4)


@given(st.floats(1, 5000), st.floats(1e-6, 0.9))
def test_one_undoes_the_other(df: float, alpha: float) -> None:
    """The tail beyond a critical value is what it was asked for."""
    assert two_sided(critical_value(alpha, df), df) == pytest.approx(alpha, rel=1e-6)


@pytest.mark.parametrize(("t", "p"), [(0.0, 1.0), (float("inf"), 0.0)])
def test_the_ends(t: float, p: float) -> None:
    """No difference at all is no evidence; one without any scatter is all there can be."""
    assert two_sided(t, 7) == p
