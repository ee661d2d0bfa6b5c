"""Which turn a thing belongs to, and when a turn is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicetel.events.operation import Operation
from voicetel.recorder.pipecat.caller import CallerTurn
from voicetel.recorder.pipecat.open_turn import OpenTurn

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.events.turn_builder import InterruptedBy

SAME_REPLY_S: Final = 3.0
"""Speech of the agent that comes later than this after it fell silent is not the same reply."""

_PLAYED_OUT_S: Final = 0.05
"""An interruption this close to the end of the audio that was made cuts nothing."""


class TurnTracker:
    """Holds the turns that may still change, and emits them in their order.

    A turn opens when the end of the caller's turn is detected, or when the agent speaks unasked. It is complete when the next
    one opens; a reply that still plays then, or was cut and has not reported its usage, is complete one turn later.
    Times are seconds since the epoch.
    """

    def __init__(self, emit: Callable[[OpenTurn], None]) -> None:
        self._emit = emit
        self._turns: list[OpenTurn] = []
        self._early: OpenTurn | None = None
        """What is asked for before the end of the caller's turn is detected."""
        self._playing: OpenTurn | None = None
        self._playing_since_s = 0.0
        self.caller = CallerTurn()

    @property
    def turns(self) -> list[OpenTurn]:
        """The turns that may still change, the latest first."""
        early = [self._early] if self._early is not None else []
        return [*early, *reversed(self._turns)]

    def caller_turn_started(self, at_s: float) -> None:
        """The framework takes what the caller says for a turn."""
        if self.caller.turn_start_s is None:
            self.caller.turn_start_s = at_s

    def caller_turn_ended(self, at_s: float) -> None:
        """The caller's turn is over: what services do from now on is the answer to it."""
        caller, self.caller = self.caller, CallerTurn()
        turn = self._open(at_s)
        turn.user_start_s, turn.user_end_s, turn.user_text = caller.start_s, caller.end_s, caller.text
        turn.turn_start_s, turn.endpointed_s = caller.turn_start_s, at_s
        turn.operations += caller.stt_operations
        turn.confidences += caller.confidences
        if caller.end_s is not None:
            waited_s = max(at_s - caller.end_s, 0.0)
            setting_s = None if caller.stop_silence_s is None else min(caller.stop_silence_s, waited_s)
            turn.operations.append(Operation("eot", start_s=caller.end_s, duration_s=waited_s, setting_s=setting_s))

    def caller_text(self, text: str, turn_start_s: float | None) -> None:
        """Take in a text of the caller's, as the agent's context has it; ``turn_start_s`` is when that turn began."""
        waiting_turn_start_s, ended = self.caller.turn_start_s, self._last_ended()
        if ended is None or (
            waiting_turn_start_s is not None and _is_near(waiting_turn_start_s, turn_start_s, ended.turn_start_s)
        ):
            self.caller.text = _joined(self.caller.text, text)
            return
        if turn_start_s is not None:
            known = [turn for turn in self._turns if turn.turn_start_s is not None]
            ended = min(known, key=lambda turn: abs((turn.turn_start_s or 0.0) - turn_start_s), default=ended)
        ended.user_text = _joined(ended.user_text, text)

    def transcript_confidence(self, confidence: float | None) -> None:
        """Take in how sure the transcriber was of a final transcript; None says nothing."""
        caller, ended = self.caller, self._last_ended()
        if confidence is None:
            return
        if caller.start_s is not None or caller.turn_start_s is not None:
            caller.confidences.append(confidence)
        elif ended is not None:
            ended.confidences.append(confidence)

    def add_transcription(self, operation: Operation) -> bool:
        """Take in a transcriber's report of the caller's last speech; whether there is a turn that it belongs to."""
        caller = self.caller
        if caller.start_s is not None or caller.turn_start_s is not None:
            caller.stt_operations.append(operation)
            return True
        ended = self._last_ended()
        if ended is None:
            return False
        ended.operations.append(operation)
        return True

    def reply_turn(self, at_s: float) -> OpenTurn:
        """Give the turn that is being answered; the agent doing something unasked opens one."""
        if self._early is not None or (self.caller.turn_start_s is not None and self.caller.has_stopped):
            self._early = self._early or OpenTurn(at_s)
            return self._early
        last = self._turns[-1] if self._turns else None
        if last is None or (self._is_quiet(last) and at_s - last.spans[-1][1] > SAME_REPLY_S):
            return self._open(at_s)
        return last

    def playback_started(self, at_s: float) -> None:
        """Audio of the agent leaves the process."""
        last = self._turns[-1] if self._turns else None
        turn = self.reply_turn(at_s) if last is None or self._is_quiet(last) else last
        self._playing, self._playing_since_s = turn, at_s
        if turn.spans or turn.eou_latency_s is not None:
            return
        if turn.user_end_s is not None:
            turn.eou_latency_s = at_s - turn.user_end_s
        elif turn.endpointed_s is not None:
            turn.eou_latency_s, turn.latency_from_turn_end_decision = at_s - turn.endpointed_s, True

    def playback_stopped(self, at_s: float) -> None:
        """The agent is silent. A transport notices some time after the last audio, which what was made tells."""
        turn, self._playing = self._playing, None
        if turn is None:
            return
        left_s = turn.made_audio_s - turn.played_audio_s
        ended_by_itself = left_s > 0 and not turn.interrupted
        turn.add_played_span(
            self._playing_since_s, min(at_s, self._playing_since_s + left_s) if ended_by_itself else at_s
        )

    def interrupted(self, at_s: float) -> None:
        """The pipeline drops what it does. That cuts somebody off only while its audio is played."""
        for each in self.turns:
            each.cancel_requests(at_s)
        turn = self._playing
        if turn is None:
            return
        played_s = turn.played_audio_s + at_s - self._playing_since_s
        if turn.made_audio_s and played_s >= turn.made_audio_s - _PLAYED_OUT_S and not turn.is_busy:
            self.playback_stopped(at_s)
            return
        turn.interrupted = True
        turn.interrupted_by = "caller" if self.caller.turn_start_s is not None else "agent"

    def agent_text(self, text: str, stamped_s: float | None, at_s: float) -> None:
        """Take in a text of the agent's, as its context has it; ``stamped_s`` is when it began to answer."""
        answer_start_s = at_s if stamped_s is None else stamped_s
        turns = [turn for turn in self._turns if (turn.endpointed_s or turn.opened_s) <= answer_start_s + _PLAYED_OUT_S]
        turn = turns[-1] if turns else self.reply_turn(at_s)
        turn.agent_text = _joined(turn.agent_text, text)

    def close(self, at_s: float, interrupted_by: InterruptedBy) -> None:
        """The call is over: emit every turn."""
        turn = self._playing
        if turn is not None:
            turn.interrupted, turn.interrupted_by = True, interrupted_by
            self.playback_stopped(at_s)
        if self.caller.text is not None or self.caller.stt_operations or self._early is not None:
            self.caller_turn_ended(at_s)
        self._complete(len(self._turns))

    def _last_ended(self) -> OpenTurn | None:
        return next((turn for turn in reversed(self._turns) if turn.endpointed_s is not None), None)

    def _is_quiet(self, turn: OpenTurn) -> bool:
        return bool(turn.spans) and self._playing is None and not turn.is_busy

    def _open(self, at_s: float) -> OpenTurn:
        # What came before is complete, but for a reply that still plays or whose request has yet to say what it used.
        keeps_last = bool(self._turns) and (self._playing is not None or self._turns[-1].awaits_usage)
        self._complete(len(self._turns) - keeps_last)
        turn, self._early = self._early or OpenTurn(at_s), None
        self._turns.append(turn)
        return turn

    def _complete(self, count: int) -> None:
        for turn in self._turns[: max(count, 0)]:
            turn.finish()
            self._emit(turn)
        del self._turns[: max(count, 0)]


def _is_near(waiting_turn_start_s: float, turn_start_s: float | None, ended_turn_start_s: float | None) -> bool:
    """Whether a turn that began at ``turn_start_s`` is the one that waits rather than the one that ended last."""
    if turn_start_s is None or ended_turn_start_s is None:
        return True
    return abs(waiting_turn_start_s - turn_start_s) <= abs(ended_turn_start_s - turn_start_s)


def _joined(before: str | None, text: str) -> str:
    return f"{before} {text}".strip() if before else text
