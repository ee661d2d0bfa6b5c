"""LiveKit's speech handles, messages and playback → turns: what the session reports, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.events.turn_builder import TurnBuilder
from voicetel.recorder.livekit.turns.agent_side import AgentSide
from voicetel.recorder.livekit.turns.caller_side import CallerSide
from voicetel.recorder.livekit.turns.completion import TurnCompletion
from voicetel.recorder.livekit.turns.open_turn import OpenTurn, OpenTurns
from voicetel.recorder.livekit.turns.operation_attribution import OperationAttribution
from voicetel.recorder.livekit.turns.playback import Playback
from voicetel.recorder.livekit.turns.realtime_turns import RealtimeTurns
from voicetel.recorder.livekit.turns.speech_attribution import SpeechAttribution
from voicetel.recorder.livekit.turns.tools import Tools, tool_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.agents import ChatMessage
    from livekit.agents.voice import SpeechHandle

    from voicetel.events.operation import Operation
    from voicetel.events.turn_builder import InterruptedBy
    from voicetel.recorder.livekit.clock import SteadyClock


class TurnTracker:
    """Follows a session from speech to speech and hands over each turn once it is complete.

    ``emit_turn`` gets the finished turn and its number; ``emit_usage`` gets operations that belong to no turn.
    ``closing`` and ``handoff_running`` say what the session is about, see ``TurnCompletion``.
    """

    def __init__(
        self,
        clock: SteadyClock,
        *,
        closing: Callable[[], bool],
        handoff_running: Callable[[], bool | None],
        emit_turn: Callable[[TurnBuilder, int], None],
        emit_usage: Callable[[list[Operation]], None],
    ) -> None:
        self._clock = clock
        self._emit_turn = emit_turn
        self._emit_usage = emit_usage
        self._turns = OpenTurns()
        self.caller = CallerSide(clock)
        self.agent = AgentSide(clock, self.caller.voice)
        self.realtime = RealtimeTurns(self._turns, self.caller)
        self.operations = OperationAttribution(self._turns, emit_usage)
        self.playback = Playback()
        self.tools = Tools()
        self._completion = TurnCompletion(
            self._turns, clock, closing=closing, handoff_running=handoff_running, write=self._write
        )
        self._attribution = SpeechAttribution(
            self._turns, self._completion, clock, agent=self.agent, playback=self.playback, tools=self.tools
        )

    def speech_created(
        self, handle: SpeechHandle, *, speech_source: str, programmatic: bool, state_id: str | None
    ) -> None:
        """A speech came into being; whom it answers is often not known yet.

        ``programmatic``: the session's pipeline or the agent's code asked for it, not a speech-to-speech model.
        """
        turn = OpenTurn(TurnBuilder(self._clock.now(), state_id=state_id), [handle], speech_source, programmatic)
        answers_turn = speech_source == "generate_reply" and programmatic and handle.input_details.modality == "audio"
        busy = None if answers_turn else self._attribution.turn_in_progress()
        self._turns.add(turn)
        if self.realtime.attach_caller_speech(turn, endpointed_by_session=answers_turn):
            self._attribution.caller_replied(turn)
        elif busy is not None:
            turn.parent = busy
            busy.stop_timer()
        if not programmatic:
            self.operations.model_responses.speech_created(handle.id)

    def caller_message(self, message: ChatMessage, *, state_id: str | None) -> None:
        """The caller's turn has ended: this message opens a turn, or belongs to the speech that answers it."""
        typed = message.transcript_confidence is None
        if self.realtime.is_used and not typed:
            self.realtime.transcript(message)
            return
        turn = self._attribution.turn_of_transcript()
        if turn is None:
            turn = OpenTurn(TurnBuilder(self._clock.now(), state_id=state_id), [], "", programmatic=False)
            self._turns.add(turn)
        if typed:
            self.caller.add_typed_message(turn, message)
            self.realtime.item_was_typed(message.id)
            self._attribution.typed_over_agent()
        else:
            self.caller.add_spoken_message(turn, message)
        self._attribution.caller_replied(turn)
        self._attribution.merge_discarded_attempts(turn)
        self._attribution.split_off_running_tools(turn)
        self._attribution.schedule_completion(turn)

    def tools_executed(self, call_ids: set[str], *, is_handoff: bool) -> None:
        """Tools of a speech have run; another speech will answer: the next agent's, or the model's own."""
        for turn in self._turns:
            if any(call.call_id in call_ids for speech in turn.speeches for call in tool_calls(speech)):
                self._completion.expect_reply(turn, is_handoff=is_handoff)

    def playback_started(self, speech: SpeechHandle | None, at_s: float) -> None:
        """The first audio of a segment left the process."""
        turn = self._turns.of_speech(speech.id if speech else None)
        if turn is None:
            return
        turn = self._attribution.merge_into_parent(turn)
        turn.awaits_reply_s = 0.0
        self._completion.assign_number(turn)
        self.playback.begin(turn, at_s)

    def speech_done(self, handle: SpeechHandle) -> None:
        """A speech ended, or was given up."""
        turn = self._turns.of_speech(handle.id)
        if turn is None or not turn.done:
            return
        for message in turn.messages:
            for response_id in message.metrics.get("provider_request_ids", []):
                self.operations.model_responses.played_by(response_id, handle.id)
        self._attribution.schedule_completion(self._attribution.merge_into_parent(turn))

    def close(self, ended_by: InterruptedBy) -> None:
        """The session is over: everything open is complete, and a reply cut short was cut short by its end."""
        self.agent.ended_by = ended_by
        self.playback.end(self._clock.now(), interrupted=True)
        if (unanswered := self.realtime.unanswered(self._clock.now())) is not None:
            self._turns.add(unanswered)
        for turn in self._turns:
            self._attribution.merge_into_parent(turn)
        for turn in self._turns:
            if turn.is_turn:
                self._completion.finish(turn)
        left = [operation for turn in self._turns for operation in turn.builder.operations]
        left = [operation.cancelled() if operation.stage in {"llm", "tts"} else operation for operation in left]
        left += self.caller.pop_unassigned()
        for turn in self._turns:
            self._turns.close(turn)
        if left:
            self._emit_usage(left)

    def _write(self, turn: OpenTurn) -> None:
        self._turns.close(turn)
        self.agent.fill_in(turn)
        for speech in turn.speeches:
            turn.builder.operations += self.tools.pop(speech, running=not turn.tools_continue)
        if turn.builder.has_user:
            self.caller.add_transcription(turn)
        self._emit_turn(turn.builder, turn.number or 0)
