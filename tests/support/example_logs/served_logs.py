"""Logs that services are asked about: two releases, one slow call among them, a hostile one, and a line that is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from support.example_logs.gate_logs import calls

if TYPE_CHECKING:
    from pathlib import Path

    from support.logs import Event

SLOW_CALL = "c-slow"
HOSTILE_CALL = "__proto__</script><img src=x onerror=alert(1)>\u202e"
PHONE = "+44 20 7946 0958"

SLO = """
[[limit]]
metric = "eou_latency_ms"
expect = "p95 < 1500"
"""


def served_logs(folder: Path) -> str:
    """80 calls of two releases, a slow one and a hostile one, as an argument of the command."""
    folder.mkdir(parents=True, exist_ok=True)
    events = [
        *calls(40, 800, agent_version="1.8.1"),
        *calls(40, 1200, first=40, agent_version="1.8.2"),
        *_call(SLOW_CALL, "2026-11-03T12:00", 5200, tool_ms=3900),
        *_call(HOSTILE_CALL, "2026-11-04T12:00", 900),
    ]
    text = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
    (folder / "calls.jsonl").write_text(text + '{"v":1,"event":"turn"}\n', encoding="utf-8")
    return str(folder)


def _call(call_id: str, minute: str, latency_ms: float, *, tool_ms: float | None = None) -> list[Event]:
    """A call of one turn in which the caller reads out a number."""
    head: dict[str, Any] = {"v": 1, "call_id": call_id}
    operations: list[Event] = [
        {"stage": "stt", "provider": "deepgram", "model": "nova-3", "start_ms": 1000, "ttfb_ms": 150, "audio_s": 1.5},
        {"stage": "llm", "provider": "groq", "start_ms": 1150, "ttfb_ms": 200, "duration_ms": 400, "input_tokens": 500},
        {"stage": "tts", "provider": "cartesia", "start_ms": 1600, "ttfb_ms": 140, "characters": 40},
    ]
    if tool_ms is not None:
        operations.append({"stage": "tool", "name": "find_slot", "start_ms": 1560, "duration_ms": tool_ms})
    return [
        {**head, "event": "call_started", "ts": f"{minute}:00Z", "agent_name": "clinic", "agent_version": "1.8.2"},
        {
            **head,
            "event": "turn",
            "ts": f"{minute}:01Z",
            "turn": 1,
            "user": {"text": f"My number is {PHONE}.", "start_ms": 0, "end_ms": 1000},
            "agent": {"text": "<b>Thank you</b>", "start_ms": 1000 + latency_ms, "end_ms": 3000 + latency_ms},
            "operations": operations,
            "eou_latency_ms": latency_ms,
        },
        {**head, "event": "call_ended", "ts": f"{minute}:30Z", "duration_s": 30, "outcome": "success"},
    ]
