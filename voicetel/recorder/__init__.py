"""What a voice agent imports to write its log. Standard library only."""

from __future__ import annotations

from voicetel.recorder.writer import EventWriter

__all__ = ["EventWriter"]
