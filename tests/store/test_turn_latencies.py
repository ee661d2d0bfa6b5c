"""Each latency of a turn: worked out by hand, and against a plain reference in Python."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.store_runs import line, rows, write
from voicetel.events.metrics import TURN_LATENCIES

if TYPE_CHECKING:
    from pathlib import Path

Turn = dict[str, Any]
NAMES = [latency.name for latency in TURN_LATENCIES]
EXAMPLE = {
    "user": {"start_ms": 0, "end_ms": 1840},
    "agent": {"start_ms": 2715, "end_ms": 4630, "interrupted": False},
    "operations": [
        {"stage": "stt", "start_ms": 1840, "ttfb_ms": 170, "audio_s": 2.1},
        {"stage": "llm", "start_ms": 2010, "ttfb_ms": 148, "duration_ms": 391},
        {"stage": "tts", "start_ms": 2420, "ttfb_ms": 131, "duration_ms": 402},
    ],
    "eou_latency_ms": 875,
}


def measured(tmp_path: Path, turns: list[Turn]) -> list[dict[str, Any]]:
    """The latencies of each turn, and which were impossible, as the store has them."""
    log = write(tmp_path / "a.jsonl", [line("turn", turn=number, **turn) for number, turn in enumerate(turns)])
    found = rows(f"SELECT {', '.join(NAMES)}, impossible FROM turns ORDER BY turn", log)
    return [dict(zip([*NAMES, "impossible"], row, strict=True)) for row in found]


def test_the_example_of_the_format(tmp_path: Path) -> None:
    """Every figure of it by hand: 19 ms, from 2401 to 2420, are nobody's."""
    (turn,) = measured(tmp_path, [EXAMPLE])
    assert {name: None if turn[name] is None else int(turn[name]) for name in NAMES} == {
        "eou_latency_ms": 875,
        "endpointing_ms": None,
        "stt_ttfb_ms": 170,
        "llm_ttft_ms": 148,
        "llm_latency_ms": 391,
        "tts_ttfb_ms": 131,
        "realtime_ttfb_ms": None,
        "unattributed_ms": 19,
    }
    assert turn["impossible"] is None


def llm(**fields: object) -> Turn:
    """An LLM operation."""
    return {"stage": "llm", **fields}


HAND_WORKED: list[tuple[str, Turn, int | None]] = [
    ("eou_latency_ms", {"user": {"end_ms": 100}, "agent": {"start_ms": 900}}, 800),
    ("eou_latency_ms", {"user": {"end_ms": 100}, "agent": {}}, None),
    ("eou_latency_ms", {"agent": {"start_ms": 900}}, None),
    ("eou_latency_ms", {"user": {"end_ms": 100}, "agent": {"start_ms": 900}, "eou_latency_ms": 5}, 5),
    ("endpointing_ms", {"operations": [{"stage": "eot", "duration_ms": 500, "ttfb_ms": 3}]}, 500),
    ("endpointing_ms", {"operations": [{"stage": "eot", "ttfb_ms": 3}]}, 3),
    ("stt_ttfb_ms", {"operations": [{"stage": "stt"}, {"stage": "stt", "ttfb_ms": 7}]}, None),
    ("tts_ttfb_ms", {"operations": [{"stage": "tts", "ttfb_ms": 7}, {"stage": "tts", "ttfb_ms": 1}]}, 7),
    ("tts_ttfb_ms", {"operations": [{"stage": "tts", "ttfb_ms": 7}, {"stage": "tts", "ttfb_ms": 1, "start_ms": 9}]}, 1),
    ("realtime_ttfb_ms", {"operations": [{"stage": "realtime", "ttfb_ms": 425}]}, 425),
    *(
        (
            f"{stage}_ttfb_ms",
            {"operations": [{"stage": stage, "ttfb_ms": 1, "status": status}, {"stage": stage, "ttfb_ms": 9}]},
            9,
        )
        for stage in ("tts", "realtime")
        for status in ("cancelled", "error")
    ),
    (
        "stt_ttfb_ms",
        {"operations": [{"stage": "stt", "ttfb_ms": 1, "status": "error"}, {"stage": "stt", "ttfb_ms": 9}]},
        1,
    ),
    ("tts_ttfb_ms", {"operations": [{"stage": "tts", "ttfb_ms": 1, "status": "cancelled"}]}, None),
    ("llm_ttft_ms", {"operations": [llm(ttfb_ms=1, status="cancelled"), llm(ttfb_ms=2)]}, 2),
    ("llm_ttft_ms", {"operations": [llm(ttfb_ms=1, status="error"), llm(ttfb_ms=2, status="ok")]}, 2),
    ("llm_ttft_ms", {"operations": [llm(ttfb_ms=1, status="cancelled")]}, None),
    ("llm_ttft_ms", {"operations": [llm(ttfb_ms=1, status="great")]}, 1),
    ("llm_latency_ms", {"operations": [llm(duration_ms=300), llm(duration_ms=200, status="error")]}, 500),
    ("llm_latency_ms", {"operations": [llm(duration_ms=300), llm(duration_ms=9, status="cancelled")]}, 300),
    ("llm_latency_ms", {"operations": [llm(duration_ms=300), llm()]}, 300),
    ("llm_latency_ms", {"operations": [llm()]}, None),
    ("llm_latency_ms", {"operations": [llm(duration_ms=400_000), llm(duration_ms=200_000)]}, 600_000),
    ("llm_latency_ms", {"operations": [{"stage": "tool", "duration_ms": 5}]}, None),
    ("unattributed_ms", {"user": {"end_ms": 0}, "agent": {"start_ms": 100}}, None),
    ("unattributed_ms", {"user": {"end_ms": 0}, "agent": {"start_ms": 100}, "operations": [llm(duration_ms=5)]}, None),
    (
        "unattributed_ms",
        {"user": {"end_ms": 0}, "agent": {"start_ms": 100}, "operations": [llm(start_ms=20, duration_ms=-5)]},
        None,
    ),
    *(
        (
            "unattributed_ms",
            {"user": {"end_ms": 0}, "agent": {"start_ms": 100}, "operations": [llm(start_ms=20, ttfb_ms=5), other]},
            gap,
        )
        for other, gap in (
            (llm(duration_ms=5), None),
            (llm(ttfb_ms=0), None),
            (llm(), 95),
            (llm(duration_ms=-5), 95),
            ({"stage": "transport", "session_s": 3}, 95),
        )
    ),
]


@pytest.mark.parametrize(("name", "turn", "expected"), HAND_WORKED)
def test_by_hand(tmp_path: Path, name: str, turn: Turn, expected: int | None) -> None:
    """One turn, one latency."""
    assert measured(tmp_path, [turn])[0][name] == expected


def test_gaps_by_hand(tmp_path: Path) -> None:
    """Operations side by side, inside each other, across the edges, outside, of no length and of negative length."""
    cases = [
        ([(0, 100)], 0),
        ([(10, 20), (50, 20)], 60),
        ([(10, 50), (20, 10)], 50),
        ([(0, 30), (20, 30), (40, 20)], 40),
        ([(50, 500)], 50),
        ([(200, 50)], 100),
        ([(50, 0)], 100),
        ([(20, -10), (40, 10)], 90),
        ([(40, 10), (10, 80)], 20),
    ]
    turns = [
        {
            "user": {"end_ms": 0},
            "agent": {"start_ms": 100},
            "operations": [llm(start_ms=start, duration_ms=length) for start, length in spans],
        }
        for spans, _ in cases
    ]
    assert [turn["unattributed_ms"] for turn in measured(tmp_path, turns)] == [gap for _, gap in cases]


@pytest.mark.parametrize("latency", TURN_LATENCIES, ids=lambda latency: latency.name)
def test_impossible_values_are_left_out_and_named(tmp_path: Path, latency: Any) -> None:
    """Below zero and above the limit; the limit itself is possible."""
    stage = {"stt_ttfb_ms": "stt", "tts_ttfb_ms": "tts", "realtime_ttfb_ms": "realtime", "llm_ttft_ms": "llm"}

    def turn(value: float) -> Turn:
        match latency.name:
            case "eou_latency_ms":
                return {"eou_latency_ms": value}
            case "unattributed_ms":
                return {
                    "user": {"end_ms": 1},
                    "agent": {"start_ms": value + 2},
                    "eou_latency_ms": 5,
                    "operations": [llm(start_ms=1, ttfb_ms=1)],
                }
            case "llm_latency_ms" | "endpointing_ms":
                return {"operations": [{"stage": "llm" if latency.name[0] == "l" else "eot", "duration_ms": value}]}
            case name:
                return {"operations": [{"stage": stage[name], "ttfb_ms": value}]}

    values = [latency.limit_ms, latency.limit_ms + 1] + ([] if latency.name == "unattributed_ms" else [-1, -0.001])
    at_limit, *impossible = measured(tmp_path, [turn(value) for value in values])
    assert (at_limit[latency.name], at_limit["impossible"]) == (latency.limit_ms, None)
    assert {(each[latency.name], *each["impossible"]) for each in impossible} == {(None, latency.name)}


MS = st.one_of(st.none(), st.integers(-5, 90).map(lambda n: n / 2), st.sampled_from([0, 70_000, 0.125]))
OPERATION = st.fixed_dictionaries(
    {"stage": st.sampled_from(["stt", "llm", "llm", "tts", "eot", "realtime", "tool"])},
    optional={
        "start_ms": MS,
        "ttfb_ms": MS,
        "duration_ms": MS,
        "status": st.sampled_from(["ok", "error", "cancelled"]),
    },
)
TURN = st.fixed_dictionaries(
    {},
    optional={
        "user": st.fixed_dictionaries({}, optional={"end_ms": MS}),
        "agent": st.fixed_dictionaries({}, optional={"start_ms": MS}),
        "operations": st.lists(OPERATION, max_size=6),
        "eou_latency_ms": MS,
    },
)


def reference(turn: Turn) -> dict[str, Any]:
    """The latencies of a turn as metrics.py words them."""

    def number(value: float | None) -> Decimal | None:
        return None if value is None else Decimal(str(value))

    operations: list[dict[str, Any]] = [
        {key: value if isinstance(value, str) else number(value) for key, value in operation.items()}
        for operation in turn.get("operations", [])
    ]
    for each in operations:  # before the turn nothing of it began: such a start is unknown
        if (began := each.get("start_ms")) is not None and began < 0:
            each["start_ms"] = None
    operations.sort(key=lambda each: Decimal("Infinity") if each.get("start_ms") is None else each["start_ms"])

    def first(stage: str, *names: str, statuses: tuple[str, ...] = ("ok", "error", "cancelled")) -> Decimal | None:
        each = next((o for o in operations if o["stage"] == stage and o.get("status", "ok") in statuses), {})
        return next((each[name] for name in names if each.get(name) is not None), None)

    llms = [o for o in operations if o["stage"] == "llm" and o.get("status") != "cancelled"]
    durations = [o["duration_ms"] for o in llms if o.get("duration_ms") is not None]
    end, start = number(turn.get("user", {}).get("end_ms")), number(turn.get("agent", {}).get("start_ms"))
    end, start = (None if x is None or x < 0 else x for x in (end, start))
    eou = number(turn.get("eou_latency_ms"))
    if eou is None and end is not None and start is not None:
        eou = start - end
    found = {
        "eou_latency_ms": eou,
        "endpointing_ms": first("eot", "duration_ms", "ttfb_ms"),
        "stt_ttfb_ms": first("stt", "ttfb_ms"),
        "llm_ttft_ms": first("llm", "ttfb_ms", statuses=("ok",)),
        "llm_latency_ms": (Decimal(-1) if min(durations) < 0 else sum(durations)) if durations else None,
        "tts_ttfb_ms": first("tts", "ttfb_ms", statuses=("ok",)),
        "realtime_ttfb_ms": first("realtime", "ttfb_ms", statuses=("ok",)),
        "unattributed_ms": uncovered(operations, end, start),
    }
    limits = {latency.name: latency.limit_ms for latency in TURN_LATENCIES}
    impossible = [name for name, value in found.items() if value is not None and not 0 <= value <= limits[name]]
    return found | dict.fromkeys(impossible) | {"impossible": impossible or None}


def uncovered(operations: list[Turn], begin: Decimal | None, end: Decimal | None) -> Decimal | None:
    """Walk the eighths of milliseconds between the two and count those that no operation covers."""
    spans = []
    for each in operations:
        length = each["duration_ms"] if each.get("duration_ms") is not None else each.get("ttfb_ms")
        if length is not None and length >= 0:
            if each.get("start_ms") is None:
                return None
            spans.append((each["start_ms"], each["start_ms"] + length))
    if begin is None or end is None or end < begin or not spans:
        return None
    edges = sorted({begin, end, *(edge for span in spans for edge in span if begin < edge < end)})
    pieces = itertools.pairwise(edges)
    return sum(
        (right - left for left, right in pieces if not any(a <= left and right <= b for a, b in spans)), Decimal(0)
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TURN, min_size=1, max_size=30))
def test_against_the_reference(tmp_path: Path, turns: list[Turn]) -> None:
    """Any turns at all: every latency to the last digit."""
    assert measured(tmp_path, turns) == [reference(turn) for turn in turns]
