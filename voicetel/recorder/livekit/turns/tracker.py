"""Which speech belongs to which turn: LiveKit's speech handles, messages and playback → turns.

A speech handle is one reply, or one attempt at it, with all its tool steps. The caller's message arrives when the
reply to it is scheduled; attempts that were thrown away before then answered the same words and go with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicetel.events.turn_builder import TurnBuilder
from voicetel.recorder.livekit.turns.agent_side import AgentSide
from voicetel.recorder.livekit.turns.caller_side import CallerSide
from voicetel.recorder.livekit.turns.completion import Completion
from voicetel.recorder.livekit.turns.model_side import ModelSide
from voicetel.recorder.livekit.turns.open_turn import OpenTurn, OpenTurns
from voicetel.recorder.livekit.turns.operations import Operations
from voicetel.recorder.livekit.turns.playback import Playback
from voicetel.recorder.livekit.turns.tools import Tools, tool_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.agents import ChatMessage
    from livekit.agents.voice import SpeechHandle

    from voicetel.events.operation import Operation
    from voicetel.events.turn_builder import InterruptedBy
    from voicetel.recorder.livekit.clock import SteadyClock

_TYPED_OVER_S: Final = 0.25
"""Typed words stop the agent in the same breath: a speech that ended this short a time before was stopped by them."""


class TurnTracker:
    """Follows a session from speech to speech and hands over each turn once it is complete.

    ``emit_turn`` gets the finished turn and its number; ``emit_usage`` gets operations that belong to no turn.
    ``closing`` and ``handing_over`` say what the session is about, see ``Completion``.
    """

    def __init__(
        self,
        clock: SteadyClock,
        *,
        closing: Callable[[], bool],
        handing_over: Callable[[], bool | None],
        emit_turn: Callable[[TurnBuilder, int], None],
        emit_usage: Callable[[list[Operation]], None],
    ) -> None:
        self._clock = clock
        self._emit_turn = emit_turn
        self._emit_usage = emit_usage
        self._turns = OpenTurns()
        self.caller = CallerSide(clock)
        self.agent = AgentSide(clock, self.caller.voice)
        self.model = ModelSide(self._turns, self.caller)
        self.operations = Operations(self._turns, emit_usage)
        self.playback = Playback()
        self.tools = Tools()
        self._completion = Completion(self._turns, clock, closing=closing, handing_over=handing_over, write=self._write)

    def speech(self, handle: SpeechHandle, *, source: str, programmatic: bool, state_id: str | None) -> None:
        """A speech came into being; whom it answers is often not known yet.

        ``programmatic``: the session's pipeline or the agent's code asked for it, not a speech-to-speech model.
        """
        turn = OpenTurn(TurnBuilder(self._clock.now(), state_id=state_id), [handle], source, programmatic)
        answers_turn = source == "generate_reply" and programmatic and handle.input_details.modality == "audio"
        busy = None if answers_turn else self._busy_turn()
        self._turns.add(turn)
        if self.model.answers_caller(turn, judged_by_session=answers_turn):
            self._answered(turn)
        elif busy is not None:
            turn.parent = busy
            busy.stop_timer()
        if not programmatic:
            self.operations.responses.speech_created(handle.id)

    def caller_message(self, message: ChatMessage, *, state_id: str | None) -> None:
        """The caller's turn was judged finished: this message opens a turn, or belongs to the speech that answers it."""
        typed = message.transcript_confidence is None
        if self.model.is_used and not typed:
            self.model.transcript(message)
            return
        turn = self._answering()
        if turn is None:
            turn = OpenTurn(TurnBuilder(self._clock.now(), state_id=state_id), [], "", programmatic=False)
            self._turns.add(turn)
        if typed:
            self.caller.typed(turn, message)
            self.model.typed(message.id)
            self._typed_over_agent(turn)
        else:
            self.caller.spoken(turn, message)
        self._answered(turn)
        self._take_attempts(turn)
        self._carry_over(turn)
        self._settle(turn)

    def tools_executed(self, call_ids: set[str], *, hands_over: bool) -> None:
        """Tools of a speech have run; another speech will answer: the next agent's, or the model's own."""
        for turn in self._turns:
            if any(call.call_id in call_ids for speech in turn.speeches for call in tool_calls(speech)):
                self._completion.expect_reply(turn, hands_over=hands_over)

    def playing(self, speech: SpeechHandle | None, at_s: float) -> None:
        """The first audio of a segment left the process."""
        turn = self._turns.of_speech(speech.id if speech else None)
        if turn is None:
            return
        turn = self._join(turn)
        turn.awaits_until_s = None
        self._completion.count(turn)
        self.playback.begin(turn, at_s)

    def speech_done(self, handle: SpeechHandle) -> None:
        """A speech ended, or was given up."""
        turn = self._turns.of_speech(handle.id)
        if turn is None or not turn.done:
            return
        for message in turn.messages:
            for response_id in message.metrics.get("provider_request_ids", []):
                self.operations.responses.played_by(response_id, handle.id)
        self._settle(self._join(turn))

    def close(self, ended_by: InterruptedBy) -> None:
        """The session is over: everything open is complete, and a reply cut short was cut short by its end."""
        self.agent.ended_by = ended_by
        self.playback.end(self._clock.now(), interrupted=True)
        if (unanswered := self.model.unanswered(self._clock.now())) is not None:
            self._turns.add(unanswered)
        for turn in self._turns:
            self._join(turn)
        for turn in self._turns:
            if turn.is_turn:
                self._completion.finish(turn)
        left = [operation for turn in self._turns for operation in turn.builder.operations]
        left = [operation.cancelled() if operation.stage in {"llm", "tts"} else operation for operation in left]
        left += self.caller.leftovers()
        for turn in self._turns:
            self._turns.close(turn)
        if left:
            self._emit_usage(left)

    # Who belongs to whom.

    def _answering(self) -> OpenTurn | None:
        """The turn that the caller's words belong to: the reply that was scheduled last and answers nobody yet."""
        for turn in reversed(self._turns):
            if turn.source != "generate_reply" or turn.builder.has_user or (turn.programmatic and turn.voiced):
                continue
            if any(speech.scheduled and not speech.done() for speech in turn.speeches):
                return turn
        return None

    def _answered(self, turn: OpenTurn) -> None:
        """The caller has gone on: what the turns before this one still waited for will not be part of them."""
        turn.parent = None
        self._completion.count(turn)
        for other in self._turns:
            if other is not turn and other.done and other.builder.has_user and not other.answered:
                other.answered = True
                self._settle(other)

    def _typed_over_agent(self, turn: OpenTurn) -> None:
        """A caller who types stops the agent by the session's own hand: it is the caller's interruption all the same."""
        for other in self._turns:
            ended_s = turn.builder.opened_s if other.ended_s is None else other.ended_s
            if turn.builder.opened_s - ended_s < _TYPED_OVER_S and self.agent.stopped_by_nobody_else(other):
                other.cut_by = "caller"

    def _take_attempts(self, turn: OpenTurn) -> None:
        """Attempts given up before they were played tried to answer the words that have now been judged complete."""
        for other in self._turns:
            if other is turn or other.is_turn or not other.speeches:
                continue
            if all(speech.interrupted for speech in other.speeches):
                turn.attempts.update(speech.id for speech in other.speeches)
                other.builder.operations = [operation.cancelled() for operation in other.builder.operations]
                self._merge(other, into=turn)

    def _carry_over(self, turn: OpenTurn) -> None:
        """A tool that asked the caller back is at work for the words it got now: what its speech does next is theirs."""
        for other in self._turns:
            if other is turn or not any(map(self.tools.running, other.speeches)):
                continue
            if not other.is_turn:
                other.parent = turn
                continue
            builder = TurnBuilder(self._clock.now())
            going_on = OpenTurn(builder, other.speeches, other.source, other.programmatic, parent=turn)
            going_on.emitted = other.emitted | {message.id for message in other.messages}
            self.playback.move(other, into=going_on)
            other.goes_on = True
            self._completion.finish(other)
            self._turns.add(going_on)

    def _busy_turn(self) -> OpenTurn | None:
        """The open turn whose tool is running, or which has called one and said nothing since, or hands over."""
        for turn in reversed(self._turns):
            unanswered = turn.builder.has_user and not turn.voiced and turn.has_tool_calls
            if unanswered or self._completion.awaits_reply(turn) or any(map(self.tools.running, turn.speeches)):
                return turn
        return None

    def _join(self, turn: OpenTurn) -> OpenTurn:
        """A speech that a turn's tool brought about, and that answers no words of its own, is part of that turn."""
        parent = turn.parent
        if parent is None or parent not in self._turns or turn.builder.has_user:
            return turn
        self._merge(turn, into=parent)
        return parent

    def _merge(self, turn: OpenTurn, *, into: OpenTurn) -> None:
        self._turns.merge(turn, into=into)
        self.playback.move(turn, into=into)

    def _settle(self, turn: OpenTurn) -> None:
        self._completion.settle(turn, cut_by_agent=self.agent.stopped_by_nobody_else(turn))

    def _write(self, turn: OpenTurn) -> None:
        self._turns.close(turn)
        self.agent.add(turn)
        for speech in turn.speeches:
            turn.builder.operations += self.tools.take(speech, running=not turn.goes_on)
        if turn.builder.has_user:
            self.caller.add_transcription(turn)
        self._emit_turn(turn.builder, turn.number or 0)
