"""The bootstrap against plain recomputation, and against what theory says of simple cases."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from voicetel.gate.metric import Measure
from voicetel.gate.metrics import METRICS
from voicetel.gate.samples.sample import Sample, TurnValues
from voicetel.gate.statistics import bootstrap
from voicetel.gate.statistics.bootstrap import Bootstrap


def sample_of(latencies_ms: list[list[float]], interruptions: list[int] | None = None) -> Sample:
    """Calls with these response latencies, and so many interruptions of ten agent turns."""
    calls = pa.table(
        {
            "interruption_count": pa.array(interruptions or [0] * len(latencies_ms), pa.int64()),
            "agent_turns": pa.array([10] * len(latencies_ms), pa.int64()),
            "observed_turns": pa.array([10] * len(latencies_ms), pa.int64()),
        }
    )
    numbers = np.repeat(np.arange(len(latencies_ms)), [len(call) for call in latencies_ms]).astype(np.int32)
    values = np.array([round(value * 1000) for call in latencies_ms for value in call], dtype=np.int32)
    return Sample(calls, {"eou_latency_ms": TurnValues(numbers, values)}, "USD")


def measure(statistic: str) -> Measure:
    """A statistic of the response latency."""
    return Measure(METRICS["eou_latency_ms"], statistic)


def scattered(calls: int, turns: int = 4, seed: int = 0) -> list[list[float]]:
    """Calls whose turns resemble each other."""
    rng = np.random.default_rng(seed)
    level = rng.lognormal(6.6, 0.3, calls)
    return [[float(value) for value in each * rng.lognormal(0, 0.1, turns)] for each in level]


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95])
def test_draws_are_percentiles_of_whole_calls(share: float) -> None:
    """Each draw's percentile is that of the turns of the calls it drew, repeated as often as they were."""
    calls = scattered(30)
    drawn = Bootstrap(sample_of(calls), (5,))
    statistic = {0.5: "p50", 0.9: "p90", 0.95: "p95"}[share]
    found = drawn._draws(measure(statistic))
    for weights, value in zip(drawn.weights[:50], found, strict=False):
        turns = [
            round(turn * 1000) / 1000 for call, times in zip(calls, weights, strict=True) for turn in call * int(times)
        ]
        assert value == pytest.approx(float(np.quantile(turns, share)), abs=1e-6)


def test_many_values_are_counted_in_steps_without_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """With steps instead of single values the percentiles of the draws stay where they were, but for a fraction of a step."""
    found = sample_of(scattered(400, seed=2))
    exact = Bootstrap(found, (1,))._draws(measure("p95"))
    monkeypatch.setattr(bootstrap, "MAX_STEPS", 256)
    stepped = Bootstrap(found, (1,))._draws(measure("p95"))
    assert np.abs(stepped / exact - 1).max() < 0.02
    assert float(np.std(stepped)) == pytest.approx(float(np.std(exact)), rel=0.05)


def test_the_error_of_a_mean_is_that_of_theory() -> None:
    """Of a mean over equally long calls it is the scatter of the calls' means over √n: turns are not independent."""
    calls = scattered(300, turns=6)
    means = [sum(call) / len(call) for call in calls]
    expected = float(np.std(means, ddof=1)) / math.sqrt(len(means))
    distribution = Bootstrap(sample_of(calls)).distribution(measure("avg"))
    assert distribution.error == pytest.approx(expected, rel=0.08)
    naive = float(np.std([turn for call in calls for turn in call])) / math.sqrt(6 * 300)
    assert (distribution.error or 0) > 1.8 * naive


def test_blocks_of_calls_have_the_error_of_single_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where calls are drawn in blocks the error is the same but for the noise of having fewer of them."""
    found = sample_of(scattered(2000, seed=4))
    single = Bootstrap(found).distribution(measure("p50")).error or 0
    monkeypatch.setattr(bootstrap, "MAX_BLOCKS", 500)
    assert Bootstrap(found).distribution(measure("p50")).error == pytest.approx(single, rel=0.2)


def test_the_same_seed_gives_the_same_draws() -> None:
    """A seed decides everything."""
    found = sample_of(scattered(40))
    errors = [Bootstrap(found, (seed,)).distribution(measure("p50")).error for seed in (7, 7, 8)]
    assert errors[0] == errors[1] != errors[2]


def test_whole_milliseconds_leave_half_of_one_uncertain() -> None:
    """A median that every draw agrees on is known to half a step of the log, no better."""
    distribution = Bootstrap(sample_of([[7.0, 7.0, 7.0, 8.0]] * 20)).distribution(measure("p50"))
    assert (distribution.value, distribution.error) == (7.0, 0.5)


def test_a_rate_that_never_happened_is_not_certain() -> None:
    """No interruption in 200 agent turns is a small rate with an error, not none without."""
    rate = Measure(METRICS["interruption_rate"], "rate")
    distribution = Bootstrap(sample_of(scattered(20), [0] * 20)).distribution(rate)
    assert distribution.value == 0
    assert 0.004 < (distribution.error or 0) < 0.006


@pytest.mark.parametrize(
    ("calls", "statistic", "needed"),
    [(3, "avg", 5), (40, "p95", 50), (40, "p99", 250), (4, "p50", 5), (40, "p50", None)],
)
def test_too_few_values_have_no_error(calls: int, statistic: str, needed: int | None) -> None:
    """Fewer than 5 calls, or 10 values beyond a percentile, tell nothing; how many calls would is said."""
    distribution = Bootstrap(sample_of(scattered(calls))).distribution(measure(statistic))
    assert distribution.calls_needed == needed
    assert (distribution.error is None) == (needed is not None)


@pytest.mark.parametrize("statistic", ["min", "max"])
def test_extremes_have_no_error(statistic: str) -> None:
    """What one value decides has no interval."""
    assert Bootstrap(sample_of(scattered(40))).distribution(measure(statistic)).error is None
