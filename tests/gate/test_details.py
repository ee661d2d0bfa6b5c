"""Metrics of tools, models, states of the dialogue, campaigns and concurrent calls: by hand, and against their reports."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.example_logs.gate_logs import limit, log_of
from support.example_logs.simulated import simulated_store
from support.logs import Event, store_of, turn_event
from voicetel.analyzers.campaigns import campaigns
from voicetel.analyzers.concurrency import concurrency
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.dropoff import dropoff
from voicetel.analyzers.models import models
from voicetel.analyzers.request import Request
from voicetel.analyzers.tools import tools
from voicetel.errors import ExitCode, UsageError
from voicetel.gate.expectations import parse_expectation, parse_fail_on, parse_measures
from voicetel.gate.metric import Measure
from voicetel.gate.metrics import METRICS, METRICS_WITH_PARTS, find_measure, find_metric, split_measure
from voicetel.gate.samples.observe import LENGTHS, Observed, observe
from voicetel.gate.samples.take import sample
from voicetel.gate.statistics.bootstrap import Bootstrap
from voicetel.pricing import load_card, parse_card

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicetel.store import Store

CARD = parse_card('currency = "USD"\n[llm.groq]\nusd_per_1m_input_tokens = 1000\n', source="card")


def tool(name: str, duration_ms: float, status: str = "ok") -> dict[str, Any]:
    """A call of a tool."""
    return {"stage": "tool", "name": name, "duration_ms": duration_ms, "status": status}


def llm(model: str, tokens: int | None, status: str = "ok", **more: int) -> dict[str, Any]:
    """A request to a model."""
    used = {} if tokens is None else {"input_tokens": tokens}
    return {"stage": "llm", "provider": "groq", "model": model, "status": status, **used, **more}


def call(
    number: int, *turns: list[dict[str, Any]], states: str = "", duration_s: int = 60, **ended: Any
) -> list[Event]:
    """A call that begins so many minutes after nine, with a state for each of its turns, of which the caller spoke in all."""
    head = {"v": 1, "call_id": f"c{number}"}
    at = f"2026-11-02T09:{number:02d}"
    lines: list[Event] = [
        head
        | {"event": "turn", "ts": f"{at}:{place:02d}Z", "turn": place, "user": {"text": "x"}, "operations": operations}
        | ({"state_id": states.split()[place - 1]} if states else {})
        for place, operations in enumerate(turns, start=1)
    ]
    ended = {"duration_s": duration_s, "outcome": "success"} | ended
    return [
        head | {"event": "call_started", "ts": f"{at}:00Z"},
        *lines,
        head | {"event": "call_ended", "ts": f"{at}:59Z"} | ended,
    ]


EVENTS = [
    *call(
        0,
        [tool("book", 100), tool("book", 300, "error"), llm("a", 1000, cached_input_tokens=250)],
        [llm("a", 1200, cached_input_tokens=850), llm("a", 500, "cancelled")],
        states="greet ask",
        duration_s=90,
    ),
    *call(
        1,
        [tool("look up", 900, "cancelled"), llm("b.1", None, "error")],
        states="greet",
        outcome="fail",
        end_reason="caller_hangup",
    ),
    *call(2, [tool("look up", 500)], [], states="greet ask", outcome="fail", end_reason="caller_hangup"),
    *call(3, outcome="voicemail"),
]
"""Four calls: c0 goes on while c1 begins; c1 is hung up in ``greet``, c2 in ``ask``, c3 is a mailbox."""

BY_HAND: dict[str, tuple[Any, int]] = {
    "tool_calls per_call": (1.0, 4),
    "tool_calls.book total": (2.0, 4),
    "tool_error_rate": (0.25, 4),
    "tool_error_rate.book": (0.5, 2),
    "tool_error_rate.look up": (0.0, 2),
    "tool_error_rate.nothing": (None, 0),
    "tool_duration_ms avg": (300.0, 3),
    "tool_duration_ms.look up max": (500.0, 1),
    "request_error_rate": (0.25, 4),
    "request_error_rate.b.1": (1.0, 1),
    "cancelled_rate.a": (Fraction(1, 3), 3),
    "cancelled_cost total": (Decimal("0.5"), 4),
    "cancelled_cost per_call": (Decimal("0.125"), 4),
    "cancelled_cost.b.1 total": (Decimal(0), 4),
    "error_cost total": (None, 0),  # it failed, and does not say what it used
    "error_cost.a total": (Decimal(0), 4),
    "cache_hit_rate": (0.5, 2200),
    "first_input_tokens": (1000.0, 1),
    "input_tokens_per_turn.a": (200.0, 1),
    "dropoff_rate": (Fraction(2, 3), 3),
    "dropoff_rate.greet": (Fraction(1, 3), 3),
    "dropoff_rate.ask rate": (0.5, 2),
    "connect_rate": (1.0, 4),
    "answer_rate": (0.75, 4),
    "conversation_rate": (Fraction(2, 3), 3),
    "conversation_success_rate": (0.5, 2),
    "cost per_conversation": (Decimal("1.35"), 2),
    "concurrency": (2, 4),
}
"""Measure → its figure and n: 2,700 tokens at 0.001, of which 500 were thrown away."""


def observed(store: Store, *texts: str) -> dict[str, Observed]:
    """What the gate makes of measures."""
    measures = [find_measure(*split_measure(text)) for text in texts]
    found = sample(store, CARD, measures=measures)
    return {text: observe(found, measure) for text, measure in zip(texts, measures, strict=True)}


def test_by_hand(tmp_path: Path) -> None:
    """Each figure, with how many values count."""
    with store_of(tmp_path, EVENTS) as store:
        found = observed(store, *BY_HAND)
    for text, (value, n) in BY_HAND.items():
        expected = float(value) if isinstance(value, Fraction) else value
        assert (found[text].value, found[text].n) == (expected, n), text


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of simulated calls."""
    with simulated_store(tmp_path_factory.mktemp("details") / "logs", calls=120, seed=11) as store:
        yield store


def assert_same(store: Store, expected: dict[str, Any]) -> None:
    """The gate's figures are these."""
    measures = {text: find_measure(*split_measure(text)) for text in expected}
    found = sample(store, load_card("list"), measures=measures.values())
    for text, value in expected.items():
        assert observe(found, measures[text]).value == (
            pytest.approx(value, abs=2e-6) if isinstance(value, float) else value
        ), text


def test_tools_are_those_of_their_report(simulated: Store) -> None:
    """Each tool, and all of them together."""
    lines = [line.figures for line in tools.answer(Request(simulated)).lines]
    expected: dict[str, Any] = {
        "tool_calls total": float(sum(each.tool_calls for each in lines)),
        "tool_error_rate": sum(each.errors for each in lines) / sum(each.tool_calls for each in lines),
    }
    for each in lines:
        expected |= {
            f"tool_error_rate.{each.tool}": each.error_rate,
            f"tool_duration_ms.{each.tool} p50": each.duration_ms_p50,
            f"tool_duration_ms.{each.tool} p95": each.duration_ms_p95,
            f"tool_duration_ms.{each.tool} max": each.duration_ms_max,
        }
    assert len(lines) > 2
    assert_same(simulated, expected)


def test_models_are_those_of_their_report(simulated: Store) -> None:
    """Each model, and what names a provider together."""
    lines = [line.figures for line in models.answer(Request(simulated, card=load_card("list"))).lines]
    billed = [each for each in lines if each.provider is not None]
    expected: dict[str, Any] = {
        "request_error_rate": sum(each.errors for each in billed) / sum(each.requests for each in billed),
        "cancelled_cost total": sum((each.cancelled_cost or Decimal(0) for each in billed), Decimal(0)),
    }
    names = [each.model for each in lines]
    for each in lines:
        if names.count(each.model) == 1:
            expected |= {
                f"request_error_rate.{each.model}": each.error_rate,
                f"cancelled_rate.{each.model}": each.cancelled_rate,
                f"cache_hit_rate.{each.model}": each.cache_hit_rate,
                f"first_input_tokens.{each.model}": each.first_input_tokens_avg,
                f"input_tokens_per_turn.{each.model}": each.input_tokens_per_turn,
            }
            if each.cancelled_cost is not None:
                expected[f"cancelled_cost.{each.model} total"] = each.cancelled_cost
    assert len(expected) > 30
    assert_same(simulated, expected)


def test_states_and_concurrency_are_those_of_their_reports(simulated: Store) -> None:
    """Each state, and the peak."""
    states = [line.figures for line in dropoff.answer(Request(simulated)).lines]
    (line,) = concurrency.answer(Request(simulated)).lines
    assert sum(each.dropoffs for each in states) > 0
    expected: dict[str, Any] = {f"dropoff_rate.{each.state_id}": each.dropoff_rate for each in states}
    assert_same(simulated, expected | {"concurrency peak": line.figures.peak})


def test_campaigns_are_those_of_their_report(simulated: Store) -> None:
    """Each step of each campaign, by ``where``."""
    card = load_card("list")
    lines = [line.figures for line in campaigns.answer(Request(simulated, card=card)).lines]
    found = sample(simulated, card, dimensions=("campaign",))
    names = ("connect_rate", "answer_rate", "conversation_rate", "conversation_success_rate")
    assert len(lines) > 2
    for line in lines:
        if line.campaign is None:
            continue
        one = found.where({"campaign": (line.campaign,)})
        for name in names:
            assert observe(one, find_measure(name, None)).value == getattr(line, name), (line.campaign, name)
        assert observe(one, find_measure("outcome.voicemail", None)).value == line.voicemail_rate
        assert observe(one, find_measure("cost", "per_conversation")).value == line.cost_per_conversation
        assert observe(one, find_measure("cost", "per_call")).value == line.cost_per_attempt


def test_filters_take_them_along(simulated: Store) -> None:
    """The parts of a sample add up to the whole, and say how sure they are."""
    measures = [find_measure("tool_calls", "total"), find_measure("tool_error_rate", None)]
    measures.append(find_measure("tool_duration_ms", "avg"))
    whole = sample(simulated, CARD, Selection(), dimensions=("direction",), measures=measures)
    parts = [whole.where({"direction": (name,)}) for name in ("inbound", "outbound", "web")]
    for name in ("tool_calls", "tool_errors"):
        assert sum(part.total(name) or 0 for part in parts) == whole.total(name)
    assert sum(len(part.turns["tool_duration_ms"].values) for part in parts) == len(
        whole.turns["tool_duration_ms"].values
    )
    errors = [Bootstrap(whole).distribution(measure).error for measure in measures[1:]]
    assert all(error is not None and error > 0 for error in errors)


def test_check_compare_and_trend_know_them(tmp_path: Path) -> None:
    """As limits, differences and lines, in JSON that keeps to its schema's words."""
    folder = log_of(tmp_path / "logs", [event for n in range(12) for event in call(n, [tool("book", 100 + n)], [])])
    (tmp_path / "slo.toml").write_text(
        "[defaults]\nmin_calls = 1\n"
        + limit("tool_error_rate.book", "< 1 %")
        + limit("tool_duration_ms.book", "p95 < 50")
        + limit("concurrency", "peak <= 2")
        + limit("conversation_rate", "> 90 %")
    )
    ran = run("check", folder, "--slo", tmp_path / "slo.toml", "--json")
    assert ran.code == ExitCode.LIMIT_BROKEN
    results = {each["metric"]: each["result"] for each in ran.json["limits"]}
    assert results == {
        "tool_error_rate.book": "passed",
        "tool_duration_ms.book": "broken",
        "concurrency": "passed",
        "conversation_rate": "passed",
    }
    compared = run("compare", folder, folder, "--metric", "tool_duration_ms.book avg", "--json")
    (difference,) = compared.json["differences"]
    assert (difference["metric"], difference["base"]["value"]) == ("tool_duration_ms.book", 105.5)
    trend = run("trend", folder, "--metric", "tool_duration_ms.book,tool_error_rate,concurrency", "--json")
    assert [line["metric"] for line in trend.json["lines"]] == [
        "tool_duration_ms.book",
        "tool_error_rate",
        "concurrency",
    ]
    assert "tool_duration_ms.book p95" in run("trend", folder, "--metric", "tool_duration_ms.book").out


def test_a_rate_above_one_is_judged(tmp_path: Path) -> None:
    """Cached tokens that are not among those of the input: 900 of 100 are 9, in every draw."""
    measure = find_measure("cache_hit_rate", None)
    turns = [turn_event(1, f"c{number}", operations=[llm("a", 100, cached_input_tokens=900)]) for number in range(25)]
    with store_of(tmp_path, turns) as store:
        drawn = Bootstrap(sample(store, CARD, measures=[measure])).distribution(measure)
    assert (drawn.value, drawn.error) == (9.0, 0.0)


def test_names_of_things_are_read_whole() -> None:
    """With points and spaces; a statistic stands last."""
    assert split_measure("tool_error_rate.look up") == ("tool_error_rate.look up", None)
    assert split_measure("tool_duration_ms.gpt-4.1 mini p95") == ("tool_duration_ms.gpt-4.1 mini", "p95")
    assert str(parse_fail_on("dropoff_rate.ask date +5pt").measure) == "dropoff_rate.ask date rate"
    assert parse_fail_on("tool_duration_ms.look up p95 +10%").measure.statistic == "p95"
    measure, operator, _ = parse_expectation("cancelled_rate.meta-llama/llama-4", "< 5 %")
    assert (str(measure), operator) == ("cancelled_rate.meta-llama/llama-4 rate", "<")
    assert find_metric("outcome.fail").part is None
    with pytest.raises(UsageError, match=r"unknown metric 'success_rate.book'"):
        find_metric("success_rate.book")
    with pytest.raises(UsageError, match=r"unknown metric 'tool_error_rate\.'"):
        find_metric("tool_error_rate.")


def test_a_peak_of_two_samples_cannot_be_compared() -> None:
    """How many calls there happened to be decides it."""
    with pytest.raises(UsageError, match="concurrency of two samples cannot be compared"):
        parse_measures("concurrency")


@pytest.mark.parametrize("name", METRICS_WITH_PARTS)
def test_every_statistic_can_be_asked_of_one(name: str) -> None:
    """Of one tool, model or state as of all."""
    whole, one = find_metric(name), find_metric(f"{name}.x.y")
    assert one.statistics == whole.statistics
    assert str(Measure(one, one.statistics[0])) == f"{name}.x.y {one.statistics[0]}"


def test_the_n_of_a_rate_counts_values_and_no_seconds(tmp_path: Path) -> None:
    """What a figure is divided by and is a length of time counts nothing: the calls do. Of words a minute it was seconds of audio."""
    turn = turn_event(1, "c1", agent={"text": "one two three", "start_ms": 0, "end_ms": 90_000})
    with store_of(tmp_path, [turn]) as store:
        measure = find_measure("speaking_rate", None)
        found = observe(sample(store, CARD, measures=[measure]), measure)
    assert (found.value, found.n, found.calls) == (2.0, 1, 1)
    divided_by = {ratio.denominator or "" for metric in METRICS.values() for ratio in metric.ratios.values()}
    assert {name for name in divided_by if name.endswith(("_s", "_ms"))} == set(LENGTHS)
