"""Speech to text, a language model, text to speech: three providers in a row."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicetel.simulator.pipelines.pipeline import Manner, Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from voicetel.simulator.dialogue import Exchange
    from voicetel.simulator.pipelines.models import Model
    from voicetel.simulator.turn import Turn

_SENTENCE_END = re.compile(r"(?<=[.!?]) ")
_SILENCE_MS = 600
_FIRST_CHUNK_CHARS = 60


@dataclass(frozen=True, slots=True)
class CascadeStack:
    """The models of a cascade. Without ``eot`` a fixed silence ends the caller's turn, and no operation says so.

    ``preemptive``: begins to generate before the end of the turn is detected. ``sentences``: asks for speech sentence by sentence.
    """

    stt: Model
    llm: Model
    tts: Model
    eot: Model | None
    preemptive: bool
    sentences: bool

    def begin(self, rng: Random, manner: Manner, prompt_tokens: int, slower: float) -> Pipeline:
        """Connect for one call."""
        return Cascade(self, rng, manner, prompt_tokens, slower)

    def slowed(self, factor: Callable[[Model], float]) -> CascadeStack:
        """Return the stack with each model's latency multiplied by the ``factor`` that it has."""
        stt, llm, tts = (each.slowed(factor(each)) for each in (self.stt, self.llm, self.tts))
        eot = None if self.eot is None else self.eot.slowed(factor(self.eot))
        return replace(self, stt=stt, llm=llm, tts=tts, eot=eot)

    def sum_up(self, rng: Random, context_tokens: int) -> str:
        """Write the JSON of an operation that sums up the call after its end."""
        ttft_ms, duration_ms = self.llm.latency.draw(rng), rng.randint(900, 3_000)
        return (
            f'{self.llm.operation(rng)},"ttfb_ms":{ttft_ms},"duration_ms":{ttft_ms + duration_ms},'
            f'"input_tokens":{context_tokens},"output_tokens":{rng.randint(60, 140)}}}'
        )


class Cascade(Pipeline):
    """A cascade during one call. STT is streamed all along and bills the silence too."""

    def __init__(self, stack: CascadeStack, rng: Random, manner: Manner, prompt_tokens: int, slower: float) -> None:
        super().__init__(rng, manner, prompt_tokens, slower)
        self._stack = stack
        self._billed_until_ms = 0

    def hear(self, turn: Turn) -> int:
        """Transcribe what the caller said and wait for the verdict that they are done."""
        stt, eot = self._stack.stt, self._stack.eot
        ttfb_ms = stt.latency.draw(self.rng)
        final_ms = turn.said_ms + ttfb_ms
        audio_s = (turn.ts_ms + final_ms - self._billed_until_ms) / 1000
        self._billed_until_ms = turn.ts_ms + final_ms
        turn.record(stt, self.rng, turn.said_ms, ttfb_ms=ttfb_ms, used=f',"audio_s":{audio_s:.2f}')
        if eot is None:
            return max(final_ms, turn.said_ms + _SILENCE_MS + self.rng.randint(0, 60))
        return max(final_ms, self.judge(turn, eot.latency, eot.head))

    def greet(self, turn: Turn, text: str) -> None:
        """Speak a text that needs no language model."""
        self._voice(turn, 0, text)

    def answer(self, turn: Turn, said: Exchange, decided_ms: int) -> None:
        """Generate and speak the answer, after a tool where the state has one."""
        start_ms = decided_ms + self.overhead_ms()
        if self._stack.preemptive:
            start_ms = self._generate_early(turn, start_ms)
        if self.rng.random() < self.shares["failed_llm"]:
            start_ms = self._fail(turn, start_ms) + self.overhead_ms()
        if said.tool is not None:
            first_ms, ms_per_token = self._generate(turn, start_ms, self.rng.randint(16, 34))
            called_ms = max(first_ms + int(20 * ms_per_token) + self.overhead_ms(), decided_ms)
            if said.filler is not None:
                self._voice(turn, called_ms, said.filler)
            start_ms = self.use_tool(turn, said.tool, called_ms) + self.overhead_ms()
        text = said.agent or ""
        first_ms, ms_per_token = self._generate(turn, start_ms, self.manner.tokens(text))
        self._voice(turn, max(first_ms, decided_ms), text, ms_per_token)

    def _generate_early(self, turn: Turn, start_ms: int) -> int:
        """Begin before the end of the turn is detected; return when the attempt that is kept began.

        An attempt on an interim transcript that turns out different is thrown away and billed for what it did.
        """
        rng, llm = self.rng, self._stack.llm
        if rng.random() >= self.shares["discarded_attempt"]:
            final_ms = turn.said_ms + (turn.operations[0].ttfb_ms or 0)
            return final_ms + self.overhead_ms()
        begun_ms = int(turn.said_ms * rng.uniform(0.4, 0.9))
        ttfb_ms = llm.latency.draw(rng)
        duration_ms = turn.said_ms - begun_ms + rng.randint(1, 90)
        written = max(0, int((duration_ms - ttfb_ms) * llm.tokens_per_s / 1000))
        used = f',"input_tokens":{self.context_tokens},"output_tokens":{min(written, 60)}'
        turn.record(
            llm, rng, begun_ms, ttfb_ms=ttfb_ms, duration_ms=duration_ms, status=',"status":"cancelled"', used=used
        )
        return start_ms

    def _fail(self, turn: Turn, start_ms: int) -> int:
        """Fail a request, which is not billed; return when the failure was known."""
        llm = self._stack.llm
        duration_ms = 40 + llm.latency.draw(self.rng) // 2
        turn.record(llm, self.rng, start_ms, duration_ms=duration_ms, status=f',"status":"error","error":"{llm.error}"')
        return start_ms + duration_ms

    def _generate(self, turn: Turn, start_ms: int, output_tokens: int) -> tuple[int, float]:
        """Run the language model; return when its first token came and how many ms each token took."""
        rng, llm = self.rng, self._stack.llm
        ttfb_ms = int(llm.latency.draw(rng) * self.slower)
        ms_per_token = 1000 / (llm.tokens_per_s * rng.uniform(0.8, 1.2))
        used = f',"input_tokens":{self.context_tokens}'
        if llm.caches and self.context_tokens > 1200:
            used = f'{used},"cached_input_tokens":{(self.context_tokens - 96) // 128 * 128}'
        used = f'{used},"output_tokens":{output_tokens}'
        turn.record(
            llm, rng, start_ms, ttfb_ms=ttfb_ms, duration_ms=ttfb_ms + int(output_tokens * ms_per_token), used=used
        )
        return start_ms + ttfb_ms, ms_per_token

    def _voice(self, turn: Turn, first_ms: int, text: str, ms_per_token: float = 0) -> None:
        """Speak ``text``, whose tokens come from ``first_ms`` on, in one request or one for each sentence."""
        rng, tts = self.rng, self._stack.tts
        ready_ms = first_ms
        for part in _SENTENCE_END.split(text) if self._stack.sentences else (text,):
            ready_ms += int(min(len(part), _FIRST_CHUNK_CHARS) / self.manner.chars_per_token * ms_per_token)
            ready_ms += self.overhead_ms()
            audio_ms = self.manner.agent_ms(part)
            ttfb_ms = tts.latency.draw(rng)
            used = f',"audio_s":{audio_ms / 1000:.2f},"characters":{len(part)}'
            turn.record(tts, rng, ready_ms, ttfb_ms=ttfb_ms, duration_ms=ttfb_ms + int(audio_ms / tts.speed), used=used)
            turn.play(ready_ms + ttfb_ms + self.playout_ms(), audio_ms)
