"""The gate's figures are those of the report."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from support.example_logs.gate_logs import call, log_of
from voicetel.analyzers.overview.analyze import analyze
from voicetel.gate.metric import OF_TURNS, Measure
from voicetel.gate.metrics import METRICS
from voicetel.gate.samples.observe import observe
from voicetel.gate.samples.take import sample
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card, parse_card
from voicetel.simulator import simulate
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from voicetel.analyzers.overview.results import Overview
    from voicetel.gate.samples.sample import Sample


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sample, Overview, tuple[int, int, int], int]:
    """One simulation with faults, as a sample and as a report; the store's counts and its number of events."""
    folder = tmp_path_factory.mktemp("gate") / "logs"
    simulate(folder, calls=150, seed=3, workers=1, faults=["torn"])
    rules, card = load_rules(), load_card("list")
    with open_store([str(folder)], rules, cache=False) as store:
        events = store.connection.execute("SELECT count(*) FROM events").fetchone()
        assert events is not None
        return (
            sample(store, card, dimensions=("agent_name",), measures=[Measure(METRICS["tool_duration_ms"], "avg")]),
            analyze(store, card).total,
            store.counts(),
            int(events[0]),
        )


def value(of: Sample, metric: str, statistic: str) -> float | Decimal | None:
    """A figure of the sample."""
    return observe(of, Measure(METRICS[metric], statistic)).value


@pytest.mark.parametrize("place", range(9))
def test_latencies_are_those_of_the_report(
    both: tuple[Sample, Overview, tuple[int, int, int], int], place: int
) -> None:
    """Every statistic of every latency is the report's."""
    found, report, *_ = both
    summary = list(report.latency.values())[place]
    for statistic in OF_TURNS:
        assert value(found, summary.name, statistic) == pytest.approx(getattr(summary.statistics, statistic), abs=2e-6)
    assert observe(found, Measure(METRICS[summary.name], "avg")).n == summary.statistics.n


def test_money_is_exact(both: tuple[Sample, Overview, tuple[int, int, int], int]) -> None:
    """Total, per call, per minute and every component are the report's to the last digit."""
    found, report, *_ = both
    assert value(found, "cost", "total") == report.cost.total
    assert value(found, "cost", "per_call") == report.cost.per_call_avg
    assert value(found, "cost", "per_minute") == report.cost.per_minute
    assert {name: value(found, f"cost.{name}", "total") for name in report.cost.components} == report.cost.components
    assert value(found, "coverage", "share") == report.cost.coverage


def test_shares_are_those_of_the_report(both: tuple[Sample, Overview, tuple[int, int, int], int]) -> None:
    """Interruptions, outcomes, incomplete calls and sentiment are the report's."""
    found, report, *_ = both
    assert value(found, "interruption_rate", "rate") == report.interruptions.rate
    assert value(found, "success_rate", "rate") == report.outcomes.success_rate
    for each in report.outcomes.shares:
        assert value(found, f"outcome.{each.outcome}", "share") == each.share
    assert value(found, "incomplete_share", "share") == (report.incomplete_calls or 0) / report.calls
    assert value(found, "sentiment", "avg") == pytest.approx(report.sentiment.avg)
    assert (value(found, "calls", "total"), value(found, "turns", "total")) == (report.calls, report.turns)
    assert value(found, "duration_s", "total") == float(report.duration_s or 0)


def test_how_calls_were_handled_is_that_of_the_report(
    both: tuple[Sample, Overview, tuple[int, int, int], int],
) -> None:
    """Slow responses, waits, handle time, transfers and what callers were not heard of are the report's."""
    found, report, *_ = both
    handling = report.handling
    for line, slow in handling.slow_turns.over.items():
        assert value(found, "slow_turns", f"over_{line}") == slow.rate
    for name in ("first_word_ms", "caller_silence_ms"):
        for statistic in OF_TURNS:
            expected = getattr(getattr(handling, name), statistic)
            assert value(found, name, statistic) == pytest.approx(expected, abs=2e-6)
    for statistic in ("avg", "p50", "p90"):
        expected = getattr(handling.handle_time_s, statistic)
        assert value(found, "handle_time_s", statistic) == pytest.approx(expected, abs=2e-6)
    assert value(found, "transfer_rate", "rate") == handling.transfers.rate
    assert value(found, "containment_rate", "rate") == handling.transfers.containment_rate
    assert value(found, "no_input_rate", "rate") == handling.no_input.rate
    assert value(found, "unheard_rate", "rate") == handling.unheard.rate
    assert value(found, "timeout_rate", "rate") == handling.timeouts.rate
    speech = handling.agent_speech.characters_per_minute
    assert value(found, "agent_speech", "characters_per_minute") == pytest.approx(speech, abs=2e-6)


def test_usage_is_that_of_the_report(both: tuple[Sample, Overview, tuple[int, int, int], int]) -> None:
    """What was used adds up to the report's sums."""
    found, report, *_ = both
    for name, amount in report.usage.items():
        assert value(found, name, "total") == pytest.approx(float(amount or 0))


def test_refused_share_counts_lines(both: tuple[Sample, Overview, tuple[int, int, int], int]) -> None:
    """Its denominator is every line that is an event or should have been one."""
    found, _, (refused, unsupported, _), events = both
    assert refused > 0
    assert value(found, "refused_share", "share") == refused / (events + refused + unsupported)


def test_a_filter_takes_turns_along(both: tuple[Sample, Overview, tuple[int, int, int], int]) -> None:
    """The halves of a sample have its turns between them, and the calls that were asked for."""
    found, *_ = both
    names = sorted(set(found.calls.column("agent_name").to_pylist()) - {None})
    parts = [found.where({"agent_name": (name,)}) for name in names]
    assert sum(map(len, parts)) == len(found) - found.calls.column("agent_name").null_count
    rest = len(found.turns["eou_latency_ms"].values)
    assert 0 < sum(len(part.turns["eou_latency_ms"].values) for part in parts) <= rest
    assert set(parts[0].calls.column("agent_name").to_pylist()) == {names[0]}


def test_what_is_unpriced_is_no_zero(tmp_path: Path) -> None:
    """A component that was used and has no price is unknown; one that nobody used cost nothing."""
    folder = log_of(tmp_path / "logs", call(1, [700, 800]))
    rules = load_rules()
    text = 'currency = "USD"\n[stt.deepgram]\nusd_per_second = 0.1\n'
    with open_store([folder], rules, cache=False) as store:
        found = sample(store, parse_card(text, source="test"))
    assert value(found, "cost.llm", "per_call") is None
    assert value(found, "cost.stt", "per_call") == Decimal(0)
