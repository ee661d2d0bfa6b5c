"""Logs of made-up calls for the gate: each call with the latencies that a test wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.logs import Event, write_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


def call(
    number: int, latencies_ms: Sequence[float], *, ended: bool = True, outcome: str = "success", **started: Any
) -> list[Event]:
    """One call: a turn per response latency, an LLM operation of ten tokens in each."""
    at = f"2026-11-{2 + number % 5:02d}T{8 + number // 60 % 12:02d}:{number % 60:02d}"
    head: dict[str, Any] = {"v": 1, "call_id": f"c-{started.get('agent_version', '')}-{number:05d}"}
    events: list[Event] = [{**head, "event": "call_started", "ts": f"{at}:00Z", "agent_name": "clinic", **started}]
    for turn, latency_ms in enumerate(latencies_ms, start=1):
        llm = {"stage": "llm", "provider": "groq", "ttfb_ms": latency_ms / 2, "input_tokens": 10, "output_tokens": 10}
        events.append(
            {
                **head,
                "event": "turn",
                "ts": f"{at}:{turn:02d}Z",
                "turn": turn,
                "user": {"start_ms": 0, "end_ms": 500},
                "agent": {"start_ms": 500 + latency_ms, "end_ms": 3000 + latency_ms, "interrupted": turn % 7 == 0},
                "operations": [llm],
                "eou_latency_ms": latency_ms,
            }
        )
    if ended:
        events.append({**head, "event": "call_ended", "ts": f"{at}:59Z", "duration_s": 59, "outcome": outcome})
    return events


def calls(count: int, typical_ms: float = 800, *, first: int = 0, **started: Any) -> list[Event]:
    """``count`` calls of five turns, whose latencies scatter by a fixed pattern around a typical one."""
    events: list[Event] = []
    for number in range(first, first + count):
        scatter = [((number * 7 + turn * 13) % 41 - 20) * 0.02 for turn in range(5)]
        events += call(number, [round(typical_ms * (1 + part)) for part in scatter], **started)
    return events


def log_of(path: Path, events: Iterable[Event]) -> str:
    """A folder with one log in it, as an argument of the command."""
    write_log(path / "calls.jsonl", events)
    return str(path)


def limit(metric: str, expect: str, **more: object) -> str:
    """A [[limit]] of slo.toml."""
    lines = ["[[limit]]", f'metric = "{metric}"', f'expect = "{expect}"']
    for key, value in more.items():
        text = f'"{value}"' if isinstance(value, str) and not value.startswith("{") else value
        lines.append(f"{key} = {text}")
    return "\n".join(lines) + "\n"
