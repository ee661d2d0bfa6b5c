"""One object per agent process that takes what happens in its calls and has it written."""

from __future__ import annotations

import logging
import math
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from voicetel.__about__ import __version__
from voicetel.events.line import checked
from voicetel.recorder.call import Call
from voicetel.recorder.call_metrics import CallMetrics, turn_figures
from voicetel.recorder.clock import Clock
from voicetel.recorder.turn_metrics import Providers, TurnMetrics, moment_of, operation, snapshot
from voicetel.recorder.writer import FLUSH_TIMEOUT_S, EventWriter

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from types import TracebackType
    from typing import Self

__all__ = ["CallMetrics", "TelemetryService", "TurnMetrics"]

ProviderNames: TypeAlias = "Mapping[str, str | Sequence[str | None]]"
"""Stage → who is called for it: a provider, or a provider and a model."""

MAX_OPEN_CALLS: Final = 10_000
"""Calls that were begun and not finalised; past it the oldest is written and forgotten."""

_MAX_ENDED_CALLS: Final = 1_000

_log = logging.getLogger("voicetel.recorder")


class TelemetryService:
    """Records calls, turn by turn, into ``<log_dir>/…jsonl`` (see ``EventWriter``).

    ``providers`` says who is called for each stage: ``{"stt": "deepgram", "llm": ("groq", "llama-3.1-8b-instant")}``;
    ``transport`` is ``livekit`` unless said otherwise. Nothing that is recorded raises, blocks or waits for a disk.

    A turn is written when the call's next turn begins, when the call is finalised, on ``flush`` and at exit: until
    then further records may belong to it (see ``turn_metrics.Turn`` for the rule). So a process that is killed outright
    loses what was queued and, per open call, the turn that was going on.

    ``monotonic`` and ``wall`` replace the clocks, in seconds, for tests and for writing down calls of the past.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        *,
        agent_name: str | None = None,
        agent_version: str | None = None,
        providers: ProviderNames | None = None,
        writer: EventWriter | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.agent_name = agent_name
        self.agent_version = agent_version
        self.providers: Providers = {"transport": ("livekit", None)} | {
            stage: _provider_and_model(named) for stage, named in (providers or {}).items()
        }
        self.writer = writer or EventWriter(log_dir, name=agent_name)
        self.monotonic = monotonic
        self._wall = wall
        self._calls: OrderedDict[str, Call] = OrderedDict()
        self._ended: OrderedDict[str, int] = OrderedDict()
        self.writer.attach(before_flush=self._settle, after_fork=self._calls.clear)

    def new_clock(self) -> Clock:
        """Give a clock that is set by this service's wall now."""
        return Clock(monotonic=self.monotonic, wall=self._wall)

    def start_call(
        self,
        call_id: str,
        *,
        campaign: str | None = None,
        direction: str | None = None,
        language: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Say that a call begins. Optional: the first turn begins it too. Said again, the later words count."""
        call = self._calls.get(call_id) or self._take_up(call_id)
        call.campaign = campaign or call.campaign
        call.direction = direction or call.direction
        call.language = language or call.language
        self._emit_started(call, call.clock.now(), tags)

    async def record_turn(self, call_id: str, turn: TurnMetrics) -> None:
        """Record what one speaker did; see ``record``."""
        self.record(call_id, turn)

    def record(self, call_id: str, turn: TurnMetrics) -> None:
        """Do as ``record_turn`` where nothing can be awaited. The values are taken now: ``turn`` may change later."""
        try:
            record = snapshot(turn)
            call = self._calls.get(call_id) or self._open(call_id, moment_of(turn.timestamp))
            call.add(record, self.monotonic())
        except Exception:  # noqa: BLE001 - whatever is wrong with a turn, its call goes on
            _log.warning("a turn of call %.80r could not be recorded and was left out", call_id, exc_info=True)

    async def finalize_call(  # noqa: PLR0917 - its order is what agents use
        self,
        call_id: str,
        outcome: str,
        outcome_confidence: float,
        outcome_reason: str | None = None,
        interruption_count: int = 0,
        sentiment_score: float | None = None,
        stt_duration_sec: float = 0.0,
        livekit_duration_sec: float = 0.0,
        *,
        duration_sec: float | None = None,
        timestamp: datetime | float | str | None = None,
        final_state: str | None = None,
        end_reason: str | None = None,
        sip_status: int | None = None,
        amd: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> CallMetrics:
        """Write the call's end, forget the call and give its figures; also for a call of which nothing was recorded.

        ``outcome`` is a CallOutcome or its word. ``interruption_count`` counts where no turn says who was interrupted;
        0 says nothing. ``stt_duration_sec`` and ``livekit_duration_sec`` are the whole call's: what its turns do not
        carry already becomes operations of ``call_ended``. ``timestamp`` is when the call ended, now if None;
        ``duration_sec`` is measured where it is not given, and unknown for a call that nobody began.
        """
        call = self._calls.get(call_id)
        begun = call is not None and not call.resumed
        call = call or self._open(call_id)
        call.settle()
        ended_at = moment_of(timestamp) or call.clock.now()
        if begun and duration_sec is None:
            duration_sec = max((ended_at - call.started_at).total_seconds(), 0.0)
        figures = turn_figures([checked(turn()) for turn in call.turns], logged_interruptions=interruption_count)
        untold_s = {
            "stt": _more_than(figures["stt_duration_sec"], stt_duration_sec),
            "transport": _more_than(figures["livekit_duration_sec"], livekit_duration_sec),
        }
        figures["stt_duration_sec"] += untold_s["stt"]
        figures["livekit_duration_sec"] += untold_s["transport"]
        told: dict[str, Any] = {
            "final_state": final_state,
            "outcome": getattr(outcome, "value", outcome),
            "outcome_confidence": outcome_confidence,
            "outcome_reason": outcome_reason,
        }
        facts = {
            "end_reason": end_reason,
            "sip_status": sip_status,
            "amd": amd,
            "sentiment": sentiment_score,
            "tags": tags,
        }
        self.writer.emit(
            {
                "event": "call_ended",
                "ts": ended_at,
                "call_id": call_id,
                "duration_s": duration_sec,
                "operations": self._operations_of_the_call(untold_s),
                "interruption_count": interruption_count or None,
                **told,
                **facts,
            }
        )
        self._forget(call)
        return CallMetrics(
            call_id,
            agent_name=self.agent_name,
            agent_version=self.agent_version,
            campaign=call.campaign,
            direction=call.direction,
            language=call.language,
            started_at=call.started_at,
            ended_at=ended_at,
            duration_sec=duration_sec,
            sentiment_score=sentiment_score,
            **told,
            **figures,
        )

    async def flush(self, timeout_s: float = FLUSH_TIMEOUT_S) -> bool:
        """Return when everything recorded so far is on disk; False where that failed or took longer."""
        return await self.writer.aflush(timeout_s)

    def close(self, timeout_s: float = FLUSH_TIMEOUT_S) -> bool:
        """Flush and end the writer. Blocks; for the end of a program that has no event loop any more."""
        return self.writer.close(timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take_up(self, call_id: str) -> Call:
        if len(self._calls) >= MAX_OPEN_CALLS:
            self._forget(next(iter(self._calls.values())))
        call = Call(call_id, self.writer, self.new_clock(), self.providers, last_number=self._ended.get(call_id))
        self._calls[call_id] = call
        return call

    def _open(self, call_id: str, started_at: datetime | None = None) -> Call:
        """Take up a call that nobody started, and write that it began unless it was finalised before."""
        call = self._take_up(call_id)
        if started_at is not None:
            call.started_at = min(started_at, call.started_at)
        if not call.resumed:
            self._emit_started(call, call.started_at)
        return call

    def _emit_started(self, call: Call, ts: datetime, tags: Mapping[str, str] | None = None) -> None:
        self.writer.emit(
            {
                "event": "call_started",
                "ts": ts,
                "call_id": call.call_id,
                "agent_name": self.agent_name,
                "agent_version": self.agent_version,
                "campaign": call.campaign,
                "direction": call.direction,
                "language": call.language,
                "source": f"voicetel/{__version__}",
                "tags": tags,
            }
        )

    def _operations_of_the_call(self, untold_s: Mapping[str, float]) -> list[dict[str, object]] | None:
        quantities = {"stt": "audio_s", "transport": "session_s"}
        return [
            operation(stage, self.providers, {quantities[stage]: seconds})
            for stage, seconds in untold_s.items()
            if seconds
        ] or None

    def _forget(self, call: Call) -> None:
        call.settle()
        self._calls.pop(call.call_id, None)
        self._ended[call.call_id] = call.last_number
        if len(self._ended) > _MAX_ENDED_CALLS:
            self._ended.popitem(last=False)

    def _settle(self) -> None:
        for call in list(self._calls.values()):
            call.settle()


def _provider_and_model(named: str | Sequence[str | None]) -> tuple[str | None, str | None]:
    if isinstance(named, str):
        return named, None
    provider, model = (*named, None, None)[:2]
    return provider, model


def _more_than(carried_s: float, whole_s: object) -> float:
    """Seconds of a whole that are not carried yet; a whole that is no length of time adds none."""
    if not isinstance(whole_s, (int, float)) or not math.isfinite(whole_s):
        return 0.0
    return max(whole_s - carried_s, 0.0)
