"""Turns that may still change, and which speech belongs to which."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicetel.recorder.livekit.turns.tools import tool_calls

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from livekit.agents import ChatMessage
    from livekit.agents.voice import SpeechHandle

    from voicetel.events.operation import Operation
    from voicetel.events.turn_builder import InterruptedBy, TurnBuilder


@dataclass(eq=False, slots=True)
class OpenTurn:
    """A turn under construction.

    - ``speech_source``: what LiveKit says brought its first speech about: ``say``, ``generate_reply``, ``tool_response``; empty: no speech.
    - ``programmatic``: the pipeline or the agent's code asked for its speech (LiveKit: ``user_initiated``); else a speech-to-speech model did.
    - ``parent``: the turn whose tool or handoff brought this speech about.
    - ``number``: its number in the call, once it is sure to be a turn. ``was_audible``: audio of it was played.
    - ``discarded_speech_ids``: preemptive replies that came to nothing; ``logged_message_ids``: messages that an earlier turn has.
    - ``playback_interrupted``: its playback ended before its text did.
    - ``reply_timeout_s``: how long a reply by another speech is waited for, the next agent's where ``awaits_handoff``: its tool hands the caller over.
    - ``ended_s``: when the last of its speeches had ended; ``waited_s``: how long anything was waited for since. ``caller_replied``: the caller has spoken again meanwhile.
    - ``tools_continue``: its tools are at work for the next turn.
    - ``transcript_due``: a speech-to-speech model has yet to send the caller's transcript.
    - ``response_metrics_arrived``: responses of a speech-to-speech model: id → whether its metrics have come.
    - ``stt_operations``: what transcribers were sent for the caller's text in it.
    """

    builder: TurnBuilder
    speeches: list[SpeechHandle]
    speech_source: str
    programmatic: bool
    parent: OpenTurn | None = None
    discarded_speech_ids: set[str] = field(default_factory=set)
    number: int | None = None
    was_audible: bool = False
    logged_message_ids: set[str] = field(default_factory=set)
    playback_interrupted: bool = False
    interrupted_by: InterruptedBy | None = None
    ended_s: float | None = None
    reply_timeout_s: float = 0.0
    waited_s: float = 0.0
    awaits_handoff: bool = False
    caller_replied: bool = False
    tools_continue: bool = False
    transcript_due: bool = False
    response_metrics_arrived: dict[str, bool] = field(default_factory=dict)
    transcription_delay_s: float | None = None
    stt_operations: list[Operation] = field(default_factory=list)
    completion_timer: asyncio.TimerHandle | None = None

    @property
    def has_output(self) -> bool:
        """Whether anything of it was played or shown to the caller."""
        return self.was_audible or bool(self.agent_messages)

    @property
    def agent_messages(self) -> list[ChatMessage]:
        """The agent's text in it, as far as it was played, speech by speech."""
        items = [item for speech in self.speeches for item in speech.chat_items if item.type == "message"]
        return [item for item in items if item.role == "assistant" and item.id not in self.logged_message_ids]

    @property
    def speeches_done(self) -> bool:
        """Whether every speech in it has ended."""
        return all(speech.done() for speech in self.speeches)

    @property
    def has_tool_calls(self) -> bool:
        """Whether a tool was called in it."""
        return any(any(tool_calls(speech)) for speech in self.speeches)

    @property
    def counts_as_turn(self) -> bool:
        """Whether either side spoke in it."""
        return self.builder.has_user or self.has_output

    def stop_timer(self) -> None:
        """It is not complete after all."""
        if self.completion_timer is not None:
            self.completion_timer.cancel()
            self.completion_timer = None


class OpenTurns:
    """The turns of a session that are not in the log yet, in the order they were opened."""

    def __init__(self) -> None:
        self._turns: list[OpenTurn] = []
        self._by_speech: dict[str, OpenTurn | None] = {}

    def __iter__(self) -> Iterator[OpenTurn]:
        return iter(list(self._turns))

    def __reversed__(self) -> Iterator[OpenTurn]:
        return reversed(list(self._turns))

    def __contains__(self, turn: OpenTurn) -> bool:
        return turn in self._turns

    def add(self, turn: OpenTurn) -> None:
        """Open a turn; its speeches are its own from now on."""
        self._turns.append(turn)
        self._by_speech |= {speech.id: turn for speech in turn.speeches}

    def knows_speech(self, speech_id: str) -> bool:
        """Whether a speech is this session's, even if its turn is written already."""
        return speech_id in self._by_speech

    def of_speech(self, speech_id: str | None) -> OpenTurn | None:
        """Give the open turn of a speech."""
        return self._by_speech.get(speech_id) if speech_id else None

    def children(self, turn: OpenTurn) -> list[OpenTurn]:
        """Give the turns that would be part of this one if they answer nobody else."""
        return [other for other in self._turns if other.parent is turn]

    def latest_reply_turn(self) -> OpenTurn | None:
        """Give the turn whose reply was asked for last."""
        return next((turn for turn in reversed(self._turns) if turn.speech_source == "generate_reply"), None)

    def merge(self, turn: OpenTurn, *, into: OpenTurn) -> None:
        """Make a turn part of another."""
        into.speeches += turn.speeches
        into.logged_message_ids |= turn.logged_message_ids
        into.discarded_speech_ids |= turn.discarded_speech_ids
        into.response_metrics_arrived |= turn.response_metrics_arrived
        into.was_audible = into.was_audible or turn.was_audible
        into.builder.operations += turn.builder.operations
        into.reply_timeout_s, into.awaits_handoff = turn.reply_timeout_s, turn.awaits_handoff
        for child in self.children(turn):
            child.parent = into
        self._by_speech |= {speech.id: into for speech in turn.speeches}
        self._discard(turn)
        into.stop_timer()

    def close(self, turn: OpenTurn) -> None:
        """Forget a turn that is written; its speeches stay known."""
        self._by_speech |= {speech.id: None for speech in turn.speeches}
        self._discard(turn)

    def _discard(self, turn: OpenTurn) -> None:
        turn.stop_timer()
        if turn in self._turns:
            self._turns.remove(turn)
