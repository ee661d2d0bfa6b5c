"""The caller's side of a turn: transcript, times, the end-of-turn decision, and how long the transcript took."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from voicetel.events.operation import Operation
from voicetel.recorder.livekit.metrics import merged
from voicetel.recorder.livekit.turns.caller_voice import CallerVoice

if TYPE_CHECKING:
    from livekit.agents import ChatMessage

    from voicetel.recorder.livekit.clock import SteadyClock
    from voicetel.recorder.livekit.turns.caller_voice import CallerSpeech
    from voicetel.recorder.livekit.turns.open_turn import OpenTurn

_TOLERANCE_S: Final = 0.001
"""Times that are closer are one time. A transcript this close to the "end of speech": LiveKit took its arrival for that end."""


@dataclass(frozen=True, slots=True)
class Endpointing:
    """Who decides that the caller's turn has ended, and the delay that is configured for it.

    ``turn_detector_operation`` stands for a model that predicts it, as an operation that used nothing, or is None.
    ``speech_end_is_detected``: a voice detector says when speech ended; without one, or where the transcriber ends the
    turn, LiveKit may know no more than when the transcript arrived.
    """

    turn_detector_operation: Operation | None = None
    min_delay_s: float | None = None
    max_delay_s: float | None = None
    speech_end_is_detected: bool = True

    def applied_delay_s(self, endpointing_delay_s: float, transcription_delay_s: float) -> float | None:
        """Give the delay that an end-of-turn decision waited for, where it is sure which of the two it was."""
        if self.min_delay_s is None or endpointing_delay_s < self.min_delay_s - _TOLERANCE_S:
            return None
        if self.turn_detector_operation is None or self.max_delay_s is None or endpointing_delay_s < self.max_delay_s:
            return self.min_delay_s
        return self.max_delay_s if transcription_delay_s < self.max_delay_s else None


class CallerSide:
    """Fills in what a turn says of the caller.

    ``transcriber_operation`` stands for the transcriber in use, as an operation that used nothing, as far as it is known.
    ``said_anything``: the caller has spoken or typed.
    """

    def __init__(self, clock: SteadyClock) -> None:
        self._clock = clock
        self._stt_operations: list[Operation] = []
        self._endpointing_requests: list[Operation] = []
        self.voice = CallerVoice()
        self.endpointing = Endpointing()
        self.transcriber_operation: Operation | None = None
        self.said_anything = False

    def collect_stt_operation(self, operation: Operation) -> None:
        """A transcriber reported what it was sent; it goes with the caller's next transcript."""
        self._stt_operations.append(operation)

    def collect_endpointing_requests(self, operation: Operation) -> None:
        """The model that decides whether the caller is done was asked."""
        self._endpointing_requests.append(operation)

    def to_steady_time_or_none(self, wall_s: float | None) -> float | None:
        """Bring a timestamp of LiveKit's, where there is one, onto the call's clock."""
        return self._clock.to_steady_time_or_none(wall_s)

    def pop_unassigned_operations(self) -> list[Operation]:
        """Give the operations of transcripts that never became a turn, and forget them."""
        unassigned = merged(self._stt_operations) + merged(self._endpointing_requests)
        self._stt_operations, self._endpointing_requests = [], []
        return unassigned

    def add_typed_message(self, turn: OpenTurn, message: ChatMessage) -> None:
        """The caller typed this; whatever the line says meanwhile, it was no speech."""
        self.said_anything = True
        self.voice.discard_all()
        turn.builder.user_text = message.text_content or ""

    def add_spoken_message(self, turn: OpenTurn, message: ChatMessage) -> None:
        """The caller said this, and their turn has ended: put the message and its times into the turn."""
        metrics, builder, clock = message.metrics, turn.builder, self._clock
        wall_start_s, wall_end_s = metrics.get("started_speaking_at"), metrics.get("stopped_speaking_at")
        speech = self._pop_speech(
            turn, clock.to_steady_time_or_none(wall_start_s), clock.to_steady_time_or_none(wall_end_s)
        )
        builder.user_text = message.text_content or ""
        builder.user_confidence = message.transcript_confidence or None
        builder.user_start_s, builder.user_end_s = speech.start_s, speech.end_s
        transcription_delay_s = metrics.get("transcription_delay", 0.0)
        if not (self.endpointing.speech_end_is_detected and speech.had_sound) and transcription_delay_s < _TOLERANCE_S:
            builder.user_end_s, builder.latency_from_turn_end_decision = None, True
        if builder.user_end_s is None:
            return
        hook_duration_s = metrics.get("on_user_turn_completed_delay", 0.0)
        endpointing_delay_s = metrics.get("end_of_turn_delay", 0.0)
        if clock.was_set_since(speech.start_s or builder.user_end_s):
            endpointing_delay_s = clock.now() - hook_duration_s - builder.user_end_s
            transcription_delay_s = (speech.final_transcript_at_s or builder.user_end_s) - builder.user_end_s
        turn.transcription_delay_s = transcription_delay_s if transcription_delay_s >= _TOLERANCE_S else None
        self._add_endpointing_decision(turn, endpointing_delay_s, hook_duration_s)

    def add_realtime_speech(self, turn: OpenTurn, *, endpointed_by_session: bool) -> None:
        """The caller spoke to a speech-to-speech model, which answers now; the transcript may come later.

        ``endpointed_by_session``: the session decided that the caller was done, not the model itself, whose word on when
        speech ended comes as late as its decision unless a voice detector of the session's listens too.
        """
        speech = self._pop_speech(turn, None, None)
        turn.builder.user_text = speech.text
        turn.builder.user_start_s, turn.builder.user_end_s = speech.start_s, speech.end_s
        if endpointed_by_session and speech.end_s is not None:
            self._add_endpointing_decision(turn, turn.builder.opened_s - speech.end_s, 0.0)
        turn.builder.latency_from_turn_end_decision = (
            not endpointed_by_session and not self.endpointing.speech_end_is_detected
        )

    def add_stt_operations(self, turn: OpenTurn) -> None:
        """A stream runs from the end of speech to its final transcript; what it was sent until then goes with it."""
        if not turn.stt_operations and not self.voice.has_sound:
            # A stream that reports late: the caller was silent since, so this is still what this transcript took.
            turn.stt_operations, self._stt_operations = self._stt_operations, []
        operations = merged(turn.stt_operations)
        streams = [operation for operation in operations if operation.start_s is None]
        if turn.transcription_delay_s is not None and (streams or not operations):
            stream = streams[-1] if streams else self.transcriber_operation or Operation("stt")
            operations = [operation for operation in operations if operation is not stream]
            operations.append(replace(stream, start_s=turn.builder.user_end_s, ttfb_s=turn.transcription_delay_s))
        turn.builder.operations += operations

    def _pop_speech(self, turn: OpenTurn, start_s: float | None, end_s: float | None) -> CallerSpeech:
        self.said_anything = True
        turn.stt_operations, self._stt_operations = self._stt_operations, []
        return self.voice.end_turn(start_s, end_s)

    def _add_endpointing_decision(self, turn: OpenTurn, endpointing_delay_s: float, hook_duration_s: float) -> None:
        """Add the end-of-turn decision, and the time that the agent's ``on_user_turn_completed`` took after it."""
        user_end_s, requests = turn.builder.user_end_s or 0.0, merged(self._endpointing_requests)
        self._endpointing_requests = []
        if endpointing_delay_s > 0:
            endpointing = self.endpointing
            operation = requests.pop() if requests else endpointing.turn_detector_operation or Operation("eot")
            setting_s = endpointing.applied_delay_s(endpointing_delay_s, turn.transcription_delay_s or 0.0)
            requests.append(replace(operation, start_s=user_end_s, duration_s=endpointing_delay_s, setting_s=setting_s))
            if hook_duration_s >= _TOLERANCE_S:
                hook = Operation(
                    "hook",
                    name="on_user_turn_completed",
                    start_s=user_end_s + endpointing_delay_s,
                    duration_s=hook_duration_s,
                )
                requests.append(hook)
        turn.builder.operations += requests
