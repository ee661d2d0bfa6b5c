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
    ``is_closing`` and ``is_handoff_running`` say what the session is about, see ``TurnCompletion``.
    """

    def __init__(
        self,
        clock: SteadyClock,
        *,
        is_closing: Callable[[], bool],
        is_handoff_running: Callable[[], bool | None],
        emit_turn: Callable[[TurnBuilder, int], None],
        emit_usage: Callable[[list[Operation]], None],
    ) -> None:
        self._clock = clock
        self._emit_turn = emit_turn
        self._emit_usage = emit_usage
        self._turns = OpenTurns()
        self.caller_side = CallerSide(clock)
        self.agent_side = AgentSide(clock, self.caller_side.voice)
        self.realtime = RealtimeTurns(self._turns, self.caller_side)
        self.operation_attribution = OperationAttribution(self._turns, emit_usage)
        self.playback = Playback()
        self.tools = Tools()
        self._completion = TurnCompletion(
            self._turns, clock, is_closing=is_closing, is_handoff_running=is_handoff_running, write=self._write
        )
        self._speech_attribution = SpeechAttribution(
            self._turns, self._completion, clock, agent_side=self.agent_side, playback=self.playback, tools=self.tools
        )

    def speech_created(
        self, speech: SpeechHandle, *, speech_source: str, programmatic: bool, state_id: str | None
    ) -> None:
        """A speech came into being; whom it answers is often not known yet.

        ``programmatic``: the session's pipeline or the agent's code asked for it, not a speech-to-speech model.
        """
        turn = OpenTurn(TurnBuilder(self._clock.now(), state_id=state_id), [speech], speech_source, programmatic)
        endpointed_by_session = (
            speech_source == "generate_reply" and programmatic and speech.input_details.modality == "audio"
        )
        turn_awaiting_speech = None if endpointed_by_session else self._speech_attribution.turn_awaiting_speech()
        self._turns.add(turn)
        if self.realtime.attach_caller_speech(turn, endpointed_by_session=endpointed_by_session):
            self._speech_attribution.caller_replied_in(turn)
        elif turn_awaiting_speech is not None:
            turn.parent = turn_awaiting_speech
            turn_awaiting_speech.stop_timer()
        if not programmatic:
            self.operation_attribution.model_responses.speech_created(speech.id)

    def caller_message(self, message: ChatMessage, *, state_id: str | None) -> None:
        """The caller's turn has ended: this message opens a turn, or belongs to the speech that answers it."""
        is_typed = message.transcript_confidence is None
        if self.realtime.is_used and not is_typed:
            self.realtime.transcript_arrived(message)
            return
        turn = self._speech_attribution.turn_of_transcript()
        if turn is None:
            turn = OpenTurn(TurnBuilder(self._clock.now(), state_id=state_id), [], "", programmatic=False)
            self._turns.add(turn)
        if is_typed:
            self.caller_side.add_typed_message(turn, message)
            self.realtime.item_was_typed(message.id)
            self._speech_attribution.caller_typed_over_agent()
        else:
            self.caller_side.add_spoken_message(turn, message)
        self._speech_attribution.caller_replied_in(turn)
        self._speech_attribution.merge_discarded_attempts(turn)
        self._speech_attribution.split_off_running_tools(turn)
        self._speech_attribution.schedule_completion(turn)

    def tools_executed(self, tool_call_ids: set[str], *, is_handoff: bool) -> None:
        """Tools of a speech have run; another speech will answer: the next agent's, or the model's own."""
        for turn in self._turns:
            if any(call.call_id in tool_call_ids for speech in turn.speeches for call in tool_calls(speech)):
                self._completion.expect_reply(turn, is_handoff=is_handoff)

    def playback_started(self, speech: SpeechHandle | None, at_s: float) -> None:
        """The first audio of a segment left the process."""
        turn = self._turns.of_speech(speech.id if speech else None)
        if turn is None:
            return
        turn = self._speech_attribution.merge_into_parent(turn)
        turn.reply_timeout_s = 0.0
        self._completion.assign_number(turn)
        self.playback.begin(turn, at_s)

    def speech_done(self, speech: SpeechHandle) -> None:
        """A speech ended, or was given up."""
        turn = self._turns.of_speech(speech.id)
        if turn is None or not turn.speeches_done:
            return
        for message in turn.agent_messages:
            for response_id in message.metrics.get("provider_request_ids", []):
                self.operation_attribution.model_responses.pair_if_new(response_id, speech.id)
        self._speech_attribution.schedule_completion(self._speech_attribution.merge_into_parent(turn))

    def close(self, call_ended_by: InterruptedBy) -> None:
        """The session is over: everything open is complete, and a reply cut short was cut short by its end."""
        self.agent_side.call_ended_by = call_ended_by
        self.playback.end(self._clock.now(), interrupted=True)
        if (unanswered := self.realtime.pop_unanswered_turn(self._clock.now())) is not None:
            self._turns.add(unanswered)
        for turn in self._turns:
            self._speech_attribution.merge_into_parent(turn)
        for turn in self._turns:
            if turn.counts_as_turn:
                self._completion.finish(turn)
        unassigned = [operation for turn in self._turns for operation in turn.builder.operations]
        unassigned = [
            operation.cancelled() if operation.stage in {"llm", "tts"} else operation for operation in unassigned
        ]
        unassigned += self.caller_side.pop_unassigned_operations()
        for turn in self._turns:
            self._turns.close(turn)
        if unassigned:
            self._emit_usage(unassigned)

    def _write(self, turn: OpenTurn) -> None:
        self._turns.close(turn)
        self.agent_side.fill_in(turn)
        for speech in turn.speeches:
            turn.builder.operations += self.tools.pop(speech, with_running=not turn.tools_continue)
        if turn.builder.has_user:
            self.caller_side.add_stt_operations(turn)
        self._emit_turn(turn.builder, turn.number or 0)
