"""For the tests of people who build agents: see what their agent would have written, without a file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from voicetel.recorder import writer

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def capture_events() -> Iterator[list[dict[str, object]]]:
    """Collect the events that any writer emits inside the block, as they would stand in the log.

    Each event is in the list as soon as it was emitted, checked and ordered like a written one. Nothing is written to
    disk meanwhile, no folder is made and no thread started::

        from voicetel.recorder import TelemetryService, TurnMetrics
        from voicetel.testing import capture_events


        async def test_greets_first():
            with capture_events() as events:
                telemetry = TelemetryService("logs")
                await telemetry.record_turn("c-1", TurnMetrics(1, "assistant", "Good morning!"))
                await telemetry.finalize_call("c-1", "success", 1.0)
            assert [event["event"] for event in events] == ["call_started", "turn", "call_ended"]
            assert events[1]["agent"]["text"] == "Good morning!"

    An event that could not be written in earnest raises ``UnwritableEventError`` where it is emitted. Blocks may be
    nested; the innermost one collects.
    """
    events: list[dict[str, object]] = []
    writer.captures.append(events)
    try:
        yield events
    finally:
        writer.captures.remove(events)
