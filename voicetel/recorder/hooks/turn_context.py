"""The turn that is going on, as ``MetricCollector.current_turn`` shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class TurnContext:
    """What is measured so far of the turn that is going on.

    Times of a start are seconds of the collector's clock. ``stt_first_byte``, ``llm_complete`` and ``tts_first_byte``
    are ms since the start of their stage's first operation, ``audio_playback_start`` is the ``eou_latency_ms`` of the
    turn; None is unknown. Counts are sums over the turn.
    """

    turn_number: int
    role: str
    content: str
    state_id: str | None = None
    turn_start: float | None = None
    stt_start: float | None = None
    stt_first_byte: float | None = None
    llm_start: float | None = None
    llm_complete: float | None = None
    tts_start: float | None = None
    tts_first_byte: float | None = None
    audio_playback_start: float | None = None
    llm_input_tokens: int = 0
    llm_output_tokens: int = 0
    tts_characters: int = 0
