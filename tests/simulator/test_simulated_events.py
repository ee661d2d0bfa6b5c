"""Simulated events keep to the format, and the parts of a call agree with each other."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from support.event_fields import field_problems
from support.example_logs.simulated import Event, at_ms

if TYPE_CHECKING:
    from pathlib import Path

    from voicetel.simulator import SimulationSummary

PARTS = (
    ("cached_input_tokens", "input_tokens"),
    ("input_audio_tokens", "input_tokens"),
    ("cached_input_audio_tokens", "input_audio_tokens"),
    ("cached_input_audio_tokens", "cached_input_tokens"),
    ("output_audio_tokens", "output_tokens"),
    ("ttfb_ms", "duration_ms"),
)


def turns_of(call: list[Event]) -> list[Event]:
    """Return the turns of a call."""
    return [event for event in call if event["event"] == "turn"]


def operations_of(events: list[Event]) -> list[dict[str, Any]]:
    """Return every operation of some events."""
    return [operation for event in events for operation in event.get("operations", ())]


def test_every_event_keeps_to_the_table_of_fields(events: list[Event]) -> None:
    """Every simulated line has the fields, types, words and limits of the format, its keys in the table's order."""
    assert [problem for event in events for problem in field_problems(event)] == []


def test_field_problems_finds_what_is_wrong() -> None:
    """The check these tests lean on sees a wrong type, a wrong word, a value too low, a missing and an unknown field."""
    event: Event = {
        "v": 1,
        "event": "call_ended",
        "ts": "yesterday",
        "call_id": "",
        "duration_s": -1,
        "end_reason": "bored",
        "operations": [{"provider": "groq"}],
        "outcome_confidence": 2,
        "colour": "blue",
    }
    found = "\n".join(field_problems(event))
    for part in ("keys", ".ts:", ".call_id:", ".duration_s:", ".end_reason:", "[0].stage: missing", "above 1"):
        assert part in found


def test_lines_of_a_writer_are_numbered_without_a_gap(events: list[Event]) -> None:
    """Within a writer ``seq`` counts 1, 2, 3 … in the order of the lines."""
    last: dict[str, int] = {}
    for event in events:
        assert event["seq"] == last.get(event["writer"], 0) + 1
        last[event["writer"]] = event["seq"]


def test_calls_of_a_writer_interleave(events: list[Event]) -> None:
    """A file holds calls that go on at the same time, as a real agent process writes them."""
    changes = sum(1 for one, other in pairwise(events) if one["call_id"] != other["call_id"])
    assert changes > 1.2 * len({event["call_id"] for event in events})


def test_a_call_begins_with_its_start_and_its_turns_rise(calls: list[list[Event]]) -> None:
    """call_started comes first, turns are numbered from 1, and each has a later ts than the one before."""
    for call in calls:
        assert call[0]["event"] == "call_started"
        turns = turns_of(call)
        assert [turn["turn"] for turn in turns] == list(range(1, len(turns) + 1))
        assert all(one["ts"] < other["ts"] for one, other in pairwise(turns))


def test_a_call_ends_after_its_last_word(calls: list[list[Event]]) -> None:
    """The logged duration reaches from the start to the call_ended, and no turn goes on after it."""
    for call in calls:
        ended = [event for event in call if event["event"] == "call_ended"]
        if not ended:
            continue
        length_ms = at_ms(ended[0]) - at_ms(call[0])
        assert abs(length_ms - ended[0]["duration_s"] * 1000) <= 50
        for turn in turns_of(call):
            last_speaker = turn["agent"] if "agent" in turn else turn["user"]
            assert at_ms(turn) + last_speaker["end_ms"] < at_ms(ended[0])


def test_logged_latency_is_what_the_turn_shows(calls: list[list[Event]]) -> None:
    """eou_latency_ms is agent.start_ms − user.end_ms, never negative, and logged only where both spoke."""
    logged = [turn for call in calls for turn in turns_of(call) if "eou_latency_ms" in turn]
    assert len(logged) > 1_000
    for turn in logged:
        assert turn["eou_latency_ms"] == turn["agent"]["start_ms"] - turn["user"]["end_ms"] >= 0


def test_operations_lie_inside_their_turn(calls: list[list[Event]]) -> None:
    """No operation of a turn begins before it, or ends after the agent's last sound."""
    for call in calls:
        for turn in turns_of(call):
            if "agent" not in turn:
                continue
            for operation in turn["operations"]:
                lasts_ms = operation.get("duration_ms", operation.get("ttfb_ms", 0))
                if operation["stage"] != "stt":
                    assert operation["start_ms"] + lasts_ms <= turn["agent"]["end_ms"]


def test_parts_do_not_exceed_the_whole(events: list[Event]) -> None:
    """Cached and audio tokens are parts of the tokens, first bytes come before last ones."""
    for operation in operations_of(events):
        for part, whole in PARTS:
            if part in operation and whole in operation:
                assert operation[part] <= operation[whole], operation


def test_spans_are_the_agents_audio(calls: list[list[Event]]) -> None:
    """Spans follow each other with a pause and reach from agent.start_ms to agent.end_ms."""
    spoken = [turn["agent"] for call in calls for turn in turns_of(call) if "spans" in turn.get("agent", ())]
    assert len(spoken) > 50
    for agent in spoken:
        assert (agent["spans"][0][0], agent["spans"][-1][1]) == (agent["start_ms"], agent["end_ms"])
        assert all(one[1] < other[0] for one, other in pairwise(agent["spans"]))


def test_callers_speak_over_the_agent_exactly_where_it_is_interrupted(
    calls: list[list[Event]], simulated: tuple[Path, SimulationSummary]
) -> None:
    """After a barge-in the next turn's caller starts inside the agent's span; after any other turn, behind it."""
    for call in calls:
        for turn, after in pairwise(turns_of(call)):
            agent = turn["agent"]
            stops_ms = at_ms(turn) + agent["end_ms"]
            if agent["interrupted"]:
                assert at_ms(turn) + agent["start_ms"] < at_ms(after) < stops_ms
                assert after["user"]["start_ms"] == 0
            else:
                assert at_ms(after) > stops_ms
    agents = [turn.get("agent", {}) for call in calls for turn in turns_of(call)]
    by_caller = [agent for agent in agents if agent.get("interrupted") and "interrupted_by" not in agent]
    assert len(by_caller) == simulated[1].interruptions > 50


def test_text_of_an_interrupted_agent_is_what_was_heard(calls: list[list[Event]]) -> None:
    """Playback that stopped leaves fewer words than were made."""
    for call in calls:
        for turn in turns_of(call):
            made = sum(operation.get("characters", 0) for operation in turn.get("operations", ()))
            if made and turn["agent"]["interrupted"]:
                assert 0 < len(turn["agent"]["text"]) < made


def test_tool_turns_have_two_generations_around_the_tool(calls: list[list[Event]]) -> None:
    """A tool step asks a language model, runs the tool and asks again, one after the other."""
    tool_turns = [
        turn
        for call in calls
        for turn in turns_of(call)
        if {"llm", "tool"} <= {operation["stage"] for operation in turn.get("operations", ())}
    ]
    assert len(tool_turns) > 300
    for turn in tool_turns:
        whole = [one for one in turn["operations"] if one["stage"] == "llm" and "status" not in one]
        tool = next(one for one in turn["operations"] if one["stage"] == "tool")
        assert whole[0]["start_ms"] < tool["start_ms"]
        assert tool["start_ms"] + tool["duration_ms"] <= whole[-1]["start_ms"]
