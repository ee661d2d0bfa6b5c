"""From events to the lines of a log: a queue per writer, one thread per process, one file per writer and day."""

from __future__ import annotations

from voicetel.recorder.writer.event_writer import FLUSH_TIMEOUT_S, EventWriter, captures

__all__ = ["FLUSH_TIMEOUT_S", "EventWriter", "captures"]
