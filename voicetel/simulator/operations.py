"""One turn's calls to providers: when each began, how long it took, what it used, as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from voicetel.simulator.models import Model


@dataclass(slots=True)
class Operation:
    """One call to a provider. Times are in ms of the turn; ``used`` is JSON of its quantities, after a comma."""

    head: str
    start_ms: int
    ttfb_ms: int | None = None
    duration_ms: int | None = None
    status: str = ""
    used: str = ""

    def json(self, cut_ms: int) -> str:
        """Write the operation as it went until ``cut_ms``, when the turn was over: what still ran was cancelled."""
        duration, status, ttfb = self.duration_ms, self.status, self.ttfb_ms
        if duration is not None and self.start_ms + duration > cut_ms:
            duration = cut_ms - self.start_ms
            status = status or ',"status":"cancelled"'
        parts = f'{self.head},"start_ms":{self.start_ms}'
        if ttfb is not None and (duration is None or ttfb <= duration):
            parts = f'{parts},"ttfb_ms":{ttfb}'
        if duration is not None:
            parts = f'{parts},"duration_ms":{duration}'
        return f"{parts}{status}{self.used}}}"


@dataclass(slots=True)
class Operations:
    """The operations of one turn, in the order they were made."""

    rng: Random
    made: list[Operation] = field(default_factory=list)

    def transcribe(self, stt: Model, said_ms: int, heard_ms: int) -> int:
        """Streaming STT of speech that ended at ``said_ms``; return when the final transcript stood."""
        ttfb = stt.latency.draw(self.rng)
        used = f',"audio_s":{(heard_ms + 380) / 1000:.2f}'
        self.made.append(Operation(stt.operation(self.rng), said_ms, ttfb, used=used))
        return said_ms + ttfb

    def judge(self, eot: Model, said_ms: int) -> int:
        """Decide that the caller is done; return when it was decided."""
        duration = eot.latency.draw(self.rng)
        self.made.append(Operation(eot.head, said_ms, duration_ms=duration))
        return said_ms + duration

    def generate(
        self, model: Model, start_ms: int, input_tokens: int, output_tokens: int, slower: float = 1, status: str = ""
    ) -> tuple[int, float]:
        """Run a language model; return when its first token came and how many ms each token took."""
        rng = self.rng
        ttft = int(model.latency.draw(rng) * slower)
        ms_per_token = 1000 / (model.tokens_per_s * rng.uniform(0.8, 1.2))
        used = f',"input_tokens":{input_tokens}'
        if model.caches and input_tokens > 1200:
            used = f'{used},"cached_input_tokens":{(input_tokens - 96) // 128 * 128}'
        duration = ttft + int(output_tokens * ms_per_token)
        operation = Operation(
            model.operation(rng), start_ms, ttft, duration, status, f'{used},"output_tokens":{output_tokens}'
        )
        self.made.append(operation)
        return start_ms + ttft, ms_per_token

    def fail(self, model: Model, start_ms: int) -> int:
        """Fail a request, which is not billed; return when the failure was known."""
        duration = 40 + model.latency.draw(self.rng) // 2
        status = f',"status":"error","error":"{model.error}"'
        self.made.append(Operation(model.operation(self.rng), start_ms, duration_ms=duration, status=status))
        return start_ms + duration

    def abandon(self, model: Model, start_ms: int, end_ms: int, input_tokens: int) -> None:
        """Cancel a generation at ``end_ms``; it is billed for what it had read and written."""
        ttft = model.latency.draw(self.rng)
        duration = max(1, end_ms - start_ms)
        written = max(0, int((duration - ttft) * model.tokens_per_s / 1000))
        used = f',"input_tokens":{input_tokens},"output_tokens":{written}'
        self.made.append(
            Operation(model.operation(self.rng), start_ms, ttft, duration, ',"status":"cancelled"', used)
        )

    def synthesise(self, tts: Model, start_ms: int, text: str, audio_ms: int) -> int:
        """Make speech; return when its first audio came."""
        ttfb = tts.latency.draw(self.rng)
        duration = ttfb + int(audio_ms / tts.speed)
        used = f',"characters":{len(text)},"audio_s":{audio_ms / 1000:.2f}'
        self.made.append(Operation(tts.operation(self.rng), start_ms, ttfb, duration, used=used))
        return start_ms + ttfb

    def use_tool(self, name: str, start_ms: int, failed_share: float) -> int:
        """Run a tool; return when it answered."""
        duration = int(self.rng.lognormvariate(5.6, 0.7))
        status = ""
        if self.rng.random() < failed_share:
            duration, status = duration + 1500, ',"status":"error","error":"timeout after 1500 ms"'
        head = f'{{"stage":"tool","name":"{name}"'
        self.made.append(Operation(head, start_ms, duration_ms=duration, status=status))
        return start_ms + duration

    def respond(self, model: Model, start_ms: int, tokens: str, audio_ms: int) -> int:
        """Answer speech with speech; return when the first audio came."""
        ttfb = model.latency.draw(self.rng)
        duration = ttfb + audio_ms // 3
        self.made.append(Operation(model.operation(self.rng), start_ms, ttfb, duration, used=tokens))
        return start_ms + ttfb
