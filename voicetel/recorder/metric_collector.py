"""Measures the turns of one call from hooks that an agent calls as things happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.recorder.hooks.collected_turn import CollectedTurn, SpeechSpan
from voicetel.recorder.hooks.given import name_of, positive_amount, text_of, token_count
from voicetel.recorder.hooks.stage_timer import TimedOperation, elapsed_ms
from voicetel.recorder.hooks.turn_context import TurnContext
from voicetel.recorder.turns.turn_metrics import side_of

if TYPE_CHECKING:
    from voicetel.recorder.clock import Clock
    from voicetel.recorder.telemetry_service import TelemetryService
    from voicetel.recorder.turns.turn_metrics import TurnMetrics


__all__ = ["MetricCollector", "TurnContext"]


class MetricCollector:
    """Measures the turns of a call and records each with ``telemetry``.

    Call ``start_turn``, then the hooks as things happen, then ``await finalize_turn()``. One turn may hold what the
    caller says and the agent's reply, or each its own: ``TelemetryService`` puts them together. Hooks may be missing,
    doubled or out of order. None of them raises, whatever it is given; one that measures gives milliseconds, or
    None where what it measures cannot be known: its counterpart never came, or it could be one of several.

    ``provider`` and ``model`` of a hook stand before the service's ``providers``. ``request_id`` ties the hooks of
    one request together where several run at a time. The caller's speech belongs to the turn with role ``user`` that
    is open or comes next, or else to the turn whose playback answers it.

    ``eou_latency_ms`` counts from the end of the caller's speech. Of an agent that never reports the caller's speech it
    counts from the start of the turn with role ``user`` whose playback answers it, and the log marks it so
    (``eou_from``: ``turn_start``).
    """

    def __init__(self, call_id: Any, telemetry: TelemetryService, *, clock: Clock | None = None) -> None:
        self.call_id = call_id
        self.telemetry = telemetry
        self._clock = clock or telemetry.clock_of(call_id)
        self._now_s = self._clock.monotonic
        self._count = 0
        self._turn: CollectedTurn | None = None
        self._held_speech: SpeechSpan | None = None
        """The caller's speech that no turn holds yet."""
        self._reports_speech = False
        """Whether a hook of the caller's speech was ever called."""
        self._stopped_s: float | None = None
        """When the caller stopped, until the agent answers or the caller goes on."""

    @property
    def current_turn(self) -> TurnContext | None:
        """What is known so far of the turn that is going on; a copy."""
        return None if self._turn is None else self._turn.context()

    def start_turn(self, role: str, content: str = "", state_id: str | None = None) -> int:
        """Begin a turn and give its number, from 1. A turn that was not finalised is recorded first."""
        turn, content, state_id = self._turn, text_of(content), name_of(state_id)
        if turn is not None and (
            turn.is_empty or (turn.implied and not (turn.agent_playback and side_of(role) == "user"))
        ):
            turn.role, turn.content, turn.state_id, turn.implied = role, content or turn.content, state_id, False
        else:
            if turn is not None:
                self.telemetry.record(self.call_id, turn.metrics(self._clock, self.telemetry.providers))
            turn = self._begin(role, content, state_id)
        if turn.side == "user" and not turn.agent_playback and turn.user_speech is None:
            turn.user_speech, self._held_speech = self._held_speech, None
        return turn.number

    def update_turn_content(self, content: str) -> None:
        """Give the text of the turn's speaker, once it is known."""
        if self._turn is not None:
            self._turn.content = text_of(content)

    def get_turn_count(self) -> int:
        """Give how many turns were begun."""
        return self._count

    def on_user_speech_start(self) -> None:
        """Report that the caller begins to speak, or goes on."""
        self._reports_speech = True
        self._stopped_s = None
        turn = self._turn
        if turn is not None and turn.side == "user" and not turn.agent_playback:
            turn.user_speech = _begun(turn.user_speech, self._now_s())
        else:
            self._held_speech = _begun(self._held_speech, self._now_s())

    def on_user_speech_end(self) -> float | None:
        """Report that the caller stops; ms since the caller began to speak in this turn."""
        self._reports_speech = True
        now_s = self._now_s()
        turn = self._turn
        held = turn.user_speech if turn is not None else None
        speech = held if held is not None and held.end_s is None else self._held_speech
        if speech is None:
            if held is not None:
                return None
            speech = SpeechSpan()
            if turn is not None and turn.side == "user" and not turn.agent_playback:
                turn.user_speech = speech
            else:
                self._held_speech = speech
        if speech.end_s is not None:
            return None
        speech.end_s = self._stopped_s = now_s
        return elapsed_ms(speech.start_s, now_s)

    def on_stt_start(
        self, *, provider: str | None = None, model: str | None = None, request_id: str | None = None
    ) -> None:
        """Report that a transcript is requested."""
        self._start("stt", _timed(self._now_s(), provider, model, request_id))

    def on_stt_first_byte(self, *, audio_s: float | None = None, request_id: str | None = None) -> float | None:
        """Report the transcript; ms since it was requested. ``audio_s``: seconds of audio that were sent."""
        if self._turn is None:
            return None
        operation, ttfb_ms = self._turn.stages["stt"].first_byte(self._now_s(), name_of(request_id))
        if operation is not None:
            operation.audio_s = positive_amount(audio_s)
        return ttfb_ms

    def on_llm_start(
        self, *, provider: str | None = None, model: str | None = None, request_id: str | None = None
    ) -> None:
        """Report that the model is asked."""
        self._start("llm", _timed(self._now_s(), provider, model, request_id))

    def on_llm_first_token(self, *, request_id: str | None = None) -> float | None:
        """Report the model's first token; ms since it was asked."""
        if self._turn is None:
            return None
        return self._turn.stages["llm"].first_byte(self._now_s(), name_of(request_id))[1]

    def on_llm_complete(
        self,
        input_tokens: int = 0,
        output_tokens: int = 0,
        *,
        provider: str | None = None,
        model: str | None = None,
        status: str | None = None,
        request_id: str | None = None,
    ) -> float | None:
        """Report that the model is done; ms since it was asked. ``status``: ``cancelled`` or ``error`` if it did not end well.

        Tokens of 0 are unknown. Once more with the same tokens, and no start in between, is a doubled hook.
        """
        operation, duration_ms = (
            self._open()
            .stages["llm"]
            .end(
                self._now_s(),
                input_tokens=token_count(input_tokens),
                output_tokens=token_count(output_tokens),
                request_id=name_of(request_id),
            )
        )
        if operation is not None:
            operation.provider = name_of(provider) or operation.provider
            operation.model = name_of(model) or operation.model
            operation.status = name_of(status) or operation.status
        return duration_ms

    def on_tts_start(
        self,
        text: str,
        *,
        provider: str | None = None,
        model: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """Report that a text is sent to be synthesized: it is the agent's text, unless the turn's content is."""
        timed = _timed(self._now_s(), provider, model, request_id)
        timed.text = name_of(text) or None
        self._start("tts", timed)

    def on_tts_first_byte(self, *, request_id: str | None = None) -> float | None:
        """Report the first audio; ms since its text was sent."""
        if self._turn is None:
            return None
        return self._turn.stages["tts"].first_byte(self._now_s(), name_of(request_id))[1]

    def on_audio_playback_start(self) -> float | None:
        """Report that the agent's audio starts; ``eou_latency_ms`` if this is the answer to the caller."""
        now_s = self._now_s()
        turn = self._open()
        if turn.agent_playback and turn.agent_playback[-1].end_s is None:
            return None
        stopped_s, self._stopped_s = self._stopped_s, None
        first = not turn.agent_playback
        turn.agent_playback.append(SpeechSpan(now_s))
        if not first:
            return None
        if turn.user_speech is None and self._held_speech is not None and self._held_speech.end_s is not None:
            turn.user_speech, self._held_speech = self._held_speech, None
        turn.eou_latency_ms = elapsed_ms(stopped_s, now_s)
        if stopped_s is None and turn.side == "user" and not (turn.implied or self._reports_speech):
            turn.eou_latency_ms, turn.eou_from = elapsed_ms(turn.started_s, now_s), "turn_start"
        return turn.eou_latency_ms

    def on_audio_playback_end(self, *, interrupted: bool | None = None) -> float | None:
        """Report that the agent's audio ends; ms since it started. ``interrupted``: cut off for good by the caller."""
        turn = self._turn
        if turn is None or not turn.agent_playback or turn.agent_playback[-1].end_s is not None:
            return None
        if isinstance(interrupted, bool):
            turn.interrupted = interrupted
        turn.agent_playback[-1].end_s = self._now_s()
        return elapsed_ms(turn.agent_playback[-1].start_s, turn.agent_playback[-1].end_s)

    async def finalize_turn(self) -> TurnMetrics | None:
        """Record the turn and give what was recorded; None where none is open."""
        turn, self._turn = self._turn, None
        if turn is None:
            return None
        metrics = turn.metrics(self._clock, self.telemetry.providers)
        await self.telemetry.record_turn(self.call_id, metrics)
        return metrics

    def _start(self, stage: str, operation: TimedOperation) -> None:
        self._open().stages[stage].start(operation)

    def _open(self) -> CollectedTurn:
        """Give the turn that is open, or begin one of the agent's: its ``start_turn`` is late or missing."""
        turn = self._turn
        if turn is None:
            turn = self._begin("assistant", "", None)
            turn.implied = True
        return turn

    def _begin(self, role: str, content: str, state_id: str | None) -> CollectedTurn:
        self._count += 1
        self._turn = CollectedTurn(self._count, role, content, state_id, self._now_s())
        return self._turn


def _begun(speech: SpeechSpan | None, now_s: float) -> SpeechSpan:
    """Begin a span of speech, or go on with the one there is: it ends when it ends for good."""
    if speech is None:
        return SpeechSpan(now_s)
    if speech.end_s is not None:
        speech.end_s = None
        speech.start_s = now_s if speech.start_s is None else speech.start_s
    return speech


def _timed(start_s: float, provider: object, model: object, request_id: object) -> TimedOperation:
    return TimedOperation(start_s, name_of(provider), name_of(model), name_of(request_id))
