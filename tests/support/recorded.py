"""What the tests of the recorder share: a clock that is set by hand, and the lines of a log folder."""

from __future__ import annotations

import json
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from voicetel.recorder import TelemetryService

NOON_S = 1_793_620_800.0
"""2026-11-02T12:00:00Z in seconds since the epoch."""

PROVIDERS = {"stt": ("deepgram", "nova-3"), "llm": ("groq", "llama-3.1-8b-instant"), "tts": "cartesia"}


class LogOfCall(ABC):
    """The events of one call, by name."""

    @property
    @abstractmethod
    def events(self) -> list[dict[str, Any]]:
        """Every event of the call, in the order they were written."""

    def of(self, event: str) -> list[dict[str, Any]]:
        """The events of one name."""
        return named(self.events, event)

    @property
    def turns(self) -> list[dict[str, Any]]:
        """The turns of the log."""
        return self.of("turn")

    @property
    def numbered_turns(self) -> list[dict[str, Any]]:
        """The same in the order of their numbers: one whose metrics come late is written after the next."""
        return sorted(self.turns, key=lambda turn: turn["turn"])

    @property
    def ended(self) -> dict[str, Any]:
        """The one end of the call."""
        (ended,) = self.of("call_ended")
        return ended


class HandClock:
    """Seconds that pass when the test says so; stands for the monotonic clock and for the wall."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    def pass_ms(self, elapsed_ms: float) -> None:
        """Let time pass."""
        self.now_s += elapsed_ms / 1000

    def wall(self) -> float:
        """Noon plus what has passed."""
        return NOON_S + self.now_s - 1000.0


def service(clock: HandClock | None = None, **options: Any) -> TelemetryService:
    """A service for use inside ``capture_events``, at noon."""
    clock = clock or HandClock()
    options = {"agent_name": "clinic", "agent_version": "1.8.2", "providers": PROVIDERS} | options
    # What is dropped with a turn still open writes it after the capture: not into the folder that tests run in.
    folder = Path(tempfile.gettempdir()) / "voicetel-captured"
    return TelemetryService(folder, monotonic=clock, wall=clock.wall, **options)


def lines_of(log_dir: Path) -> list[bytes]:
    """Every line of the folder's logs without its newline; an unfinished last line is the last item."""
    return [
        line for path in sorted(log_dir.glob("*.jsonl")) for line in path.read_bytes().removesuffix(b"\n").split(b"\n")
    ]


def events_of(log_dir: Path) -> list[dict[str, Any]]:
    """Every line of the folder's logs, read back; a line that is torn raises."""
    return [json.loads(line) for line in lines_of(log_dir)]


def named(events: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The events of one name."""
    return [event for event in events if event["event"] == name]
