"""Which speech belongs to which turn: LiveKit's speech handles, messages and playback → turns.

A speech handle is one reply, or one attempt at it, with all its tool steps. The caller's message arrives when the
reply to it is scheduled; attempts that were thrown away before then answered the same words and go with it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from voicetel.events.operation import Operation
from voicetel.events.turn_builder import TurnBuilder
from voicetel.recorder.livekit.caller import CallerVoice
from voicetel.recorder.livekit.metrics import merged
from voicetel.recorder.livekit.playback import Playback
from voicetel.recorder.livekit.tools import Tools, tool_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.agents import ChatMessage
    from livekit.agents.voice import SpeechHandle

    from voicetel.events.turn_builder import InterruptedBy

SETTLE_S = 0.1
"""How long a finished turn waits for metrics that come a little after the sound."""

CLOSING_S = 5.0
"""How long a turn that the closing session cut off waits for the session's end to say why."""

_KNOWN_END_S = 0.001
"""A transcript within a millisecond of the "end of speech" means LiveKit took its arrival for that end."""


@dataclass(eq=False, slots=True)
class OpenTurn:
    """A turn that may still change. ``within`` is the turn whose running tool or handover brought this speech about."""

    builder: TurnBuilder
    speeches: list[SpeechHandle]
    source: str
    asked: bool
    within: OpenTurn | None = None
    attempts: set[str] = field(default_factory=set)
    number: int | None = None
    transcribed_s: float | None = None
    transcribing: list[Operation] = field(default_factory=list)
    heard: bool = False
    told: set[str] = field(default_factory=set)
    cut: bool = False
    cut_by: InterruptedBy | None = None
    timer: asyncio.TimerHandle | None = None

    @property
    def voiced(self) -> bool:
        """Whether the caller has heard anything of it."""
        return self.heard or bool(self.messages)

    @property
    def messages(self) -> list[ChatMessage]:
        """What the agent said in it, as far as it was played, in the order it was heard."""
        said = [item for speech in self.speeches for item in speech.chat_items if item.type == "message"]
        return sorted((m for m in said if m.role == "assistant" and m.id not in self.told), key=_heard_at)

    @property
    def done(self) -> bool:
        """Whether every speech in it has ended."""
        return all(speech.done() for speech in self.speeches)


class TurnTracker:
    """Follows a session from speech to speech and hands over each turn once it is complete.

    ``emit_turn`` gets the finished turn and its number; ``emit_usage`` gets operations that belong to no turn.
    ``closing`` says whether the session is on its way to its end.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        closing: Callable[[], bool],
        emit_turn: Callable[[TurnBuilder, int], None],
        emit_usage: Callable[[list[Operation]], None],
    ) -> None:
        self._now = now
        self._closing = closing
        self._emit_turn = emit_turn
        self._emit_usage = emit_usage
        self._open: list[OpenTurn] = []
        self._by_speech: dict[str, OpenTurn | None] = {}
        self._heard: list[Operation] = []
        self._unclaimed_words: list[ChatMessage] = []
        self._number = 0
        self._ended_by: InterruptedBy | None = None
        self.voice = CallerVoice()
        self.playback = Playback()
        self.tools = Tools()
        self.caller_spoke = False
        self.speech_end_unknown = False
        self.listener: Operation | None = None
        self.turn_detector: Operation | None = None

    # What the session reports.

    def speech(self, handle: SpeechHandle, *, source: str, asked: bool, state_id: str | None) -> None:
        """A speech came into being; whom it answers is not known yet. ``asked``: by the pipeline or the agent's code."""
        turn = OpenTurn(TurnBuilder(self._now(), state_id=state_id), [handle], source, asked, self._busy_turn())
        self._open.append(turn)
        self._by_speech[handle.id] = turn
        if not asked and self._unclaimed_words:
            self._answer(turn, self._unclaimed_words.pop(0))

    def caller_words(self, message: ChatMessage, *, realtime: bool, state_id: str | None) -> None:
        """The caller's turn was judged finished: these words open a turn, or belong to the speech that answers them."""
        turn = self._answering()
        if turn is None and realtime:
            self._unclaimed_words.append(message)
            return
        if turn is None:
            turn = OpenTurn(TurnBuilder(self._now(), state_id=state_id), [], "", asked=False)
            self._open.append(turn)
        self._answer(turn, message)
        self._take_attempts(turn)
        self._carry_over(turn)
        if turn.done:
            self._settle(turn)

    def operation(self, speech_id: str | None, operation: Operation) -> None:
        """A provider was asked, in the course of this speech. Another session's speech is none of ours."""
        if speech_id is not None and speech_id not in self._by_speech:
            return
        turn = self._by_speech[speech_id] if speech_id else None
        if turn is None:
            self._emit_usage([operation])
            return
        turn.builder.operations.append(operation.cancelled() if speech_id in turn.attempts else operation)

    def response(self, operation: Operation) -> None:
        """A speech-to-speech model answered; its metrics name no speech, so it is the latest one's."""
        turn = self._latest()
        if turn is None or "session_s" in operation.quantities:
            self._emit_usage([operation])
        else:
            turn.builder.operations.append(operation)

    def heard(self, operation: Operation) -> None:
        """A transcriber reported what it was sent; it goes with the caller's next words."""
        self._heard.append(operation)

    def failed(self, operation: Operation) -> None:
        """A request failed."""
        turn = self._latest()
        if turn is None:
            self._emit_usage([operation])
        else:
            turn.builder.operations.append(operation)

    def playing(self, speech: SpeechHandle | None, at_s: float) -> None:
        """The first audio of a segment left the process."""
        turn = self._by_speech.get(speech.id) if speech else None
        if turn is None:
            return
        turn = self._join(turn)
        self._count(turn)
        self.playback.begin(turn, at_s)

    def speech_done(self, handle: SpeechHandle) -> None:
        """A speech ended, or was given up."""
        turn = self._by_speech.get(handle.id)
        if turn is not None and turn.done:
            self._settle(turn)

    def close(self, ended_by: InterruptedBy) -> None:
        """The session is over: everything open is complete, and a reply cut short was cut short by its end."""
        self._ended_by = ended_by
        self.playback.end(self._now(), interrupted=True)
        for turn in list(self._open):
            self._join(turn)
        for turn in [turn for turn in self._open if turn.builder.has_user or turn.voiced]:
            self._finish(turn)
        left = [operation for turn in self._open for operation in turn.builder.operations]
        self._open.clear()
        left = [operation.cancelled() if operation.stage in {"llm", "tts"} else operation for operation in left]
        left += merged(self._heard)
        self._heard = []
        if left:
            self._emit_usage(left)

    # Who belongs to whom.

    def _answering(self) -> OpenTurn | None:
        """The turn that the caller's words belong to: the reply that was scheduled last and answers nobody yet."""
        for turn in reversed(self._open):
            if turn.source != "generate_reply" or turn.builder.has_user:
                continue
            if any(speech.scheduled and not speech.done() for speech in turn.speeches):
                if turn.asked and turn.voiced:
                    continue
                return turn
        return None

    def _answer(self, turn: OpenTurn, message: ChatMessage) -> None:
        turn.within = None
        self.caller_spoke = True
        self._count(turn)
        turn.transcribing, self._heard = self._heard, []
        builder, metrics = turn.builder, message.metrics
        builder.user_text = message.text_content or ""
        seen = (metrics.get("started_speaking_at"), metrics.get("stopped_speaking_at"))
        builder.user_start_s, builder.user_end_s = self.voice.take_turn(*seen)
        transcribed_s = metrics.get("transcription_delay", 0.0)
        if self.speech_end_unknown and transcribed_s < _KNOWN_END_S:
            builder.user_end_s, builder.eou_from_turn_start = None, True
        if builder.user_end_s is None:
            return
        turn.transcribed_s = transcribed_s if transcribed_s >= _KNOWN_END_S else None
        judged_s = metrics.get("end_of_turn_delay", 0.0)
        if judged_s > 0:
            self._add_verdict(builder, builder.user_end_s, judged_s, metrics.get("on_user_turn_completed_delay", 0.0))

    def _add_verdict(self, builder: TurnBuilder, end_s: float, judged_s: float, hook_s: float) -> None:
        detector = self.turn_detector or Operation("eot")
        builder.operations.append(
            Operation("eot", detector.provider, detector.model, start_s=end_s, duration_s=judged_s)
        )
        if hook_s >= _KNOWN_END_S:
            hook = Operation("hook", name="on_user_turn_completed", start_s=end_s + judged_s, duration_s=hook_s)
            builder.operations.append(hook)

    def _take_attempts(self, turn: OpenTurn) -> None:
        """Attempts given up before they were heard tried to answer the words that have now been judged complete."""
        for other in [o for o in self._open if o is not turn and not o.builder.has_user and not o.voiced]:
            if other.speeches and all(speech.interrupted for speech in other.speeches):
                turn.attempts.update(speech.id for speech in other.speeches)
                other.builder.operations = [operation.cancelled() for operation in other.builder.operations]
                self._merge(other, into=turn)

    def _carry_over(self, turn: OpenTurn) -> None:
        """A tool that asked the caller back is at work for the words it got now: what its speech does next is theirs."""
        for other in [o for o in self._open if o is not turn and any(map(self.tools.running, o.speeches))]:
            if not (other.builder.has_user or other.voiced):
                other.within = turn
                continue
            going_on = OpenTurn(TurnBuilder(self._now()), other.speeches, other.source, other.asked, within=turn)
            going_on.told = other.told | {message.id for message in other.messages}
            self.playback.move(other, into=going_on)
            self._finish(other, running_tools=False)
            self._by_speech |= {speech.id: going_on for speech in going_on.speeches}
            self._open.append(going_on)

    def _busy_turn(self) -> OpenTurn | None:
        """The open turn whose tool is running or which has called one and said nothing since."""
        for turn in reversed(self._open):
            unanswered = turn.builder.has_user and not turn.voiced
            for speech in turn.speeches:
                if self.tools.running(speech) or (unanswered and any(tool_calls(speech))):
                    return turn
        return None

    def _join(self, turn: OpenTurn) -> OpenTurn:
        """A speech that a turn's tool brought about, and that answers no words of its own, is part of that turn."""
        within = turn.within
        if within is None or within not in self._open or turn.builder.has_user:
            return turn
        self._merge(turn, into=within)
        return within

    def _merge(self, turn: OpenTurn, *, into: OpenTurn) -> None:
        into.speeches += turn.speeches
        into.told |= turn.told
        into.heard = into.heard or turn.heard
        self.playback.move(turn, into=into)
        into.builder.operations += turn.builder.operations
        for speech in turn.speeches:
            self._by_speech[speech.id] = into
        self._forget(turn)
        self._unsettle(into)

    def _latest(self) -> OpenTurn | None:
        return next((turn for turn in reversed(self._open) if turn.source == "generate_reply"), None)

    # When a turn is complete.

    def _count(self, turn: OpenTurn) -> None:
        """Number a turn once it is sure to be one: attempts leave no gaps."""
        if turn.number is None:
            self._number += 1
            turn.number = self._number

    def _settle(self, turn: OpenTurn) -> None:
        turn = self._join(turn)
        if not turn.done or not (turn.builder.has_user or turn.voiced):
            return
        if not turn.voiced and any(other.within is turn for other in self._open):
            # Its reply is another speech's, and on the way.
            return
        by_no_caller = any(not self._by_caller(speech, turn) for speech in self._stopped(turn))
        if by_no_caller and not self._closing():
            turn.cut_by = "agent"
        self._unsettle(turn)
        wait_s = CLOSING_S if by_no_caller and turn.cut_by is None else SETTLE_S
        turn.timer = asyncio.get_running_loop().call_later(wait_s, self._finish, turn)

    @staticmethod
    def _unsettle(turn: OpenTurn) -> None:
        if turn.timer is not None:
            turn.timer.cancel()
            turn.timer = None

    def _forget(self, turn: OpenTurn) -> None:
        self._unsettle(turn)
        if turn in self._open:
            self._open.remove(turn)

    def _finish(self, turn: OpenTurn, *, running_tools: bool = True) -> None:
        self._forget(turn)
        self._count(turn)
        for speech in turn.speeches:
            self._by_speech[speech.id] = None
        self._add_words(turn)
        for speech in turn.speeches:
            turn.builder.operations += self.tools.take(speech, running=running_tools)
        if turn.builder.has_user:
            self._add_transcription(turn)
        self._emit_turn(turn.builder, turn.number or 0)

    def _add_words(self, turn: OpenTurn) -> None:
        said, builder = turn.messages, turn.builder
        builder.agent_text = " ".join(text for m in said if (text := (m.text_content or "").strip())) or None
        if said and builder.has_user and builder.spans:
            builder.eou_latency_s = said[0].metrics.get("e2e_latency")
        builder.interrupted = turn.cut or any(message.interrupted for message in said)
        builder.interrupted_by = self._interrupted_by(turn)

    def _interrupted_by(self, turn: OpenTurn) -> InterruptedBy:
        if turn.cut_by is not None:
            return turn.cut_by
        stopped = self._stopped(turn)
        if any(self._by_caller(speech, turn) for speech in stopped):
            return "caller"
        # Nobody stopped a speech that ended by itself before its words did: its synthesis failed.
        return "error" if turn.done and not stopped else self._ended_by or "agent"

    @staticmethod
    def _stopped(turn: OpenTurn) -> list[SpeechHandle]:
        return [speech for speech in turn.speeches if speech.interrupted and speech.id not in turn.attempts]

    def _by_caller(self, speech: SpeechHandle, turn: OpenTurn) -> bool:
        """Whether the caller's voice or words stopped this speech, not the agent's code or the session's end."""
        # The handle knows and does not say so in public; without its word, the caller's voice over the agent's decides.
        cause = getattr(speech, "_interrupt_source", None)
        if cause is not None:
            return cause in {"audio_activity", "user_turn"}
        return bool(turn.builder.spans) and self.voice.spoke_since(turn.builder.spans[0][0])

    def _add_transcription(self, turn: OpenTurn) -> None:
        """A stream runs from the end of speech to its final words; what it was sent until then goes with them."""
        if not turn.transcribing and self.voice.silent:
            # A stream that reports late: nothing was said since, so this is still what these words took.
            turn.transcribing, self._heard = self._heard, []
        heard = merged(turn.transcribing)
        streams = [operation for operation in heard if operation.start_s is None]
        if turn.transcribed_s is not None and (streams or not heard):
            stream = streams[-1] if streams else self.listener or Operation("stt")
            heard = [operation for operation in heard if operation is not stream]
            heard.append(replace(stream, start_s=turn.builder.user_end_s, ttfb_s=turn.transcribed_s))
        turn.builder.operations += heard


def _heard_at(message: ChatMessage) -> float:
    return message.metrics.get("started_speaking_at", message.created_at)
