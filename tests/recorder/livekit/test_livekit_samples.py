"""The recorded sessions that come with the repository."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from voicetel.events.line import encode

FOLDER = Path(__file__).parents[3] / "sample_logs" / "livekit"


def samples() -> dict[str, list[dict[str, Any]]]:
    """The samples' events, by call."""
    return {path.stem: [json.loads(line) for line in path.read_text().splitlines()] for path in FOLDER.glob("*.jsonl")}


def test_samples_are_what_the_writer_writes() -> None:
    """Every line of the samples is, byte for byte, what the writer makes of its event."""
    now = datetime(2026, 11, 2, tzinfo=UTC)
    for path in FOLDER.glob("*.jsonl"):
        for line in path.read_bytes().splitlines(keepends=True):
            event = json.loads(line)
            assert encode(event, writer=event["writer"], seq=event["seq"], now=now) == line


def test_samples_show_what_a_session_can_do() -> None:
    """Enough calls, in both languages, with every way a turn can go that a report tells apart."""
    calls = samples()
    events = [event for call in calls.values() for event in call]
    turns = [event for event in events if event["event"] == "turn"]
    operations = [operation for turn in turns for operation in turn.get("operations", [])]
    assert len(calls) >= 8
    assert {call[0]["language"] for call in calls.values()} == {"en", "ru"}
    assert {call[0]["direction"] for call in calls.values()} == {"inbound", "outbound"}
    assert {"false_interruption", "transfer", "no_input"} <= {e["kind"] for e in events if e["event"] == "mark"}
    cut = [turn["agent"] for turn in turns if turn.get("agent", {}).get("interrupted")]
    assert {agent.get("interrupted_by", "caller") for agent in cut} == {"caller", "hangup"}
    assert {operation.get("status", "ok") for operation in operations} == {"ok", "cancelled"}
    assert {"stt", "eot", "llm", "tts", "tool"} == {operation["stage"] for operation in operations}
    assert [name for name, call in calls.items() if call[-1]["event"] != "call_ended"] == ["lk-clinic-crashed"]
