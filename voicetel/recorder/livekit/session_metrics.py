"""The metrics of a session's models, as operations of its turns."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from voicetel.recorder.livekit.listeners import safely
from voicetel.recorder.livekit.metrics import (
    interruption_detector_requests,
    llm_operation,
    realtime_operation,
    stt_operation,
    tts_operation,
    turn_detector_requests,
    with_billing_provider,
)

if TYPE_CHECKING:
    from voicetel.events.operation import Operation
    from voicetel.recorder.destination import ProviderOverrides
    from voicetel.recorder.livekit.clock import SteadyClock
    from voicetel.recorder.livekit.turns.tracker import TurnTracker


class SessionMetrics:
    """Takes in each metric once, whichever way it comes, when the session has said which speech it is of."""

    def __init__(self, tracker: TurnTracker, clock: SteadyClock, providers: ProviderOverrides) -> None:
        self._tracker = tracker
        self._clock = clock
        self._providers = providers
        self._pending: deque[tuple[Any, bool]] = deque()

    def collect(self, metrics: Any) -> None:
        """Take in a metric of a reply, or of the caller's words."""
        self._collect(metrics, outside_turns=False)

    def collect_outside_turns(self, metrics: Any) -> None:
        """Take in a metric of a model that serves the call as a whole, whatever speech it was asked in."""
        self._collect(metrics, outside_turns=True)

    def process_pending(self) -> None:
        """Pass on every metric that has come in."""
        while self._pending:
            metrics, outside_turns = self._pending.popleft()
            self._dispatch(metrics, outside_turns=outside_turns)

    def _collect(self, metrics: Any, *, outside_turns: bool) -> None:
        # A model that also looks for key terms reports the same thing by both ways, and is to be paid once.
        if any(pending is metrics for pending, _ in self._pending):
            return
        self._pending.append((metrics, outside_turns))
        # The session writes the speech's id into the metrics after this.
        asyncio.get_running_loop().call_soon(safely(self.process_pending))

    def _dispatch(self, metrics: Any, *, outside_turns: bool) -> None:
        attribution, to_steady_time = self._tracker.operation_attribution, self._clock.to_steady_time
        match metrics.type:
            case "llm_metrics" if outside_turns:
                attribution.add_call_usage(self._with_billing_provider(llm_operation(metrics, to_steady_time)))
            case "llm_metrics":
                attribution.add_for_speech(
                    metrics.speech_id, self._with_billing_provider(llm_operation(metrics, to_steady_time))
                )
            case "tts_metrics":
                attribution.add_for_speech(
                    metrics.speech_id, self._with_billing_provider(tts_operation(metrics, to_steady_time))
                )
            case "stt_metrics" if metrics.audio_duration > 0 or metrics.total_tokens > 0:
                self._tracker.caller_side.collect_stt_operation(
                    self._with_billing_provider(stt_operation(metrics, to_steady_time))
                )
            case "realtime_model_metrics":
                attribution.add_for_response(self._with_billing_provider(realtime_operation(metrics, to_steady_time)))
            case "eot_inference_metrics" if metrics.num_requests > 0:
                self._tracker.caller_side.collect_endpointing_requests(
                    self._with_billing_provider(turn_detector_requests(metrics))
                )
            case "interruption_metrics" if metrics.num_requests > 0:
                attribution.add_call_usage(self._with_billing_provider(interruption_detector_requests(metrics)))

    def _with_billing_provider(self, operation: Operation) -> Operation:
        return with_billing_provider(operation, self._providers)
