"""Every figure of the fixtures, through ``import`` and then ``calls``, ``cost`` and ``analyze``."""

from __future__ import annotations

import itertools
from decimal import Decimal
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.imports.imported_calls import CALLS, EXPECTED, FIXTURES, Call
from support.imports.imported_lines import lines_of, turns_of

if TYPE_CHECKING:
    from pathlib import Path

METRICS = {
    "eou_latency_ms": "response",
    "llm_ttft_ms": "llm",
    "tts_ttfb_ms": "tts",
    "stt_ttfb_ms": "stt",
    "endpointing_ms": "endpointing",
}
BY_ID = pytest.mark.parametrize("expected", CALLS, ids=lambda call: call.call_id)


def test_no_call_is_missing_and_none_is_too_many(calls: dict[str, dict[str, Any]]) -> None:
    """The logs have the calls of the fixtures, each once."""
    assert sorted(calls) == sorted(call.call_id for call in CALLS)


@BY_ID
def test_latencies_are_those_of_the_export(expected: Call, calls: dict[str, dict[str, Any]]) -> None:
    """What is not known has n = 0, and no 0 stands for it."""
    call = calls[expected.call_id]
    for metric, name in METRICS.items():
        values = getattr(expected, name)
        assert call[f"{metric}_n"] == len(values), metric
        assert call[f"{metric}_min"] == (min(values) if values else None), metric
        assert call[f"{metric}_max"] == (max(values) if values else None), metric
        assert call[f"{metric}_avg"] == (pytest.approx(fmean(values)) if values else None), metric


@BY_ID
def test_response_times_stand_in_the_turns_they_were_measured_in(expected: Call, imported: Path) -> None:
    """In the order of turns, whether logged or derived from times."""
    turns = turns_of(imported, expected.call_id)
    logged = [turn["eou_latency_ms"] for turn in turns if "eou_latency_ms" in turn]
    derived = [
        turn["agent"]["start_ms"] - turn["user"]["end_ms"]
        for turn in turns
        if "eou_latency_ms" not in turn and "end_ms" in turn.get("user", {}) and "start_ms" in turn.get("agent", {})
    ]
    assert (*logged, *derived) == expected.response
    assert [turn["turn"] for turn in turns] == list(range(1, len(turns) + 1))


@BY_ID
def test_turns_lengths_and_interruptions(expected: Call, calls: dict[str, dict[str, Any]]) -> None:
    """Turns in all, with a caller, with the agent; who interrupted whom how often; whose call it was."""
    call = calls[expected.call_id]
    assert (call["turns"], call["user_turns"], call["agent_turns"]) == expected.turns
    assert (call["interruption_count"] or 0) == expected.interruptions
    assert call["direction"] == expected.direction
    assert call["duration_s"] == expected.duration_s


@BY_ID
def test_a_call_without_a_length_is_not_given_one(expected: Call, imported: Path) -> None:
    """A call that never connected, or is not over, says nothing of how long it was."""
    ended = [line for line in lines_of(imported, expected.call_id) if line["event"] == "call_ended"]
    assert [line.get("duration_s") for line in ended if "duration_s" in line] == (
        [] if expected.duration_s is None else [expected.duration_s]
    )


@pytest.mark.parametrize(
    "expected",
    [
        call
        for pattern, some in EXPECTED.items()
        if pattern.split("/")[0] in {"vapi", "retell", "elevenlabs", "livekit_report"}
        for call in some
    ],
    ids=lambda call: call.call_id,
)
def test_a_wait_is_not_unattributed_where_operations_have_no_start(
    expected: Call, calls: dict[str, dict[str, Any]]
) -> None:
    """These sources say how long an operation took and not when: what none of them covers cannot be known."""
    assert calls[expected.call_id]["unattributed_ms_n"] == 0


@BY_ID
def test_endings(expected: Call, calls: dict[str, dict[str, Any]]) -> None:
    """Why a call ended, how, and how sure that is."""
    call = calls[expected.call_id]
    assert (call["outcome"], call["outcome_confidence"]) == expected.outcome
    assert call["end_reason"] == expected.end_reason
    assert call["sentiment"] == expected.sentiment


@BY_ID
def test_charges_are_exact(expected: Call, calls: dict[str, dict[str, Any]]) -> None:
    """To the last digit, and where nothing was charged there is no 0."""
    call = calls[expected.call_id]
    for component, amount in expected.charged.items():
        found = call[f"cost_{component}"]
        assert (None if found is None else Decimal(found)) == (Decimal(amount) if amount else None), component


@pytest.mark.parametrize("pattern", EXPECTED)
def test_each_file_on_its_own_gives_its_calls(pattern: str, tmp_path: Path) -> None:
    """A file that has none says so and exits 4."""
    calls = EXPECTED[pattern]
    ran = run("import", *sorted(FIXTURES.glob(pattern)), "-o", tmp_path / "logs", "--json")
    assert ran.code == (0 if calls else 4)
    if calls:
        assert ran.json["calls"] == len(calls)
        found = run("calls", tmp_path / "logs", "--json", "--no-cache").json
        assert sorted(call["call_id"] for call in found) == sorted(call.call_id for call in calls)


def test_the_report_adds_up(imported: Path, calls: dict[str, dict[str, Any]]) -> None:
    """``analyze`` has as many calls, turns and interruptions, and refuses no line."""
    report = run("analyze", imported, "--json", "--no-cache").json
    assert report["calls"] == len(CALLS)
    assert report["turns"] == sum(call.turns[0] for call in CALLS)
    assert report["refused_lines"] == 0
    assert report["interruptions"]["count"] == sum(call.interruptions for call in CALLS)
    for metric, name in METRICS.items():
        assert report["latency"][metric]["n"] == sum(len(getattr(call, name)) for call in CALLS)
    totals = [Decimal(call["cost_total"]) for call in calls.values() if call["cost_total"] is not None]
    assert Decimal(report["cost"]["total"]) == sum(totals)


def test_nothing_that_was_written_is_read_as_unknown(imported: Path) -> None:
    """``validate`` has nothing to say of what an import wrote."""
    ran = run("validate", imported, "--json", "--no-cache")
    assert ran.code == 0
    assert (ran.json["refused_lines"], ran.json["findings"]) == (0, [])


def test_what_was_charged_0_is_unpriced_where_own_keys_paid(tmp_path: Path) -> None:
    """214 characters of ElevenLabs' speech in Vapi's call cost nothing there: they are not free, they have no price."""
    report = tmp_path / "logs"
    assert run("import", FIXTURES / "vapi" / "webhook_inbound.json", "-o", report).code == 0
    cost = run("cost", report, "--json", "--no-cache").json
    assert Decimal(cost["cost"]["total"]) == Decimal("0.041036")
    (line,) = [line for line in cost["lines"] if line["component"] == "tts"]
    assert (line["provider"], line["model"], line["amount"]) == ("elevenlabs", "eleven_turbo_v2_5", None)
    assert (line["unpriced_operations"], line["quantities"]) == (1, {"characters": 214})


def test_speech_inside_the_minute_costs_nothing(imported: Path) -> None:
    """ElevenLabs bills recognition and speech with the platform's minute: cost 0, and priced."""
    operations = [
        operation
        for line in lines_of(imported, "conv_0001")
        if line["event"] == "usage"
        for operation in line["operations"]
        if operation["stage"] in ("stt", "tts")
    ]
    assert [(each["stage"], each["cost"], each["currency"]) for each in operations] == [
        ("stt", "0", "USD"),
        ("tts", "0", "USD"),
    ]


def test_tokens_of_dropped_attempts_are_billed_and_stand_in_no_turn(imported: Path) -> None:
    """ElevenLabs: 4,664 tokens initiated, 4,144 in rows; LiveKit: the attempt at 20.1 s that nobody heard."""
    dropped = {
        call_id: [
            (operation["input_tokens"], operation["output_tokens"], operation["status"])
            for line in lines_of(imported, call_id)
            if line["event"] == "usage"
            for operation in line["operations"]
            if operation["stage"] == "llm"
        ]
        for call_id in ("conv_0001", "AJ_cc0000000001")
    }
    assert dropped == {"conv_0001": [(520, 15, "cancelled")], "AJ_cc0000000001": [(1400, 4, "cancelled")]}


def test_tokens_of_a_tool_turn(imported: Path) -> None:
    """Two requests, the first latency once: a row after a tool repeats the measure of the row before it."""
    turn = turns_of(imported, "conv_0001")[1]
    requests = [operation for operation in turn["operations"] if operation["stage"] == "llm"]
    assert [(each["input_tokens"], each.get("cached_input_tokens"), each["output_tokens"]) for each in requests] == [
        (900, None, 18),
        (956, 256, 22),
    ]
    assert [each["ttfb_ms"] for each in requests] == [420, 380]
    (tool,) = [operation for operation in turn["operations"] if operation["stage"] == "tool"]
    assert (tool["name"], tool["duration_ms"]) == ("check_rooms", 650)


def test_times_of_a_livekit_trace(imported: Path) -> None:
    """Turn 3: 450 and 500 ms of LLM and 600 ms of tool; turn 2: every ms of the wait is somebody's."""
    _, second, third, _ = turns_of(imported, "AJ_cc0000000001")
    stages = [(each["stage"], each.get("duration_ms")) for each in third["operations"]]
    assert [length for stage, length in stages if stage == "llm"] == [450, 500]
    assert [length for stage, length in stages if stage == "tool"] == [600]
    spans = sorted(
        (each["start_ms"], each["start_ms"] + each.get("duration_ms", each.get("ttfb_ms", 0)))
        for each in second["operations"]
    )
    waited_ms = second["user"]["end_ms"]
    for start_ms, end_ms in spans:
        assert start_ms <= waited_ms
        waited_ms = max(waited_ms, end_ms)
    assert waited_ms >= second["agent"]["start_ms"]


def test_usage_of_a_livekit_report(imported: Path) -> None:
    """Session totals, once."""
    usage = [line for line in lines_of(imported, "AJ_aa0000000001") if line["event"] == "usage"]
    (line,) = usage
    assert {each["stage"]: {k: v for k, v in each.items() if k in QUANTITIES} for each in line["operations"]} == {
        "llm": {"input_tokens": 2600, "cached_input_tokens": 900, "output_tokens": 88},
        "tts": {"characters": 164, "audio_s": 11.6},
        "stt": {"audio_s": 24.5},
    }


QUANTITIES = ("input_tokens", "cached_input_tokens", "output_tokens", "characters", "audio_s")


def test_usage_of_traces(calls: dict[str, dict[str, Any]]) -> None:
    """Tokens, characters and seconds of a trace add up, dropped attempts included."""
    names = ("llm_input_tokens", "llm_output_tokens", "tts_characters", "stt_s")
    assert [calls["AJ_cc0000000001"][name] for name in names] == [
        1200 + 1300 + 1360 + 1400 + 1410,
        34 + 18 + 22 + 4 + 6,
        175,
        None,
    ]
    assert [calls["pc-0001"][name] for name in names] == [400 + 450 + 480, 20 + 12 + 16, 22 + 44 + 19, None]
    assert [calls["pc-0002"][name] for name in names] == [300, 10, 32, 1.6]
    assert [calls["AJ_cc0000000003"][name] for name in names] == [600, 12, 25, None]


def test_interruptions_that_no_source_speaks_of(calls: dict[str, dict[str, Any]]) -> None:
    """Bolna's transcripts have neither flags nor times: whether the caller stopped the agent is unknown."""
    unknown = {call_id for call_id, row in calls.items() if row["interruption_count"] is None}
    assert unknown == {"b01a0000-0000-4000-8000-000000000001", "b01a0000-0000-4000-8000-000000000004"}
    assert all(calls[call_id]["interruption_rate"] is None for call_id in unknown)


def test_how_sure_transcribers_were(calls: dict[str, dict[str, Any]]) -> None:
    """LiveKit's session reports and traces say so, Vapi word by word; systems that do not leave it unknown."""
    told = {call_id: row["confidence_avg"] for call_id, row in calls.items() if row["confidence_avg"] is not None}
    assert {call_id[:2] for call_id in told} == {"AJ", "01"}
    vapi = {call_id: average for call_id, average in told.items() if call_id.startswith("01a0b1c2")}
    # Every word of the fixtures has 0.97; a page of the list and a webhook have it alike.
    assert sorted(call_id[9:13] for call_id in vapi) == ["0001", "0002", "0004", "0006"]
    assert list(vapi.values()) == pytest.approx([0.97] * len(vapi))
    assert told["AJ_aa0000000001"] == told["AJ_cc0000000001"] == pytest.approx(0.98)


def test_what_of_the_wait_is_a_setting(imported: Path) -> None:
    """LiveKit's traces say what the agent was told to wait for; a wait that the caller broke off counts for none."""
    waits = {
        call_id: [
            (operation["setting_ms"], operation["duration_ms"])
            for turn in turns_of(imported, call_id)
            for operation in turn.get("operations", [])
            if operation["stage"] == "eot"
        ]
        for call_id in ("AJ_cc0000000001", "AJ_cc0000000003")
    }
    assert waits == {"AJ_cc0000000001": [(500, 600), (500, 500), (500, 500)], "AJ_cc0000000003": [(500, 500)]}


def test_marks(imported: Path) -> None:
    """Transfers, handoffs, false interruptions and errors; the first agent of a session is no handoff."""
    kinds = {
        call_id: [line["kind"] for line in lines_of(imported, call_id) if line["event"] == "mark"]
        for call_id in ("01a0b1c2-0006-7000-8000-000000000006", "AJ_aa0000000001", "AJ_aa0000000002")
    }
    assert list(itertools.chain.from_iterable(kinds.values())) == [
        "transfer",
        "handoff",
        "false_interruption",
        "error",
    ]


def test_credits_are_a_tag_and_no_money(imported: Path) -> None:
    """ISO 4217 has no code for ElevenLabs' credits."""
    ended = {line["call_id"]: line for line in lines_of(imported) if line["event"] == "call_ended"}
    assert ended["conv_0002"]["tags"]["elevenlabs.cost_credits"] == "418"
    assert ended["conv_0003"]["tags"]["elevenlabs.cost_credits"] == "120"
    assert ended["conv_0003"]["amd"] == "machine-vm"
    assert ended["conv_0004"]["sip_status"] == 486


def test_a_grade_stays_a_tag(imported: Path) -> None:
    """A success evaluation of 7 is neither a pass nor a fail."""
    (ended,) = [
        line for line in lines_of(imported, "01a0b1c2-0004-7000-8000-000000000004") if line["event"] == "call_ended"
    ]
    assert ended["tags"]["vapi.successEvaluation"] == "7"
    assert "outcome" not in ended
