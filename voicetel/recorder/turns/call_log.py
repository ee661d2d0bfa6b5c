"""A speaker's record of a finished call, as ``TelemetryService.get_call_logs`` gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class CallLog:
    """One record: who said what, with the latencies (ms, None where unknown) and usage that were recorded with it."""

    call_id: str
    turn_index: int
    role: str
    content: str
    state_id: str | None
    ttfb_stt: float | None
    latency_llm: float | None
    ttfb_tts: float | None
    eou_latency: float | None
    llm_input_tokens: int
    llm_output_tokens: int
    tts_characters: int
    created_at: datetime
