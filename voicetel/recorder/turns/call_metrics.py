"""A finished call in figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from voicetel.events.timestamps import rfc3339

if TYPE_CHECKING:
    from voicetel.recorder.cost_calculator import CostBreakdown


@dataclass(slots=True)
class CallMetrics:
    """What ``finalize_call`` knows of a call. It may be changed: ``cost_…`` are for the caller to fill in.

    Latencies are milliseconds over the call's turns, under the names of ``TurnMetrics``; they are None where no turn
    has one, and impossible values (below 0, above the limit of ``voicetel.events.metrics``) are left out. Sums are the
    call's whole usage: what its turns carry, or what was given to ``finalize_call`` where that is more. Counts of turns
    are turns in which each side spoke. ``interruption_rate`` is interrupted agent turns ÷ turns in which the agent
    spoke, None where it never spoke, and where nothing says whether it was interrupted.
    """

    call_id: str
    agent_name: str | None = None
    agent_version: str | None = None
    campaign: str | None = None
    direction: str | None = None
    language: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_sec: float | None = None
    outcome: str | None = None
    outcome_confidence: float | None = None
    outcome_reason: str | None = None
    final_state: str | None = None
    sentiment_score: float | None = None
    turn_count: int = 0
    user_turn_count: int = 0
    bot_turn_count: int = 0
    interruption_count: int = 0
    interruption_rate: float | None = None
    ttfb_stt_avg: float | None = None
    ttfb_stt_min: float | None = None
    ttfb_stt_max: float | None = None
    ttft_llm_avg: float | None = None
    ttft_llm_min: float | None = None
    ttft_llm_max: float | None = None
    latency_llm_avg: float | None = None
    latency_llm_min: float | None = None
    latency_llm_max: float | None = None
    ttfb_tts_avg: float | None = None
    ttfb_tts_min: float | None = None
    ttfb_tts_max: float | None = None
    eou_latency_avg: float | None = None
    eou_latency_min: float | None = None
    eou_latency_max: float | None = None
    stt_duration_sec: float = 0.0
    llm_input_tokens: int = 0
    llm_output_tokens: int = 0
    tts_characters: int = 0
    livekit_duration_sec: float = 0.0
    cost_stt: Decimal | None = None
    cost_llm: Decimal | None = None
    cost_tts: Decimal | None = None
    cost_livekit: Decimal | None = None
    cost_total: Decimal | None = None

    def apply_cost(self, breakdown: CostBreakdown) -> None:
        """Fill in ``cost_…`` from a CostCalculator's breakdown."""
        self.cost_stt = breakdown.cost_stt
        self.cost_llm = breakdown.cost_llm
        self.cost_tts = breakdown.cost_tts
        self.cost_livekit = breakdown.cost_livekit
        self.cost_total = breakdown.cost_total

    def to_dict(self) -> dict[str, Any]:
        """Give every field under its name, as ``json.dumps`` takes it: times as RFC 3339 text, costs as numbers."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    return float(value) if isinstance(value, Decimal) else value
