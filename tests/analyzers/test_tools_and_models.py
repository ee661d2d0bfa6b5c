"""Tools and models: by hand, and against a plain recomputation over simulated logs."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.logs import Event, store_of
from support.reference.definitions import percentile
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.latency.model_latency import model_latency
from voicetel.analyzers.models import models
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.request import Request
from voicetel.analyzers.tools import tools
from voicetel.gate.metrics import find_measure
from voicetel.gate.samples.observe import observe
from voicetel.gate.samples.take import sample
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card, parse_card
from voicetel.results import encode
from voicetel.simulator import simulate
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CARD = parse_card(
    'currency = "USD"\n[llm.groq]\nusd_per_1m_input_tokens = 1\nusd_per_1m_output_tokens = 2\n', source="card"
)


def turn(number: int, *operations: dict[str, Any], call_id: str = "a") -> Event:
    """A turn with these operations."""
    ts = f"2026-11-02T09:00:{number:02d}Z"
    return {"v": 1, "event": "turn", "ts": ts, "call_id": call_id, "turn": number, "operations": list(operations)}


def book(duration_ms: float, **more: Any) -> dict[str, Any]:
    """A call of the tool `book`."""
    return {"stage": "tool", "name": "book", "duration_ms": duration_ms, **more}


def llm(**more: Any) -> dict[str, Any]:
    """A request to a language model."""
    return {"stage": "llm", "provider": "groq", "model": "m", **more}


def test_tools_by_hand(tmp_path: Path) -> None:
    """Of 100 and 300 ms p50 is 200 and p95 290: what was cancelled has no length, what failed has."""
    events = [
        turn(1, book(100), book(300, status="error"), book(900, status="cancelled")),
        turn(2, {"stage": "tool", "duration_ms": 50}, llm(duration_ms=70)),
        turn(1, book(-1, status="ok"), call_id="b"),
    ]
    with store_of(tmp_path, events) as store:
        found = encode(tools.answer(Request(store)))
    assert found["lines"] == [
        {
            "tool": "book",
            "tool_calls": 4,
            "calls": 2,
            "errors": 1,
            "error_rate": 0.25,
            "cancelled": 1,
            "duration_ms_n": 2,
            "duration_ms_p50": 200,
            "duration_ms_p95": 290,
            "duration_ms_max": 300,
        },
        {
            "tool": None,
            "tool_calls": 1,
            "calls": 1,
            "errors": 0,
            "error_rate": 0,
            "cancelled": 0,
            "duration_ms_n": 1,
            "duration_ms_p50": 50,
            "duration_ms_p95": 50,
            "duration_ms_max": 50,
        },
    ]


def test_a_tool_without_a_name_is_not_one_that_is_called_nothing(tmp_path: Path) -> None:
    """Each has its own lengths: 50 ms of the one, 100 and 300 ms of the other."""
    unnamed, empty = {"stage": "tool"}, {"stage": "tool", "name": ""}
    events = [turn(1, unnamed | {"duration_ms": 50}, empty | {"duration_ms": 100}, empty | {"duration_ms": 300})]
    with store_of(tmp_path, events) as store:
        found = encode(tools.answer(Request(store)))["lines"]
    assert [(each["tool"], each["duration_ms_n"], each["duration_ms_max"]) for each in found] == [
        ("", 2, 300),
        (None, 1, 50),
    ]


def test_models_by_hand(tmp_path: Path) -> None:
    """3,200 tokens in and 250 out cost 0.0037, of which 0.0011 was thrown away."""
    events = [
        turn(1, llm(input_tokens=1000, cached_input_tokens=0, output_tokens=100)),
        turn(
            2,
            llm(input_tokens=1000, output_tokens=50, status="cancelled"),
            llm(input_tokens=1200, cached_input_tokens=600, output_tokens=100),
        ),
        turn(3, llm(status="error")),
    ]
    with store_of(tmp_path, events) as store:
        (line,) = encode(models.answer(Request(store, card=CARD)))["lines"]
    assert line == {
        "stage": "llm",
        "provider": "groq",
        "model": "m",
        "requests": 4,
        "errors": 1,
        "error_rate": 0.25,
        "cancelled": 1,
        "cancelled_rate": 0.25,
        "cost": "0.0037",
        "error_cost": None,
        "cancelled_cost": "0.0011",
        "cache_hit_rate": pytest.approx(600 / 2200, abs=1e-6),
        "first_input_tokens_avg": 1000,
        "input_tokens_per_turn": 200,
    }


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of simulated logs."""
    folder = tmp_path_factory.mktemp("tools") / "logs"
    simulate(folder, calls=120, seed=11, workers=1)
    return folder


def operations(folder: Path) -> Iterator[tuple[Event, dict[str, Any]]]:
    """Every operation of the logs with its event."""
    for file in sorted(folder.rglob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            yield from ((event, each) for each in event.get("operations") or ())


def test_tools_of_simulated_calls(simulated: Path) -> None:
    """Counts and percentiles are those of plain Python."""
    used: defaultdict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for event, each in operations(simulated):
        if each["stage"] == "tool":
            used[each["name"]].append((event["call_id"], each))
    with open_store([str(simulated)], load_rules(), cache=False) as store:
        found = {line.figures.tool: line.figures for line in tools.answer(Request(store)).lines}
    assert set(found) == set(used)
    for name, some in used.items():
        durations = [
            Decimal(repr(each["duration_ms"]))
            for _, each in some
            if each.get("status") != "cancelled" and each.get("duration_ms") is not None
        ]
        line = found[name]
        assert (line.tool_calls, line.calls) == (len(some), len({call_id for call_id, _ in some}))
        assert line.errors == sum(each.get("status") == "error" for _, each in some)
        assert line.duration_ms_n == len(durations)
        assert line.duration_ms_p95 == pytest.approx(percentile(durations, 0.95), abs=2e-6)


def test_models_of_simulated_calls(simulated: Path) -> None:
    """Counts, tokens and prompts are those of plain Python; what models cost adds up to the bill."""
    requests: defaultdict[Any, list[tuple[Event, dict[str, Any]]]] = defaultdict(list)
    for event, each in operations(simulated):
        requests[each["stage"], each.get("provider"), each.get("model")].append((event, each))
    card = load_card("list")
    with open_store([str(simulated)], load_rules(), cache=False) as store:
        report = models.answer(Request(store, card=card))
        bill = analyze(store, card).total.cost.total
        grouped = models.answer(Request(store, Selection(by=("agent_name",)), card=card))
    found = {(each.stage, each.provider, each.model): each for each in (line.figures for line in report.lines)}
    assert set(found) == set(requests)
    for key, some in requests.items():
        line = found[key]
        assert line.requests == len(some)
        assert line.cancelled == sum(each.get("status") == "cancelled" for _, each in some)
        both = [each for _, each in some if {"input_tokens", "cached_input_tokens"} <= set(each)]
        total = sum(each["input_tokens"] for each in both)
        cached = sum(each["cached_input_tokens"] for each in both)
        assert line.cache_hit_rate == (pytest.approx(cached / total, abs=1e-6) if total else None)
        if key[0] == "llm":
            assert line.input_tokens_per_turn == pytest.approx(growth(some), abs=1e-6)
    assert sum(line.figures.requests for line in grouped.lines) == sum(map(len, requests.values()))
    costs = [line.figures.cost for line in report.lines if line.figures.cost is not None]
    assert float(sum(costs)) == pytest.approx(float(bill or 0), rel=1e-15)


def test_prompts_of_a_million_tokens_and_more(tmp_path: Path) -> None:
    """A prompt of 1,000,000 tokens and then one of 999,999,999.5, the most that a log can say but for a millionth."""
    events = [turn(1, llm(input_tokens=1_000_000)), turn(2), turn(3, llm(input_tokens=999_999_999.5))]
    with store_of(tmp_path, events) as store:
        (line,) = models.answer(Request(store, card=CARD)).lines
    assert line.figures.first_input_tokens_avg == 1_000_000
    assert line.figures.input_tokens_per_turn == (999_999_999.5 - 1_000_000) / 2
    assert line.figures.cost == Decimal("1000.9999995")


@pytest.mark.parametrize("first", [1, 50, 60, 61, 62, 63, 2**40])
@pytest.mark.parametrize("steps", [(1, 2), (10, 20), (3, 4), (0, 9)])
def test_prompts_grow_by_turns_and_not_by_numbers(tmp_path: Path, first: int, steps: tuple[int, int]) -> None:
    """Prompts of 1,000 tokens in the first of three turns and 1,300 in the last grow by 150 a turn, whatever the numbers are.

    With two turns of one number they go by their time: it is the same.
    """
    prompts = (llm(input_tokens=1000), {"stage": "tool"}, llm(input_tokens=1300))
    events = [
        turn(at, each) | {"turn": first + step}
        for at, (step, each) in enumerate(zip((0, *steps), prompts, strict=True))
    ]
    other = [turn(1, llm(input_tokens=10), call_id="b"), turn(2, llm(input_tokens=160), call_id="b")]
    with store_of(tmp_path, events + other) as store:
        (line, *_) = models.answer(Request(store, card=CARD)).lines
        measure = find_measure("input_tokens_per_turn", None)
        seen = observe(sample(store, load_card(None), dimensions=(), measures=[measure]), measure)
    assert line.figures.first_input_tokens_avg == 505
    assert line.figures.input_tokens_per_turn == 150
    assert seen.value == pytest.approx(150)


def growth(some: list[tuple[Event, dict[str, Any]]]) -> float:
    """By how many tokens prompts grow from turn to turn."""
    prompts: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for event, each in some:
        if event["event"] == "turn" and each.get("status") != "error" and "input_tokens" in each:
            of_call = prompts[event["call_id"]]
            of_call[event["turn"]] = max(each["input_tokens"], of_call.get(event["turn"], 0))
    grown, turns = 0.0, 0
    for of_call in prompts.values():
        first, last = min(of_call), max(of_call)
        grown, turns = grown + of_call[last] - of_call[first], turns + last - first
    return grown / turns


@pytest.mark.parametrize(
    ("tools", "n", "highest", "impossible"),
    [
        ([{"duration_ms": 600}], 1, 600, 0),
        ([{"duration_ms": 600}, {"duration_ms": 900.5}], 2, 900.5, 0),
        ([{"duration_ms": 600, "status": "ok"}], 1, 600, 0),
        ([{"duration_ms": 600, "status": "error"}], 1, 600, 0),
        ([{"duration_ms": 600, "status": "cancelled"}], 0, None, 0),
        ([{"duration_ms": -600, "status": "cancelled"}], 0, None, 0),
        ([{"duration_ms": 0}], 1, 0, 0),
        ([{"duration_ms": 600_000}], 1, 600_000, 0),
        ([{"duration_ms": 600_001}], 0, None, 1),
        ([{"duration_ms": -1}, {"duration_ms": 5}], 1, 5, 1),
        ([{"ttfb_ms": 5}], 0, None, 0),
        ([{"name": "book"}], 0, None, 0),
        ([{"duration_ms": "5"}], 0, None, 0),
        ([], 0, None, 0),
    ],
    ids=str,
)
def test_calls_of_tools_have_a_row_among_the_latencies(
    tmp_path: Path, tools: list[dict[str, Any]], n: int, highest: float | None, impossible: int
) -> None:
    """Over everything, in groups of calls, of turns and of operations; a usage line may hold them too."""
    operations = [{"stage": "tool", "start_ms": 5, **each} for each in tools]
    events: list[Event] = [
        {"v": 1, "event": "turn", "ts": "2026-11-02T09:00:00Z", "call_id": "a", "turn": 1, "operations": operations},
        {"v": 1, "event": "usage", "ts": "2026-11-02T09:00:01Z", "call_id": "b", "operations": operations},
    ]
    with store_of(tmp_path, events) as store:
        for by in ((), ("agent_name",), ("state_id",), ("provider",)):
            found = analyze(store, load_card(), Selection(by=by))
            group = found.groups[0].figures if found.groups and n + impossible else found.total
            for each in (found.total, group):
                row = each.latency["tool_duration_ms"]
                assert (row.statistics.n, row.statistics.max, row.impossible) == (2 * n, highest, 2 * impossible)


def test_a_latency_is_that_of_the_model_that_had_it(tmp_path: Path) -> None:
    """Calls with one model for a stage, and one in which a second one stood in: there each turn has the model that answered."""

    def llm(model: str, ttfb_ms: float, **more: Any) -> dict[str, Any]:
        return {
            "stage": "llm",
            "provider": "groq",
            "model": model,
            "ttfb_ms": ttfb_ms,
            "duration_ms": 2 * ttfb_ms,
            **more,
        }

    nova = {"stage": "stt", "provider": "deepgram", "model": "nova", "ttfb_ms": 90}
    events = [
        turn(1, llm("big", 300), nova, call_id="a"),
        turn(2, llm("big", 500), call_id="a"),
        turn(1, llm("big", 700), nova, call_id="b"),
        turn(2, llm("big", 800, status="error", start_ms=1), llm("small", 100, start_ms=2), call_id="b"),
        turn(3, llm("big", 900, status="cancelled", start_ms=1), llm("small", 200, start_ms=2), call_id="b"),
        turn(4, llm("small", -5), call_id="b"),
    ]
    with store_of(tmp_path, events) as store:
        found = {
            (each.name, *each.key): (each.statistics.n, each.statistics.avg, each.impossible)
            for each in model_latency(Request(store).context(), ("stage", "model"))
        }
    assert found == {
        ("stt_ttfb_ms", "stt", "nova"): (2, 90.0, 0),
        ("llm_ttft_ms", "llm", "big"): (3, 500.0, 0),
        ("llm_ttft_ms", "llm", "small"): (2, 150.0, 1),
        ("llm_latency_ms", "llm", "big"): (4, 1200.0, 0),
        ("llm_latency_ms", "llm", "small"): (1, 400.0, 1),
    }
