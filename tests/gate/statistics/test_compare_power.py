"""A few runs of the bench script: quiet between equals, awake to a release that is 15 % slower."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from support.scripts import load_script
from voicetel.gate.compare import compare, default_measures
from voicetel.gate.expectations import parse_fail_on

if TYPE_CHECKING:
    from voicetel.gate.samples.sample import Sample

RUNS, CALLS = 5, 500


@pytest.fixture(scope="module")
def bench() -> Any:
    """The script as a module."""
    return load_script("bench/compare_power.py")


@pytest.fixture(scope="module")
def pool(bench: Any) -> Sample:
    """A smaller pool than the script's, of the same making."""
    found: Sample = bench.read_pool(1500, workers=1)
    return found


@pytest.mark.parametrize(("factor", "found", "failed"), [(1.0, 0, 0), (1.15, RUNS, 0)])
def test_it_finds_what_there_is(bench: Any, pool: Sample, factor: float, found: int, failed: int) -> None:
    """Nothing of the response latency is found between equals, and a slowdown of 15 % in every run."""
    tally = bench.Tally()
    for run in range(RUNS):
        base, new = bench.two_samples(pool, CALLS, np.random.default_rng((run, CALLS)))
        slower = bench.slowed(new, factor)
        tally.add(
            compare(
                base, slower, default_measures(), [parse_fail_on("eou_latency_ms p95 +30%")], names=("", ""), seed=run
            )
        )
    assert (tally.runs, tally.slower, tally.fail_on) == (RUNS, found, failed)
