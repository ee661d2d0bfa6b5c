"""One model that hears and speaks: operations of stage realtime, billed by audio tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.simulator.pipelines.pipeline import Manner, Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from voicetel.simulator.dialogue import Exchange
    from voicetel.simulator.pipelines.models import Model
    from voicetel.simulator.turn import Turn

# Ten tokens for a second of audio heard and twenty for one made, as OpenAI counts them.
_MS_PER_TOKEN_HEARD = 100
_MS_PER_TOKEN_MADE = 50
_CACHED_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class SpeechToSpeechStack:
    """The model and what decides that the caller is done."""

    realtime: Model
    eot: Model

    def begin(self, rng: Random, manner: Manner, prompt_tokens: int, slower: float) -> Pipeline:
        """Connect for one call."""
        return SpeechToSpeech(self, rng, manner, prompt_tokens, slower)

    def slowed(self, factor: Callable[[Model], float]) -> SpeechToSpeechStack:
        """Return the stack with each model's latency multiplied by the ``factor`` that it has."""
        return SpeechToSpeechStack(*(each.slowed(factor(each)) for each in (self.realtime, self.eot)))


class SpeechToSpeech(Pipeline):
    """A speech-to-speech model during one call."""

    def __init__(
        self, stack: SpeechToSpeechStack, rng: Random, manner: Manner, prompt_tokens: int, slower: float
    ) -> None:
        super().__init__(rng, manner, prompt_tokens, slower)
        self._stack = stack
        self._heard_ms = 0
        self._prompt_tokens = prompt_tokens

    def hear(self, turn: Turn) -> int:
        """Wait for the verdict that the caller is done; the audio is part of the next response's input."""
        self._heard_ms += turn.said_ms
        return self.judge(turn, self._stack.eot.latency, self._stack.eot.head)

    def greet(self, turn: Turn, text: str) -> None:
        """Ask for a response that nobody has asked for."""
        self._respond(turn, 0, self.manner.tokens(text), self.manner.agent_ms(text))

    def answer(self, turn: Turn, said: Exchange, decided_ms: int) -> None:
        """Respond; where the state has a tool, its call is a response of its own, with the filler if there is one."""
        start_ms = decided_ms + self.overhead_ms()
        if said.tool is not None:
            filler_ms = self.manner.agent_ms(said.filler) if said.filler else 0
            called_ms = self._respond(turn, start_ms, self.rng.randint(16, 34), filler_ms)
            start_ms = self.use_tool(turn, said.tool, called_ms + self.overhead_ms()) + self.overhead_ms()
        text = said.agent or ""
        self._respond(turn, start_ms, self.manner.tokens(text), self.manner.agent_ms(text))

    def _respond(self, turn: Turn, start_ms: int, text_tokens: int, audio_ms: int) -> int:
        """Make one response; return when it was whole. The model speaks some three times faster than real time."""
        model = self._stack.realtime
        ttfb_ms = int(model.latency.draw(self.rng) * self.slower)
        duration_ms = ttfb_ms + audio_ms // 3 + int(text_tokens * 1000 / model.tokens_per_s) // 4
        turn.record(
            model, self.rng, start_ms, ttfb_ms=ttfb_ms, duration_ms=duration_ms, used=self._used(text_tokens, audio_ms)
        )
        if audio_ms:
            turn.play(start_ms + ttfb_ms + self.playout_ms(), audio_ms)
        return start_ms + duration_ms

    def _used(self, text_tokens: int, audio_ms: int) -> str:
        """Write the tokens: all that was said so far is sent again, and most of it comes from the cache."""
        audio_in = self._heard_ms // _MS_PER_TOKEN_HEARD
        cached_audio = int(audio_in * _CACHED_SHARE)
        cached = self._prompt_tokens // 64 * 64 + cached_audio
        audio_out = audio_ms // _MS_PER_TOKEN_MADE
        used = (
            f',"input_tokens":{self.context_tokens + audio_in},"cached_input_tokens":{cached},'
            f'"input_audio_tokens":{audio_in},"cached_input_audio_tokens":{cached_audio},'
            f'"output_tokens":{text_tokens + audio_out}'
        )
        return f'{used},"output_audio_tokens":{audio_out}' if audio_out else used
