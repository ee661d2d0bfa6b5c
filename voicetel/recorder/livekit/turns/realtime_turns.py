"""Turns of a session with a speech-to-speech model: it answers the audio, before or after the transcript is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.events.turn_builder import TurnBuilder
from voicetel.recorder.livekit.turns.open_turn import OpenTurn

if TYPE_CHECKING:
    from livekit.agents import ChatMessage

    from voicetel.recorder.livekit.turns.caller_side import CallerSide
    from voicetel.recorder.livekit.turns.open_turn import OpenTurns


class RealtimeTurns:
    """Joins the transcripts of a speech-to-speech model to the speeches that answer them.

    ``is_used``: the agent's model is one. ``sends_transcripts``: it will send the caller's transcript. An item is the model's
    own name for a stretch of the caller's speech; where it announces items, the transcript names one.
    """

    def __init__(self, turns: OpenTurns, caller_side: CallerSide) -> None:
        self._turns = turns
        self._caller_side = caller_side
        self._transcripts_without_turn: list[ChatMessage] = []
        self._announced_item_ids: list[str] = []
        self._turn_of_item: dict[str, OpenTurn] = {}
        self.is_used = False
        self.sends_transcripts = False

    def item_announced(self, item_id: str) -> None:
        """The model has taken in a stretch of the caller's speech; the next response answers it."""
        self._announced_item_ids.append(item_id)

    def item_was_typed(self, item_id: str) -> None:
        """What was announced under this name was typed, not spoken."""
        if item_id in self._announced_item_ids:
            self._announced_item_ids.remove(item_id)

    def attach_caller_speech(self, turn: OpenTurn, *, endpointed_by_session: bool) -> bool:
        """Make the turn of a speech that has just come into being the caller's, where it answers them."""
        if not self.is_used or (turn.programmatic and not endpointed_by_session):
            return False
        if not self._caller_side.voice.has_sound and not self._transcripts_without_turn:
            return False
        self._caller_side.add_realtime_speech(turn, endpointed_by_session=endpointed_by_session)
        self._turn_of_item |= dict.fromkeys(self._announced_item_ids, turn)
        early, self._transcripts_without_turn, self._announced_item_ids = self._transcripts_without_turn, [], []
        turn.transcript_due = self.sends_transcripts
        for message in early:
            self._add_text(turn, message)
        return True

    def transcript_arrived(self, message: ChatMessage) -> None:
        """The transcript of a stretch of the caller's speech, at last."""
        turn = self._turn_of_item.pop(message.id, None)
        if turn is None and message.id not in self._announced_item_ids:
            turn = next((other for other in self._turns if other.transcript_due), None)
            if turn is None and not self._caller_side.voice.has_sound:
                turn = next((other for other in reversed(self._turns) if other.builder.has_user), None)
        if turn is None:
            self._transcripts_without_turn.append(message)
        elif turn in self._turns:
            self._add_text(turn, message)

    def pop_unanswered_turn(self, now_s: float) -> OpenTurn | None:
        """Give the turn of the caller's last transcript, where no response came of it."""
        if not self._transcripts_without_turn:
            return None
        turn = OpenTurn(TurnBuilder(now_s), [], "", programmatic=False)
        self._caller_side.add_realtime_speech(turn, endpointed_by_session=False)
        for message in self._transcripts_without_turn:
            self._add_text(turn, message)
        self._transcripts_without_turn = []
        return turn

    def _add_text(self, turn: OpenTurn, message: ChatMessage) -> None:
        builder, text = turn.builder, message.text_content or ""
        builder.user_text = text if turn.transcript_due or not builder.user_text else f"{builder.user_text} {text}"
        turn.transcript_due = False
        if builder.user_start_s is None:
            builder.user_start_s = self._caller_side.to_steady_time_or_none(message.metrics.get("started_speaking_at"))
        # LiveKit gives transcripts without a score the highest one.
        confidence = message.transcript_confidence
        builder.user_confidence = confidence if confidence is not None and confidence < 1 else None
