"""How calls were handled: five calls, every figure worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.logs import Event, store_of
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.handling.handling import parse_thresholds
from voicetel.analyzers.overview.analyze import analyze
from voicetel.errors import UsageError
from voicetel.gate.metrics import METRICS, find_measure
from voicetel.gate.samples.observe import observe
from voicetel.gate.samples.take import sample
from voicetel.gate.slo import response_bounds
from voicetel.pricing import load_card
from voicetel.results import encode

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2026-11-02T"


def event(call_id: str, time: str, name: str, **fields: Any) -> Event:
    """An event of a call at a time of the day."""
    return {"v": 1, "event": name, "ts": f"{DAY}{time}Z", "call_id": call_id, **fields}


def passed_on() -> list[Event]:
    """Rings for two seconds. The agent speaks 800 ms after the answer, the caller 500 ms after the agent."""
    return [
        event("passed-on", "09:00:00.000", "call_started", agent_name="clinic"),
        event("passed-on", "09:00:02.000", "mark", kind="answered"),
        event("passed-on", "09:00:02.500", "turn", turn=1, agent={"start_ms": 300, "end_ms": 2300}),
        event(
            "passed-on",
            "09:00:05.000",
            "turn",
            turn=2,
            user={"start_ms": 300, "end_ms": 1800, "confidence": 0.9},
            agent={"start_ms": 2900, "end_ms": 4900},
            operations=[
                {"stage": "eot", "start_ms": 1800, "duration_ms": 600, "setting_ms": 450},
                {"stage": "tts", "start_ms": 2500, "characters": 30, "audio_s": 2.0},
                {"stage": "tts", "start_ms": 2600, "characters": 90, "audio_s": 1.0, "status": "cancelled"},
            ],
        ),
        event("passed-on", "09:00:12.000", "mark", kind="no_input"),
        event("passed-on", "09:00:20.000", "mark", kind="no_input"),
        event("passed-on", "09:00:25.000", "mark", kind="transfer"),
        event("passed-on", "09:00:30.000", "call_ended", duration_s=30, end_reason="transfer"),
    ]


def caller_first() -> list[Event]:
    """The caller speaks 400 ms after the call began; the agent's first audio is 2 s after it."""
    return [
        event("caller-first", "10:00:00.000", "call_started", agent_name="clinic"),
        event(
            "caller-first",
            "10:00:00.400",
            "turn",
            turn=1,
            user={"start_ms": 0, "end_ms": 900, "confidence": 0.7},
            agent={"start_ms": 1600, "end_ms": 3000},
            operations=[{"stage": "eot", "duration_ms": 400}],
        ),
        event("caller-first", "10:00:50.000", "call_ended", duration_s=50, end_reason="caller_hangup"),
    ]


EVENTS = [
    *passed_on(),
    *caller_first(),
    event("unreached", "10:05:00.000", "call_started", direction="outbound"),
    event("unreached", "10:05:09.000", "call_ended", sip_status=480, end_reason="not_connected"),
    # In progress. When the agent's audio began is not said, so neither first word has a place.
    event("going-on", "10:10:00.000", "turn", turn=1, user={"start_ms": 200}, agent={}, eou_latency_ms=3200),
    # Nobody answers the greeting.
    event("silent", "10:12:00.000", "turn", turn=1, agent={"start_ms": 100, "end_ms": 2000}),
    event("silent", "10:12:05.000", "mark", kind="unheard"),
    event("silent", "10:12:10.000", "call_ended", duration_s=10, end_reason="timeout"),
]

EXPECTED = {
    # 2900 − 1800, 1600 − 900, and 3200 as logged
    "slow_turns": {
        "n": 3,
        "over": {
            "800": {"turns": 2, "rate": 2 / 3},
            "1500": {"turns": 1, "rate": 1 / 3},
            "3000": {"turns": 1, "rate": 1 / 3},
        },
    },
    # 800 after the answer; 400 + 1600 and 100 after the first event
    "first_word_ms": {
        "n": 3,
        "avg": 2900 / 3,
        "min": 100,
        "p50": 800,
        "p90": 1760,
        "p95": 1880,
        "p99": 1976,
        "max": 2000,
    },
    # 5.3 s − 4.8 s; 400 after the first event
    "caller_silence_ms": {"n": 2, "avg": 450, "min": 400, "p50": 450, "p90": 490, "p95": 495, "p99": 499, "max": 500},
    # Two calls count as answered and have a length: 30 s and 50 s.
    "handle_time_s": {"n": 2, "avg": 40, "p50": 40, "p90": 48},
    "transfers": {"handled": 2, "transferred": 1, "rate": 0.5, "contained": 1, "containment_rate": 0.5},
    "no_input": {"count": 2, "calls": 1, "rate": 1 / 5},
    "unheard": {"count": 1, "calls": 1, "rate": 1 / 5},
    "timeouts": {"calls": 1, "ended": 4, "rate": 1 / 4},
    # The other eot operation does not say what of it is a setting.
    "endpointing_setting": {"n": 1, "avg_ms": 450, "share": 450 / 600},
    "confidence": {"n": 2, "avg": 0.8},
    # 30 characters in 2 s; what was cancelled made less audio than its characters
    "agent_speech": {"turns": 1, "characters": 30, "audio_s": 2, "characters_per_minute": 900},
}


def test_figures_are_those_by_hand(tmp_path: Path) -> None:
    """Of all calls, and those of groups add up to them."""
    with store_of(tmp_path, EVENTS) as store:
        found = analyze(store, load_card("list"), Selection(by=("agent_name",)))
    assert encode(found.total.handling) == approximately(EXPECTED)
    parts = [group.figures.handling for group in found.groups]
    whole = found.total.handling
    for name in ("handled", "transferred", "contained"):
        assert sum(getattr(part.transfers, name) for part in parts) == getattr(whole.transfers, name)
    assert sum(part.slow_turns.n for part in parts) == whole.slow_turns.n
    assert sum(part.slow_turns.over["800"].turns for part in parts) == whole.slow_turns.over["800"].turns
    assert sum(part.no_input.count or 0 for part in parts) == whole.no_input.count


def approximately(value: Any) -> Any:
    """A nested dict of numbers, each to be compared as a float."""
    if isinstance(value, dict):
        return {name: approximately(each) for name, each in value.items()}
    return pytest.approx(value, abs=2e-6)


def test_the_row_of_a_call_says_the_same(tmp_path: Path) -> None:
    """What is a figure of each call; what is not said is null."""
    names = (
        "answered", "transferred", "first_word_ms", "caller_silence_ms", "no_input_count", "unheard_count", "confidence_avg",
    )  # fmt: skip
    with store_of(tmp_path, EVENTS) as store:
        rows = calls(store, load_card("list")).to_pylist()
    assert list(rows[0])[-len(names) :] == list(names)
    assert {row["call_id"]: tuple(row[name] for name in names) for row in rows} == {
        "passed-on": (True, True, 800, 500, 2, 0, 0.9),
        "caller-first": (True, False, 2000, 400, 0, 0, 0.7),
        "unreached": (False, False, None, None, 0, 0, None),
        "going-on": (True, None, None, None, 0, 0, None),
        "silent": (False, False, 100, None, 0, 1, None),
    }


def test_the_mean_confidence_of_a_call_is_rounded_as_that_of_all(tmp_path: Path) -> None:
    """(0.9 + 0.9 + 0.7) / 3, to six places."""
    turns = [
        event("c", f"09:00:0{second}", "turn", turn=second, user={"text": "Yes.", "confidence": confidence})
        for second, confidence in enumerate((0.9, 0.9, 0.7), 1)
    ]
    with store_of(tmp_path, turns) as store:
        (row,) = calls(store, load_card("list")).to_pylist()
        assert row["confidence_avg"] == analyze(store, load_card("list")).total.handling.confidence.avg == 0.833333


@pytest.mark.parametrize(
    ("metric", "statistic", "value", "n"),
    [
        ("slow_turns", "over_800", 2 / 3, 3),
        ("slow_turns", "over_1099", 2 / 3, 3),
        ("slow_turns", "over_1100", 1 / 3, 3),  # over, not from
        ("first_word_ms", "avg", 2900 / 3, 3),
        ("first_word_ms", "p90", 1760, 3),
        ("caller_silence_ms", "p50", 450, 2),
        ("handle_time_s", "avg", 40, 2),
        ("handle_time_s", "p90", 48, 2),
        ("transfer_rate", "rate", 0.5, 2),
        ("containment_rate", "rate", 0.5, 2),
        ("no_input_rate", "rate", 0.2, 5),
        ("unheard_rate", "rate", 0.2, 5),
        ("timeout_rate", "rate", 0.25, 4),
        ("confidence", "avg", 0.8, 2),
        ("endpointing_setting", "share", 0.75, 5),
        ("agent_speech", "characters_per_minute", 900, 5),
    ],
)
def test_the_gate_has_each_of_them(tmp_path: Path, metric: str, statistic: str, value: float, n: int) -> None:
    """With what it is a figure of."""
    with store_of(tmp_path, EVENTS) as store:
        found = observe(sample(store, load_card("list")), find_measure(metric, statistic))
    assert found.value == pytest.approx(value, abs=2e-6)
    assert found.n == n


def test_calls_that_say_nothing_of_a_transfer(tmp_path: Path) -> None:
    """Nothing is known of transfers where no call says how it ended: neither rate is 0 or 1."""
    spoke = event("a", "09:00:00.000", "turn", turn=1, user={"start_ms": 0, "end_ms": 900})
    ended = event("a", "09:00:10.000", "call_ended")
    with store_of(tmp_path, [spoke, ended]) as store:
        transfers = analyze(store, load_card("list")).total.handling.transfers
        taken = sample(store, load_card("list"))
    assert (transfers.handled, transfers.rate, transfers.containment_rate) == (1, None, None)
    assert [observe(taken, find_measure(name, "rate")).value for name in ("transfer_rate", "containment_rate")] == [
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("text", "lines"), [("800", ("800",)), ("3000,800.5, 800.50", ("800.5", "3000")), ("0,60000", ("0", "60000"))]
)
def test_lines_of_slow_turns(text: str, lines: tuple[str, ...]) -> None:
    """In their order, each once."""
    assert parse_thresholds(text) == lines


@pytest.mark.parametrize("text", ["", "fast", "800,", "-1", "60001", "nan", "1e3x", "0.0001"])
def test_what_is_no_line_of_slow_turns(text: str) -> None:
    """One line that says what to write."""
    with pytest.raises(UsageError, match="is no threshold of slow turns"):
        parse_thresholds(text)


def test_the_lines_of_a_file_of_limits(tmp_path: Path) -> None:
    """Upper bounds on the response of all calls, each once; nothing where there is no file, or no such limit."""
    file = tmp_path / "slo.toml"
    assert response_bounds(file) is None
    file.write_text('[[limit]]\nmetric = "llm_ttft_ms"\nexpect = "p95 <= 700"\n')
    assert response_bounds(file) is None
    limits = "".join(
        f'[[limit]]\nmetric = "eou_latency_ms"\nexpect = "{expect}"\n'
        for expect in ("p50 <= 900", "p95 <= 1.5 s", "max < 1500")
    )
    file.write_text(limits)
    assert response_bounds(file) == "900,1500"
    some_calls = '[[limit]]\nmetric = "eou_latency_ms"\nexpect = "p95 < 700"\nwhere = { agent_version = "1.8.1" }\n'
    lower = '[[limit]]\nmetric = "eou_latency_ms"\nexpect = "min > 50"\n'
    file.write_text(limits + some_calls + lower)
    assert response_bounds(file) == "900,1500"
    file.write_text(some_calls + lower)
    assert response_bounds(file) is None


def test_every_statistic_of_slow_turns_can_be_limited() -> None:
    """Those of the report, and any other line; a word that is no line is refused."""
    assert METRICS["slow_turns"].statistics == ("over_800", "over_1500", "over_3000")
    assert find_measure("slow_turns", "over_250").statistic == "over_250"
    with pytest.raises(UsageError, match="no statistic"):
        find_measure("slow_turns", "over_fast")
    with pytest.raises(UsageError, match="no statistic"):
        find_measure("success_rate", "over_800")
