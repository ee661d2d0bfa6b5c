"""When the agent's audio left the process: an output's reports → stretches of audio."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicetel.recorder.livekit.turns.open_turn import OpenTurn


@dataclass(slots=True)
class _Segment:
    """One stretch of speech that the output was given. ``reported_spans`` are what the output itself says it played."""

    turn: OpenTurn
    playing_since_s: float | None
    spans: list[tuple[float, float]] = field(default_factory=list)
    reported_spans: list[tuple[float, float]] = field(default_factory=list)


class Playback:
    """Follows the one segment that is being played; its audio goes to the segment's turn."""

    def __init__(self) -> None:
        self._segment: _Segment | None = None

    def begin(self, turn: OpenTurn, at_s: float) -> None:
        """A segment's first audio leaves the process."""
        turn.was_audible = True
        self._segment = _Segment(turn, at_s)

    def move(self, turn: OpenTurn, *, into: OpenTurn) -> None:
        """The turn that is being played turned out to be part of another."""
        if self._segment is not None and self._segment.turn is turn:
            self._segment.turn = into

    def pause(self, at_s: float) -> None:
        """The output fell silent in mid-segment."""
        segment = self._segment
        if segment is not None and segment.playing_since_s is not None:
            segment.spans.append((segment.playing_since_s, at_s))
            segment.playing_since_s = None

    def resume(self, at_s: float) -> None:
        """The output goes on where it fell silent."""
        if self._segment is not None and self._segment.playing_since_s is None:
            self._segment.playing_since_s = at_s

    def add_reported_span(self, start_s: float, duration_s: float) -> None:
        """The output says exactly what it played."""
        if self._segment is not None:
            self._segment.reported_spans.append((start_s, start_s + duration_s))

    def end(self, at_s: float, *, interrupted: bool) -> None:
        """The segment is over, at its end or before it."""
        segment, self._segment = self._segment, None
        if segment is None:
            return
        if segment.playing_since_s is not None:
            segment.spans.append((segment.playing_since_s, at_s))
        for start_s, end_s in segment.reported_spans or segment.spans:
            segment.turn.builder.add_played_span(start_s, end_s)
        segment.turn.playback_interrupted = interrupted
