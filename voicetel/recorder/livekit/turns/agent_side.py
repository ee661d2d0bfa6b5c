"""The agent's side of a turn: the text that was played, how soon it began, and who cut it off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from livekit.agents import ChatMessage
    from livekit.agents.voice import SpeechHandle

    from voicetel.events.turn_builder import InterruptedBy
    from voicetel.recorder.livekit.clock import SteadyClock
    from voicetel.recorder.livekit.turns.caller_voice import CallerVoice
    from voicetel.recorder.livekit.turns.open_turn import OpenTurn

_SAME_SOUND_S: Final = 0.05
"""A message that began within this time of the turn's first audio is that audio."""


class AgentSide:
    """Fills in what a turn that has ended says of the agent. ``call_ended_by`` is who ended the call, once it is over."""

    def __init__(self, clock: SteadyClock, caller_voice: CallerVoice) -> None:
        self._clock = clock
        self._caller_voice = caller_voice
        self.call_ended_by: InterruptedBy | None = None

    def fill_in(self, turn: OpenTurn) -> None:
        """Put text, interruption and response latency into the turn."""
        messages, builder = sorted(turn.agent_messages, key=self._play_start_s), turn.builder
        texts = [(message.text_content or "").strip() for message in messages]
        builder.agent_text = " ".join(text for text in texts if text) or None
        builder.interrupted = turn.playback_interrupted or any(message.interrupted for message in messages)
        builder.interrupted_by = self._interrupted_by(turn)
        if builder.has_user and builder.spans:
            builder.eou_latency_s = self._response_latency_s(turn, messages)

    def was_stopped_by_non_caller(self, turn: OpenTurn) -> bool:
        """Whether a speech of it was stopped, and not by the caller: by the agent's code, or by the session's end."""
        return any(not self._was_stopped_by_caller(speech, turn) for speech in _stopped_speeches(turn))

    def _response_latency_s(self, turn: OpenTurn, messages: list[ChatMessage]) -> float | None:
        """LiveKit's own figure; where it has none of the first sound, or its clock was set meanwhile, from sound to sound."""
        builder, first_audio_s = turn.builder, turn.builder.spans[0][0]
        message_is_first_audio = bool(messages) and self._play_start_s(messages[0]) - first_audio_s < _SAME_SOUND_S
        livekit_latency_s = messages[0].metrics.get("e2e_latency") if messages else None
        turn_start_s = builder.user_start_s or builder.user_end_s or builder.opened_s
        if (
            livekit_latency_s is not None
            and not self._clock.was_set_since(turn_start_s)
            and (message_is_first_audio or not builder.user_end_s)
        ):
            return livekit_latency_s
        if builder.user_end_s is None or first_audio_s < builder.user_end_s:
            return None
        return first_audio_s - builder.user_end_s

    def _interrupted_by(self, turn: OpenTurn) -> InterruptedBy:
        if turn.interrupted_by is not None:
            return turn.interrupted_by
        stopped = _stopped_speeches(turn)
        if any(self._was_stopped_by_caller(speech, turn) for speech in stopped):
            return "caller"
        # Nobody stopped a speech that ended by itself before its text did: its synthesis failed.
        return "error" if turn.speeches_done and not stopped else self.call_ended_by or "agent"

    def _was_stopped_by_caller(self, speech: SpeechHandle, turn: OpenTurn) -> bool:
        """Whether the caller's voice or text stopped this speech, not the agent's code or the session's end."""
        # The handle knows and does not say so in public; without its word, the caller's voice over the agent's decides.
        cause = getattr(speech, "_interrupt_source", None)
        if cause is not None:
            return cause in {"audio_activity", "user_turn"}
        return bool(turn.builder.spans) and self._caller_voice.sound_began_since(turn.builder.spans[0][0])

    def _play_start_s(self, message: ChatMessage) -> float:
        return self._clock.to_steady_time(message.metrics.get("started_speaking_at", message.created_at))


def _stopped_speeches(turn: OpenTurn) -> list[SpeechHandle]:
    return [speech for speech in turn.speeches if speech.interrupted and speech.id not in turn.discarded_speech_ids]
