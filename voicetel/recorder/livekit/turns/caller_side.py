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

    ``detector`` is a model that predicts it, or None. ``end_is_detected``: a voice detector says when speech ended; without
    one, or where the transcriber ends the turn, LiveKit may know no more than when the transcript arrived.
    """

    detector: Operation | None = None
    min_delay_s: float | None = None
    max_delay_s: float | None = None
    end_is_detected: bool = True

    def setting_s(self, endpointing_s: float, transcribed_s: float) -> float | None:
        """Give the delay that an end-of-turn decision waited for, where it is sure which of the two it was."""
        if self.min_delay_s is None or endpointing_s < self.min_delay_s - _TOLERANCE_S:
            return None
        if self.detector is None or self.max_delay_s is None or endpointing_s < self.max_delay_s:
            return self.min_delay_s
        return self.max_delay_s if transcribed_s < self.max_delay_s else None


class CallerSide:
    """Fills in what a turn says of the caller. ``transcriber`` is the one in use, as far as it is known."""

    def __init__(self, clock: SteadyClock) -> None:
        self._clock = clock
        self._stt_operations: list[Operation] = []
        self._endpointing_requests: list[Operation] = []
        self.voice = CallerVoice()
        self.endpointing = Endpointing()
        self.transcriber: Operation | None = None
        self.spoke = False

    def add_stt_operation(self, operation: Operation) -> None:
        """A transcriber reported what it was sent; it goes with the caller's next transcript."""
        self._stt_operations.append(operation)

    def add_endpointing_operation(self, operation: Operation) -> None:
        """The model that decides whether the caller is done was asked."""
        self._endpointing_requests.append(operation)

    def at_or_none(self, wall_s: float | None) -> float | None:
        """Bring a timestamp of LiveKit's, where there is one, onto the call's clock."""
        return self._clock.at_or_none(wall_s)

    def pop_unassigned(self) -> list[Operation]:
        """Give the operations of transcripts that never became a turn, and forget them."""
        left = merged(self._stt_operations) + merged(self._endpointing_requests)
        self._stt_operations, self._endpointing_requests = [], []
        return left

    def add_typed_message(self, turn: OpenTurn, message: ChatMessage) -> None:
        """The caller typed this; whatever the line says meanwhile, it was no speech."""
        self.spoke = True
        self.voice.discard()
        turn.builder.user_text = message.text_content or ""

    def add_spoken_message(self, turn: OpenTurn, message: ChatMessage) -> None:
        """The caller said this, and their turn has ended: put the message and its times into the turn."""
        metrics, builder, clock = message.metrics, turn.builder, self._clock
        started_s, stopped_s = metrics.get("started_speaking_at"), metrics.get("stopped_speaking_at")
        speech = self._pop_speech(turn, clock.at_or_none(started_s), clock.at_or_none(stopped_s))
        builder.user_text = message.text_content or ""
        builder.user_confidence = message.transcript_confidence or None
        builder.user_start_s, builder.user_end_s = speech.start_s, speech.end_s
        transcribed_s = metrics.get("transcription_delay", 0.0)
        if not (self.endpointing.end_is_detected and speech.detected) and transcribed_s < _TOLERANCE_S:
            builder.user_end_s, builder.latency_from_detected_end = None, True
        if builder.user_end_s is None:
            return
        callback_s = metrics.get("on_user_turn_completed_delay", 0.0)
        endpointing_s = metrics.get("end_of_turn_delay", 0.0)
        if clock.was_set_since(speech.start_s or builder.user_end_s):
            endpointing_s = clock.now() - callback_s - builder.user_end_s
            transcribed_s = (speech.transcribed_s or builder.user_end_s) - builder.user_end_s
        turn.transcription_delay_s = transcribed_s if transcribed_s >= _TOLERANCE_S else None
        self._add_endpointing(turn, endpointing_s, callback_s)

    def add_realtime_speech(self, turn: OpenTurn, *, endpointed_by_session: bool) -> None:
        """The caller spoke to a speech-to-speech model, which answers now; the transcript may come later.

        ``endpointed_by_session``: the session decided that the caller was done, not the model itself, whose word on when
        speech ended comes as late as its decision unless a voice detector of the session's listens too.
        """
        speech = self._pop_speech(turn, None, None)
        turn.builder.user_text = speech.text
        turn.builder.user_start_s, turn.builder.user_end_s = speech.start_s, speech.end_s
        if endpointed_by_session and speech.end_s is not None:
            self._add_endpointing(turn, turn.builder.opened_s - speech.end_s, 0.0)
        turn.builder.latency_from_detected_end = not endpointed_by_session and not self.endpointing.end_is_detected

    def add_transcription(self, turn: OpenTurn) -> None:
        """A stream runs from the end of speech to its final transcript; what it was sent until then goes with it."""
        if not turn.stt_operations and self.voice.heard_nothing:
            # A stream that reports late: the caller was silent since, so this is still what this transcript took.
            turn.stt_operations, self._stt_operations = self._stt_operations, []
        used = merged(turn.stt_operations)
        streams = [operation for operation in used if operation.start_s is None]
        if turn.transcription_delay_s is not None and (streams or not used):
            stream = streams[-1] if streams else self.transcriber or Operation("stt")
            used = [operation for operation in used if operation is not stream]
            used.append(replace(stream, start_s=turn.builder.user_end_s, ttfb_s=turn.transcription_delay_s))
        turn.builder.operations += used

    def _pop_speech(self, turn: OpenTurn, start_s: float | None, end_s: float | None) -> CallerSpeech:
        self.spoke = True
        turn.stt_operations, self._stt_operations = self._stt_operations, []
        return self.voice.end_turn(start_s, end_s)

    def _add_endpointing(self, turn: OpenTurn, endpointing_s: float, callback_s: float) -> None:
        """Add the end-of-turn decision, and the time that the agent's ``on_user_turn_completed`` took after it."""
        end_s, requests = turn.builder.user_end_s or 0.0, merged(self._endpointing_requests)
        self._endpointing_requests = []
        if endpointing_s > 0:
            endpointing = self.endpointing
            operation = requests.pop() if requests else endpointing.detector or Operation("eot")
            setting_s = endpointing.setting_s(endpointing_s, turn.transcription_delay_s or 0.0)
            requests.append(replace(operation, start_s=end_s, duration_s=endpointing_s, setting_s=setting_s))
            if callback_s >= _TOLERANCE_S:
                callback = Operation(
                    "hook", name="on_user_turn_completed", start_s=end_s + endpointing_s, duration_s=callback_s
                )
                requests.append(callback)
        turn.builder.operations += requests
