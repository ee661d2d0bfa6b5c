"""Which speech belongs to which turn.

A speech handle is one reply, or one attempt at it, with all its tool steps. The caller's message arrives when the
reply to it is scheduled; attempts that were thrown away before then answered the same transcript and go with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.events.turn_builder import TurnBuilder
from voicetel.recorder.livekit.turns.completion import TYPED_OVER_WAIT_S
from voicetel.recorder.livekit.turns.open_turn import OpenTurn

if TYPE_CHECKING:
    from voicetel.recorder.livekit.clock import SteadyClock
    from voicetel.recorder.livekit.turns.agent_side import AgentSide
    from voicetel.recorder.livekit.turns.completion import TurnCompletion
    from voicetel.recorder.livekit.turns.open_turn import OpenTurns
    from voicetel.recorder.livekit.turns.playback import Playback
    from voicetel.recorder.livekit.turns.tools import Tools


class SpeechAttribution:
    """Joins speeches to the turns that they are part of."""

    def __init__(
        self,
        turns: OpenTurns,
        completion: TurnCompletion,
        clock: SteadyClock,
        *,
        agent_side: AgentSide,
        playback: Playback,
        tools: Tools,
    ) -> None:
        self._turns = turns
        self._completion = completion
        self._clock = clock
        self._agent_side = agent_side
        self._playback = playback
        self._tools = tools

    def turn_of_transcript(self) -> OpenTurn | None:
        """Give the turn that the caller's transcript belongs to: the reply that was scheduled last and answers nobody yet."""
        for turn in reversed(self._turns):
            if (
                turn.speech_source != "generate_reply"
                or turn.builder.has_user
                or (turn.programmatic and turn.has_output)
            ):
                continue
            if any(speech.scheduled and not speech.done() for speech in turn.speeches):
                return turn
        return None

    def caller_replied_in(self, turn: OpenTurn) -> None:
        """The caller has gone on: what the turns before this one still waited for will not be part of them."""
        turn.parent = None
        self._completion.assign_number(turn)
        for other in self._turns:
            if other is not turn and other.speeches_done and other.builder.has_user and not other.caller_replied:
                other.caller_replied = True
                self.schedule_completion(other)

    def caller_typed_over_agent(self) -> None:
        """A caller who types stops the agent by the session's own hand: it is the caller's interruption all the same."""
        for other in self._turns:
            if other.waited_s < TYPED_OVER_WAIT_S and self._agent_side.was_stopped_by_non_caller(other):
                other.interrupted_by = "caller"

    def merge_discarded_attempts(self, turn: OpenTurn) -> None:
        """Attempts given up before they were played tried to answer the transcript that is now complete."""
        for other in self._turns:
            if other is turn or other.counts_as_turn or not other.speeches:
                continue
            if all(speech.interrupted for speech in other.speeches):
                turn.discarded_speech_ids.update(speech.id for speech in other.speeches)
                other.builder.operations = [operation.cancelled() for operation in other.builder.operations]
                self._merge(other, into=turn)

    def split_off_running_tools(self, turn: OpenTurn) -> None:
        """A tool that asked the caller back is at work for the transcript it got now: what its speech does next is theirs."""
        for other in self._turns:
            if other is turn or not any(map(self._tools.has_running, other.speeches)):
                continue
            if not other.counts_as_turn:
                other.parent = turn
                continue
            builder = TurnBuilder(self._clock.now())
            continuation = OpenTurn(builder, other.speeches, other.speech_source, other.programmatic, parent=turn)
            continuation.logged_message_ids = other.logged_message_ids | {
                message.id for message in other.agent_messages
            }
            self._playback.move(other, into=continuation)
            other.tools_continue = True
            self._completion.finish(other)
            self._turns.add(continuation)

    def turn_awaiting_speech(self) -> OpenTurn | None:
        """Give the open turn that another speech belongs to: its tool is running, or it has called one and played nothing since, or hands over."""
        for turn in reversed(self._turns):
            is_unanswered = turn.builder.has_user and not turn.has_output and turn.has_tool_calls
            if is_unanswered or self._completion.awaits_reply(turn) or any(map(self._tools.has_running, turn.speeches)):
                return turn
        return None

    def merge_into_parent(self, turn: OpenTurn) -> OpenTurn:
        """A speech that a turn's tool brought about, and that answers no transcript of its own, is part of that turn."""
        parent = turn.parent
        if parent is None or parent not in self._turns or turn.builder.has_user:
            return turn
        self._merge(turn, into=parent)
        return parent

    def schedule_completion(self, turn: OpenTurn) -> None:
        """Write a turn as soon as nothing more of it is to come, if it has ended."""
        self._completion.schedule(turn, stopped_by_non_caller=self._agent_side.was_stopped_by_non_caller(turn))

    def _merge(self, turn: OpenTurn, *, into: OpenTurn) -> None:
        self._turns.merge(turn, into=into)
        self._playback.move(turn, into=into)
