"""What a voice agent imports to write its log. Standard library only.

``TelemetryService`` records turns and calls, ``MetricCollector`` measures them from an agent's own hooks,
``QualityMetricsCollector`` watches interruptions, ``CostCalculator`` prices a call, ``EventWriter`` takes events
as they are. ``voicetel.testing.capture_events`` shows what was recorded without a file.
"""

from __future__ import annotations

from voicetel.recorder.call_metrics import CallMetrics
from voicetel.recorder.telemetry_service import TelemetryService
from voicetel.recorder.turn_metrics import TurnMetrics
from voicetel.recorder.writer import EventWriter

__all__ = ["CallMetrics", "EventWriter", "TelemetryService", "TurnMetrics"]
