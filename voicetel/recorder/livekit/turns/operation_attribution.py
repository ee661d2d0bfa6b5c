"""Which turn an operation belongs to: by the speech or the response that its metrics name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.recorder.livekit.turns.model_responses import ModelResponses

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.events.operation import Operation
    from voicetel.recorder.livekit.turns.open_turn import OpenTurn, OpenTurns


class OperationAttribution:
    """Hands each operation to its turn; what belongs to none is usage of the call."""

    def __init__(self, turns: OpenTurns, emit_usage: Callable[[list[Operation]], None]) -> None:
        self._turns = turns
        self._emit_usage = emit_usage
        self.model_responses = ModelResponses(on_pair=self._expect_metrics)

    def add_for_speech(self, speech_id: str | None, operation: Operation) -> None:
        """A provider was asked in the course of this speech. Another session's speech is none of ours."""
        if speech_id is not None and not self._turns.knows_speech(speech_id):
            return
        self._add(self._turns.of_speech(speech_id), operation, speech_id)

    def add_for_response(self, operation: Operation) -> None:
        """A speech-to-speech model's response is complete, or its connection is billed."""
        if not (operation.quantities or operation.duration_s or operation.status):
            # A connection that was made.
            return
        speech_id = self.model_responses.speech_id_of(operation.request_id, operation.start_s)
        turn = self._turns.of_speech(speech_id)
        if turn is not None and operation.request_id in turn.response_metrics_arrived:
            turn.response_metrics_arrived[operation.request_id] = True
        self._add(turn, operation, speech_id)

    def add_call_usage(self, operation: Operation) -> None:
        """A model was asked that takes no part in any one turn: usage of the call."""
        self._emit_usage([operation])

    def add_failed(self, operation: Operation) -> None:
        """A request failed: the latest one, since nothing says which."""
        self._add(self._turns.latest_reply_turn(), operation, None)

    def _add(self, turn: OpenTurn | None, operation: Operation, speech_id: str | None) -> None:
        if turn is None:
            self._emit_usage([operation])
        else:
            turn.builder.operations.append(
                operation.cancelled() if speech_id in turn.discarded_speech_ids else operation
            )

    def _expect_metrics(self, response_id: str, speech_id: str) -> None:
        turn = self._turns.of_speech(speech_id)
        if turn is not None:
            turn.response_metrics_arrived.setdefault(response_id, False)
