"""What the report says took the most of a slow response, by turns worked out by hand."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from support.logs import store_of
from support.soak import SOAK
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.slowest_calls.slowest_calls import slowest_calls

if TYPE_CHECKING:
    from pathlib import Path

Operation = dict[str, Any]


def operation(stage: str, start_ms: float | None, duration_ms: float | None, **fields: Any) -> Operation:
    """One operation; what is None is not logged."""
    found = {"stage": stage, "provider": "x", "start_ms": start_ms, "duration_ms": duration_ms, **fields}
    return {name: value for name, value in found.items() if value is not None}


CALLER_ENDS, AGENT_STARTS = 1000, 6000

CASES = [
    pytest.param(
        [operation("llm", 1500, 500), operation("tool", 2000, 3000, name="crm"), operation("llm", 5000, 600)],
        ("tool", 3000),
        id="a tool between two steps of the LLM",
    ),
    pytest.param(
        [operation("tool", 1500, 2000, name="a"), operation("tool", 2500, 2500, name="b")],
        ("tool", 3500),
        id="tools side by side count once: 1,500 to 5,000",
    ),
    pytest.param(
        [operation("eot", 1000, 2600), operation("stt", 1000, 900), operation("llm", 3700, 1000)],
        ("eot", 2600),
        id="the end of the turn was decided late",
    ),
    pytest.param(
        [operation("llm", 1200, 900), operation("tts", 2200, 8000, ttfb_ms=3700)],
        ("tts", 3800),
        id="what comes after the first audio does not count: 2,200 to 6,000",
    ),
    pytest.param(
        [operation("llm", 0, 1900), operation("tts", 1950, None, ttfb_ms=1000)],
        ("unattributed", 3100),
        id="nobody says what 50 ms and then 2,950 to 6,000 were spent on",
    ),
    pytest.param(
        [operation("llm", 100, 5000), operation("realtime", 5200, None, ttfb_ms=700)],
        ("llm", 4100),
        id="what began before the caller ended counts from there: 1,000 to 5,100",
    ),
    pytest.param(
        [operation("llm", 1100, 2000, status="cancelled"), operation("llm", 3200, 2400), operation("rag", 5600, 300)],
        ("llm", 4400),
        id="a discarded attempt took its time, too",
    ),
    pytest.param(
        [operation("llm", None, 700), operation("tool", None, 2100), operation("tool", None, 400)],
        ("tool", 2500),
        id="without a place: lengths added up",
    ),
    pytest.param([operation("llm", None, None, input_tokens=5)], (None, None), id="operations without a length"),
    pytest.param([], (None, None), id="no operation"),
]


@pytest.mark.parametrize(("operations", "most"), CASES)
def test_what_took_the_most(tmp_path: Path, operations: list[Operation], most: tuple[str, float]) -> None:
    """The caller's last sound is at 1,000 ms, the agent's first at 6,000."""
    turn = {
        "event": "turn",
        "turn": 4,
        "user": {"text": "x", "start_ms": 0, "end_ms": CALLER_ENDS},
        "agent": {"text": "y", "start_ms": AGENT_STARTS, "end_ms": 7000},
        "operations": operations,
    }
    with store_of(tmp_path, [{"v": 1, "ts": "2026-11-02T09:00:00Z", "call_id": "c", **turn}]) as store:
        (found,) = slowest_calls(analysis_context(store), limit=3)
    assert (found.eou_latency_ms, found.turn) == (AGENT_STARTS - CALLER_ENDS, 4)
    assert (found.stage, found.stage_ms) == most


def test_slowest_first_and_one_turn_each(tmp_path: Path) -> None:
    """Of each call its slowest turn; a latency that is logged alone has nobody to name but the stages' own latencies."""
    head = {"v": 1, "event": "turn", "ts": "2026-11-02T09:00:00Z"}
    events = [
        head
        | {"call_id": call_id, "turn": number, "eou_latency_ms": ms, "operations": [{"stage": "llm", "ttfb_ms": 80}]}
        for call_id, number, ms in [("a", 1, 700), ("a", 2, 900), ("b", 1, 1200), ("c", 1, 800), ("d", 1, 100)]
    ]
    with store_of(tmp_path, events) as store:
        found = slowest_calls(analysis_context(store), limit=3)
    assert [(each.call_id, each.turn, each.eou_latency_ms, each.stage, each.stage_ms) for each in found] == [
        ("b", 1, 1200, "llm", 80),
        ("a", 2, 900, "llm", 80),
        ("c", 1, 800, "llm", 80),
    ]


STAGES = ("stt", "llm", "tts", "eot", "realtime", "tool", "rag")


def random_turn(dice: random.Random, call_id: str, number: int) -> dict[str, Any]:
    """A turn whose operations may lie anywhere: before the response, in it, after it, over each other, cancelled."""
    stops = dice.randrange(2000)
    starts = stops + dice.randrange(1, 3000)
    operations = []
    for _ in range(dice.randrange(7)):
        length = dice.choice([("duration_ms",), ("ttfb_ms",), ("duration_ms", "ttfb_ms"), ()])
        times = {name: dice.randrange(2500) for name in length}
        status = dice.choice([{}, {}, {"status": "cancelled"}, {"status": "error"}])
        operations.append({"stage": dice.choice(STAGES), "start_ms": dice.randrange(5500), **times, **status})
    return {
        "v": 1, "event": "turn", "ts": "2026-11-02T09:00:00Z", "call_id": call_id, "turn": number,
        "user": {"text": "x", "start_ms": 0, "end_ms": stops}, "agent": {"text": "y", "start_ms": starts, "end_ms": starts + 9},
        "operations": operations,
    }  # fmt: skip


def counted_by_the_millisecond(turn: dict[str, Any]) -> tuple[str | None, float | None]:
    """The stage in whose operations the most milliseconds of the response lie, the first by name of several."""
    lacking = range(turn["user"]["end_ms"], turn["agent"]["start_ms"])
    covered: dict[str, set[int]] = {}
    for each in turn["operations"]:
        length = each.get("duration_ms", each.get("ttfb_ms"))
        if length is not None:
            covered.setdefault(each["stage"], set()).update(range(each["start_ms"], each["start_ms"] + length))
    taken = {stage: len(moments & set(lacking)) for stage, moments in covered.items()}
    if covered:
        taken["unattributed"] = len(set(lacking).difference(*covered.values()))
    found = sorted((-length, stage) for stage, length in taken.items() if length)
    return (found[0][1], -found[0][0]) if found else (None, None)


@pytest.mark.parametrize("seed", range(200 if SOAK else 12))
def test_what_took_the_most_counted_by_the_millisecond(tmp_path: Path, seed: int) -> None:
    """Random logs, recomputed in plain Python: every call's slowest turn, its stage and that stage's milliseconds."""
    dice = random.Random(seed)
    turns = [
        random_turn(dice, f"c{call:02}", number) for call in range(30) for number in range(1, dice.randrange(2, 5))
    ]
    expected: dict[str, tuple[int, int, str | None, float | None]] = {}
    for turn in turns:
        waited_ms = turn["agent"]["start_ms"] - turn["user"]["end_ms"]
        if waited_ms > expected.get(turn["call_id"], (0, 0, None, None))[0]:
            expected[turn["call_id"]] = (waited_ms, turn["turn"], *counted_by_the_millisecond(turn))
    with store_of(tmp_path, turns) as store:
        found = slowest_calls(analysis_context(store), limit=100)
    assert {each.call_id: (each.eou_latency_ms, each.turn, each.stage, each.stage_ms) for each in found} == expected
    assert [each.eou_latency_ms for each in found] == sorted((row[0] for row in expected.values()), reverse=True)
