"""The caller's side until the end of their turn is detected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicetel.events.operation import Operation


@dataclass(slots=True)
class CallerTurn:
    """The caller's speech since their last turn: first and last sound, and what transcribers reported of it.

    ``turn_start_s`` is when the framework took it for the beginning of a turn; None before that. ``confidences`` are those of its
    final transcripts, ``stop_silence_s`` the silence after which the voice detector was set to take speech for over.
    """

    start_s: float | None = None
    end_s: float | None = None
    turn_start_s: float | None = None
    text: str | None = None
    stt_operations: list[Operation] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    stop_silence_s: float | None = None

    @property
    def has_stopped(self) -> bool:
        """Whether the caller spoke and is silent now."""
        return self.end_s is not None

    def voice_started(self, at_s: float) -> None:
        """Take in the first sound of speech. What never became a turn before was noise."""
        if self.turn_start_s is None and self.has_stopped and self.text is None:
            self.start_s = None
        self.start_s = at_s if self.start_s is None else self.start_s
        self.end_s = None

    def voice_stopped(self, at_s: float, stop_silence_s: float | None = None) -> None:
        """Take in the last sound of speech, and the silence that the voice detector waited for."""
        self.stop_silence_s = stop_silence_s or None
        self.end_s = at_s if self.start_s is None else max(at_s, self.start_s)
