"""How often ``compare`` cries wolf, and how often it finds a release that is slower: ``compare_power.py [RUNS] [CALLS]``.

A pool of simulated calls is read once. Each run draws two samples of CALLS calls from it, disjoint and at random, and
compares them: as they are, where every finding is a false alarm, and with every latency of NEW a given share longer,
where the run counts if a statistic of eou_latency_ms is found worse. Beside it stands a gate that knows no chance: p95
more than 10 % up. The same arguments give the same figures on every machine.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from voicetel.gate.compare import compare, default_measures
from voicetel.gate.expectations import parse_fail_on
from voicetel.gate.results import Finding, LimitStatus
from voicetel.gate.samples.sample import Sample, TurnValues
from voicetel.gate.samples.take import sample
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.simulator import simulate
from voicetel.store import open_store

if TYPE_CHECKING:
    from voicetel.gate.results import Comparison

POOL_CALLS = 12_000
SLOWDOWN = 1.15
FAIL_ON = "eou_latency_ms p95 +10%"
FOUND = {Finding.WORSE, Finding.BETTER, Finding.CHANGED}


@dataclass
class Tally:
    """How many runs came out how."""

    runs: int = 0
    any_finding: int = 0
    slower: int = 0
    avg_worse: int = 0
    p50_worse: int = 0
    p95_worse: int = 0
    fail_on: int = 0
    naive_p95: int = 0
    by_measure: dict[str, int] = field(default_factory=dict)

    def add(self, result: Comparison) -> None:
        """Count one run."""
        found = {str(each.measure): each for each in result.differences}
        avg, p50, p95 = (found[f"eou_latency_ms {each}"] for each in ("avg", "p50", "p95"))
        self.runs += 1
        self.any_finding += any(each.finding in FOUND for each in result.differences)
        self.slower += Finding.WORSE in {avg.finding, p50.finding, p95.finding}
        self.avg_worse += avg.finding is Finding.WORSE
        self.p50_worse += p50.finding is Finding.WORSE
        self.p95_worse += p95.finding is Finding.WORSE
        self.fail_on += result.changes[0].status is LimitStatus.BROKEN
        self.naive_p95 += float(p95.new.value or 0) > 1.1 * float(p95.base.value or 0)
        for name, each in found.items():
            if each.finding in FOUND:
                self.by_measure[name] = self.by_measure.get(name, 0) + 1


def main(runs: int = 500, calls: int = 500) -> None:
    """Print the shares of both kinds of run."""
    pool = read_pool(POOL_CALLS)
    print(f"pool of {len(pool):,} simulated calls; {runs} runs each of two samples of {calls} calls")
    for name, factor in (("equal", 1.0), ("NEW 15 % slower", SLOWDOWN)):
        began = time.monotonic()
        tally = Tally()
        for run in range(runs):
            base, new = two_samples(pool, calls, np.random.default_rng((run, calls)))
            names = ("base", "new")
            tally.add(
                compare(base, slowed(new, factor), default_measures(), [parse_fail_on(FAIL_ON)], names=names, seed=run)
            )
        print(f"\n{name} ({time.monotonic() - began:.0f} s)")
        for label, count in (
            ("anything found", tally.any_finding),
            ("eou_latency_ms found worse", tally.slower),
            ("  avg", tally.avg_worse),
            ("  p50", tally.p50_worse),
            ("  p95", tally.p95_worse),
            (f'--fail-on "{FAIL_ON}" broken', tally.fail_on),
            ("a gate on p95 > +10 % alone", tally.naive_p95),
        ):
            print(f"  {label:45} {count:4} of {runs}  {100 * count / runs:5.1f} %")
        if factor == 1.0 and tally.by_measure:
            print(
                "  false alarms by metric:",
                ", ".join(f"{each} {count}" for each, count in sorted(tally.by_measure.items())),
            )


def read_pool(calls: int, workers: int | None = None) -> Sample:
    """Simulated calls, read as the command reads them."""
    with tempfile.TemporaryDirectory() as folder:
        simulate(Path(folder) / "logs", calls=calls, seed=4, workers=workers)
        rules = load_rules()
        with open_store([str(Path(folder) / "logs")], rules, cache=False) as store:
            return sample(store, load_card())


def two_samples(pool: Sample, calls: int, rng: np.random.Generator) -> tuple[Sample, Sample]:
    """So many calls of the pool, twice, none of them on both sides."""
    drawn = rng.permutation(len(pool))[: 2 * calls]
    masks = []
    for places in (drawn[:calls], drawn[calls:]):
        mask = np.zeros(len(pool), dtype=np.bool_)
        mask[places] = True
        masks.append(mask)
    return pool.only(masks[0]), pool.only(masks[1])


def slowed(of: Sample, factor: float) -> Sample:
    """The same calls with every latency longer, in whole ms as agents log them."""
    if factor == 1.0:
        return of
    turns = {
        name: TurnValues(each.calls, (np.round(each.values * factor / 1000) * 1000).astype(np.int32))
        for name, each in of.turns.items()
    }
    return replace(of, turns=turns)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
