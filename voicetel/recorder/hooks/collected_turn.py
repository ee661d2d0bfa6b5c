"""A turn that is being measured: what the hooks have reported so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicetel.recorder.hooks.stage_timer import StageTimer, TimedOperation, elapsed_ms
from voicetel.recorder.hooks.turn_context import TurnContext
from voicetel.recorder.turns.call_figures import turn_latencies, used
from voicetel.recorder.turns.record import operation
from voicetel.recorder.turns.turn_metrics import TurnMetrics, side_of

if TYPE_CHECKING:
    from voicetel.recorder.clock import Clock
    from voicetel.recorder.turns.turn_metrics import Operation, SpeakerSide, StageProviders


@dataclass(slots=True)
class SpeechSpan:
    """A span of somebody's speech, in seconds of the collector's clock."""

    start_s: float | None = None
    end_s: float | None = None


@dataclass(slots=True)
class CollectedTurn:
    """What is known of the turn that is going on. ``implied``: a hook came before ``start_turn`` did.

    ``user_speech`` is the caller's speech that the turn answers, ``agent_playback`` each stretch of the agent's audio.

    ``eou_from`` is ``turn_start`` where ``eou_latency_ms`` counts from ``started_s``.
    """

    number: int
    role: str
    content: str
    state_id: str | None
    started_s: float
    implied: bool = False
    stages: dict[str, StageTimer] = field(default_factory=lambda: {s: StageTimer() for s in ("stt", "llm", "tts")})
    user_speech: SpeechSpan | None = None
    agent_playback: list[SpeechSpan] = field(default_factory=list)
    eou_latency_ms: float | None = None
    eou_from: str | None = None
    interrupted: bool | None = None

    @property
    def side(self) -> SpeakerSide | None:
        """Whose text its content is."""
        return side_of(self.role)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was reported of it yet."""
        timed = any(timer.operations for timer in self.stages.values())
        return not (self.content or timed or self.user_speech or self.agent_playback)

    def metrics(self, clock: Clock, providers: StageProviders) -> TurnMetrics:
        """Give the turn as the record to write."""
        zero_s = self._earliest_s()
        operations = self._operations(zero_s, providers)
        turns = [{"operations": operations}]
        latencies = turn_latencies(turns[0])
        synthesized = " ".join(o.text for o in self.stages["tts"].operations if o.text) or None
        is_agents = self.side == "agent"
        speech, spans = self.user_speech or SpeechSpan(), self.agent_playback
        return TurnMetrics(
            self.number,
            self.role,
            self.content or (synthesized or "" if is_agents else ""),
            state_id=self.state_id,
            ttfb_stt=latencies["stt_ttfb_ms"],
            ttft_llm=latencies["llm_ttft_ms"],
            latency_llm=latencies["llm_latency_ms"],
            ttfb_tts=latencies["tts_ttfb_ms"],
            eou_latency=self.eou_latency_ms,
            llm_input_tokens=int(used(turns, "llm", "input_tokens")),
            llm_output_tokens=int(used(turns, "llm", "output_tokens")),
            tts_characters=int(used(turns, "tts", "characters")),
            stt_duration_sec=used(turns, "stt", "audio_s"),
            timestamp=clock.at(zero_s),
            was_interrupted=self.interrupted,
            agent_text=None if is_agents else synthesized,
            user_start_ms=elapsed_ms(zero_s, speech.start_s),
            user_end_ms=elapsed_ms(zero_s, speech.end_s),
            agent_start_ms=elapsed_ms(zero_s, spans[0].start_s) if spans else None,
            agent_end_ms=elapsed_ms(zero_s, spans[-1].end_s) if spans else None,
            agent_spans_ms=self._spans_ms(zero_s) if len(spans) > 1 else None,
            operations=operations,
            eou_from=self.eou_from,
        )

    def context(self) -> TurnContext:
        """Give what is known so far, for a look from outside."""
        first = {stage: next(iter(timer.operations), TimedOperation()) for stage, timer in self.stages.items()}
        stt, llm, tts = first["stt"], first["llm"], first["tts"]
        return TurnContext(
            self.number,
            self.role,
            self.content,
            self.state_id,
            self.started_s,
            stt.start_s,
            stt.ttfb_ms,
            llm.start_s,
            llm.duration_ms,
            tts.start_s,
            tts.ttfb_ms,
            self.eou_latency_ms,
            sum(o.input_tokens or 0 for o in self.stages["llm"].operations),
            sum(o.output_tokens or 0 for o in self.stages["llm"].operations),
            sum(o.characters or 0 for o in self.stages["tts"].operations),
        )

    def _earliest_s(self) -> float:
        starts = [o.start_s for timer in self.stages.values() for o in timer.operations]
        speech = [
            edge for span in (self.user_speech, *self.agent_playback) if span for edge in (span.start_s, span.end_s)
        ]
        return min(time_s for time_s in (self.started_s, *starts, *speech) if time_s is not None)

    def _operations(self, zero_s: float, providers: StageProviders) -> list[Operation]:
        timed = [(stage, each) for stage, timer in self.stages.items() for each in timer.operations]
        return [
            operation(stage, _chosen(stage, each, providers), values)
            for stage, each in timed
            if (values := each.values(zero_s))
        ]

    def _spans_ms(self, zero_s: float) -> list[tuple[float, float]]:
        edges = ((elapsed_ms(zero_s, span.start_s), elapsed_ms(zero_s, span.end_s)) for span in self.agent_playback)
        return [(begin, end) for begin, end in edges if begin is not None and end is not None]


def _chosen(stage: str, timed: TimedOperation, providers: StageProviders) -> StageProviders:
    """Let the hook's own provider and model stand before those of the service; another provider, another model."""
    provider, model = providers.get(stage, (None, None))
    if timed.provider is not None and timed.provider != provider:
        provider, model = timed.provider, None
    return {stage: (provider, timed.model or model)}
