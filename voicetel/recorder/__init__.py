"""What a voice agent imports to write its log. Standard library only.

``TelemetryService`` records turns and calls, ``MetricCollector`` measures them from an agent's own hooks,
``QualityMetricsCollector`` follows interruptions and outcomes, ``SentimentAnalyzer`` (extra ``sentiment``) scores
transcripts, ``CostCalculator`` prices a call, ``EventWriter`` takes events as they are. ``recorder.livekit`` and
``recorder.pipecat`` attach to these frameworks by one line. ``voicetel.testing.capture_events`` shows what was recorded
without a file.
"""

from __future__ import annotations

from voicetel.outcomes import CallOutcome
from voicetel.recorder.cost_calculator import CostBreakdown, CostCalculator, PricingConfig
from voicetel.recorder.metric_collector import MetricCollector, TurnContext
from voicetel.recorder.quality_metrics import (
    InterruptionTracker,
    OutcomeClassifier,
    OutcomeResult,
    QualityMetricsCollector,
)
from voicetel.recorder.sentiment_analyzer import SentimentAnalyzer
from voicetel.recorder.telemetry_service import TelemetryService
from voicetel.recorder.turns.call_metrics import CallMetrics
from voicetel.recorder.turns.turn_metrics import TurnMetrics
from voicetel.recorder.writer import EventWriter

__all__ = [
    "CallMetrics",
    "CallOutcome",
    "CostBreakdown",
    "CostCalculator",
    "EventWriter",
    "InterruptionTracker",
    "MetricCollector",
    "OutcomeClassifier",
    "OutcomeResult",
    "PricingConfig",
    "QualityMetricsCollector",
    "SentimentAnalyzer",
    "TelemetryService",
    "TurnContext",
    "TurnMetrics",
]
