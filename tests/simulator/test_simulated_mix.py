"""Simulated logs have of everything, in believable shares."""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import median
from typing import TYPE_CHECKING

from voicetel.events.fields import EVENTS

if TYPE_CHECKING:
    from pathlib import Path

    from support.example_logs.simulated import Event
    from voicetel.simulator import SimulationSummary


def test_summary_counts_what_the_files_hold(
    simulated: tuple[Path, SimulationSummary], events: list[Event], calls: list[list[Event]]
) -> None:
    """Files, bytes, lines, calls and events of the summary are those on the disk."""
    folder, summary = simulated
    files = list(folder.iterdir())
    assert summary.files == len(files)
    assert summary.bytes == sum(path.stat().st_size for path in files)
    assert summary.lines == len(events)
    assert summary.calls == len(calls) == 1_500 == sum(summary.outcomes.values()) == sum(summary.languages.values())
    assert summary.events == dict(sorted(Counter(event["event"] for event in events).items()))


def test_every_event_outcome_and_language_occurs(simulated: tuple[Path, SimulationSummary]) -> None:
    """All five events, all six outcomes and both languages, none of them as a rarity."""
    summary = simulated[1]
    assert set(summary.events) == set(EVENTS)
    assert set(summary.outcomes) == {"success", "fail", "voicemail", "no_answer", "busy", "unknown"}
    assert min(summary.outcomes.values()) > 10
    assert 0.35 < summary.languages["ru"] / summary.calls < 0.6


def test_lines_are_as_long_and_calls_as_busy_as_real_ones(simulated: tuple[Path, SimulationSummary]) -> None:
    """A line has some 700 bytes, a call nine or ten lines."""
    summary = simulated[1]
    assert 650 < summary.bytes / summary.lines < 800
    assert 8.5 < summary.lines / summary.calls < 10.5


def test_only_some_outcomes_are_logged_and_the_others_leave_evidence(calls: list[list[Event]]) -> None:
    """About half of the calls log an outcome; of the others most have a state, a SIP status, amd or a transfer."""
    last = [call[-1] for call in calls if call[-1]["event"] == "call_ended"]
    logged = [event for event in last if "outcome" in event]
    assert 0.4 < len(logged) / len(calls) < 0.7
    silent = [event for event in last if "outcome" not in event]
    evident = [event for event in silent if {"final_state", "sip_status", "amd"} & set(event)]
    assert 0.7 < len(evident) / len(silent) < 1


def test_some_calls_never_end(calls: list[list[Event]]) -> None:
    """A process that died leaves calls without call_ended; reviewers leave calls with two."""
    ends = Counter(sum(event["event"] == "call_ended" for event in call) for call in calls)
    assert ends[0] > 0
    assert ends[2] > 0
    assert ends[1] > 0.9 * len(calls)


def test_calls_nobody_answered_have_no_turns(calls: list[list[Event]]) -> None:
    """Where the line was busy or nobody picked up, only the SIP status tells."""
    failed = [call for call in calls if call[-1].get("sip_status", 200) >= 400]
    assert len(failed) > 50
    for call in failed:
        assert [event["event"] for event in call if event["event"] in {"turn", "mark"}] == []
        assert call[-1]["end_reason"] == "not_connected"


def test_voicemail_greets_in_the_callees_words(calls: list[list[Event]]) -> None:
    """Behind amd machine-vm stands one turn with the greeting as what the callee said."""
    machines = [call for call in calls if call[-1].get("amd") == "machine-vm"]
    assert len(machines) > 10
    for call in machines:
        turns = [event for event in call if event["event"] == "turn"]
        assert [turn["state_id"] for turn in turns] == ["voicemail"]
        assert len(turns[0]["user"]["text"]) > 40


def test_every_kind_of_operation_and_mark_occurs(events: list[Event]) -> None:
    """All stages of an agent, failed and cancelled requests, cached and audio tokens, and the marks of a dialogue."""
    operations = [operation for event in events for operation in event.get("operations", ())]
    assert {one["stage"] for one in operations} == {"stt", "llm", "tts", "realtime", "eot", "tool", "transport"}
    assert {one.get("status") for one in operations} == {None, "error", "cancelled"}
    assert any("cached_input_tokens" in one for one in operations)
    assert any(one.get("output_audio_tokens") for one in operations)
    kinds = {event["kind"] for event in events if event["event"] == "mark"}
    assert kinds >= {"answered", "transfer", "handoff", "dtmf", "no_input", "false_interruption"}
    stoppers = {event.get("agent", {}).get("interrupted_by") for event in events}
    assert stoppers == {None, "hangup"}


def test_agents_versions_and_campaigns_vary(calls: list[list[Event]]) -> None:
    """Several agents, of which some run two versions, and campaigns on the outbound ones alone."""
    starts = [call[0] for call in calls]
    versions = defaultdict(set)
    for start in starts:
        versions[start["agent_name"]].add(start["agent_version"])
    assert len(versions) == 9
    assert versions["clinic-booking"] == {"1.8.2", "1.9.0"}
    assert {start["direction"] for start in starts} == {"inbound", "outbound", "web"}
    assert all(("campaign" in start) == (start["direction"] == "outbound") for start in starts)


def test_the_slow_version_is_slow(calls: list[list[Event]]) -> None:
    """Version 1.9.0 of the clinic's agent waits clearly longer for its language model than 1.8.2."""
    ttft: dict[str, list[int]] = defaultdict(list)
    for call in calls:
        if call[0]["agent_name"] == "clinic-booking":
            for event in call[1:]:
                ttft[call[0]["agent_version"]] += [
                    one["ttfb_ms"]
                    for one in event.get("operations", ())
                    if one["stage"] == "llm" and "ttfb_ms" in one and "status" not in one
                ]
    assert median(ttft["1.9.0"]) > 1.5 * median(ttft["1.8.2"])


def test_traffic_follows_the_clock_and_the_week(calls: list[list[Event]]) -> None:
    """More calls at ten in the morning than at four at night, more on Monday than on Sunday."""
    starts = [call[0]["ts"] for call in calls]
    hours = Counter(int(ts[11:13]) for ts in starts)
    days = Counter(ts[:10] for ts in starts)
    assert hours[9] + hours[10] > 10 * (hours[3] + hours[4])
    assert days["2026-11-02"] > 2 * days["2026-11-08"] > 0
