"""One object per agent process that takes what happens in its calls and has it written."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from voicetel.__about__ import __version__
from voicetel.events.line import call_key
from voicetel.events.scalars import plain_text
from voicetel.recorder.clock import Clock
from voicetel.recorder.destination import ProviderNames, card_providers, destination, provider_table
from voicetel.recorder.turns.call_metrics import CallMetrics
from voicetel.recorder.turns.ended_call import EndedCall, count_or_none, seconds_of
from voicetel.recorder.turns.open_call import OpenCall, OpenCalls
from voicetel.recorder.turns.turn_metrics import TIMESTAMP, StageProviders, TurnMetrics, snapshot, time_of
from voicetel.recorder.writer import FLUSH_TIMEOUT_S, EventWriter
from voicetel.recorder.writer.warnings import warn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    from voicetel.recorder.turns.call_log import CallLog
    from voicetel.recorder.turns.recorded_turn import RecordedTurn
    from voicetel.recorder.turns.turn_metrics import Snapshot

__all__ = ["CallMetrics", "ProviderNames", "TelemetryService", "TurnMetrics"]

MAX_FINALIZED_CALLS: Final = 100
"""Finalised calls whose figures and records ``get_call_metrics`` and ``get_call_logs`` still give."""

_MANY_TURNS: Final = 50
"""Figures of a longer call are computed in a thread: an event loop waits for at most some milliseconds of work."""


class TelemetryService:
    """Records calls, turn by turn, into ``<log_dir>/…jsonl`` (see ``EventWriter``).

    ``providers`` says who is called for each stage: ``{"stt": "deepgram", "llm": ("groq", "llama-3.1-8b-instant")}``;
    ``transport`` is ``livekit`` unless given. Nothing that is recorded raises, blocks or waits for a disk; what could
    not be recorded is counted in ``writer.lost``. Threads may share a service, and a call.

    A turn is written when the call's next turn begins, when the call is finalised, on ``flush``, when the service is
    dropped and at exit: until then further records may belong to it (see ``turns.recorded_turn`` for the rule). So a
    process that is killed outright loses what was queued and, per open call, the turn that was going on.

    Instead of a folder a database session may be given, as agents do that come from a telemetry of their own (see
    docs/migrating.md): it is kept as ``db_session`` and not used, the log goes to ``$VOICETEL_LOGS``, else ``./logs``,
    and stages of which the rate card knows one provider alone are that provider's.

    ``monotonic`` and ``wall`` replace the clocks, in seconds, for tests and for writing down calls of the past.
    """

    def __init__(
        self,
        log_dir: object,
        *,
        agent_name: str | None = None,
        agent_version: str | None = None,
        providers: ProviderNames | None = None,
        writer: EventWriter | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        folder, is_given = destination(log_dir)
        self.db_session: Any = None if is_given else log_dir
        self.agent_name = agent_name
        self.agent_version = agent_version
        assumed = {} if is_given else card_providers()
        self.providers: StageProviders = {"transport": ("livekit", None), **assumed, **provider_table(providers)}
        self.writer = writer or EventWriter(folder, name=agent_name)
        self.monotonic = monotonic
        self._calls = OpenCalls(self.writer.emit, partial(Clock, monotonic=monotonic, wall=wall))
        self._finalized: OrderedDict[str, tuple[CallMetrics, EndedCall]] = OrderedDict()
        self.writer.attach(before_flush=self._calls.emit_open_turns, after_fork=self._calls.begin_anew)
        weakref.finalize(self, self._calls.emit_open_turns).atexit = False

    def clock_of(self, call_id: object) -> Clock:
        """Give the clock of a call, whether it has begun or not: all that is measured of a call goes by one clock."""
        return self._calls.clock(call_key(call_id) or "")

    def start_call(
        self,
        call_id: object,
        *,
        campaign: str | None = None,
        direction: str | None = None,
        language: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Report that a call begins. Optional: the first turn begins it too. Reported again, the later values count.

        A ``call_id`` may be a UUID or anything else with one plain spelling: a UUID and its text are one call.
        """
        key = call_key(call_id)
        if key is None:
            self._count_lost(call_id, "a call without a usable call_id")
            return
        with self._calls.lock:
            call, evicted = self._calls.by_id.get(key), None
            if call is None:
                call, evicted = self._calls.begin(key, self.providers)
            call.campaign = call.campaign if campaign is None else campaign
            call.direction = call.direction if direction is None else direction
            call.language = call.language if language is None else language
        if evicted is not None:
            self.writer.emit(evicted)
        self._emit_started(call, call.clock.now(), tags)

    async def record_turn(
        self, call_id: object, turn: TurnMetrics | None = None, *, metrics: TurnMetrics | None = None
    ) -> None:
        """Record what one speaker did; see ``record``. ``metrics`` is another name of ``turn``."""
        self.record(call_id, turn if metrics is None else metrics)

    def record(self, call_id: object, turn: TurnMetrics | None) -> None:
        """Do as ``record_turn`` where nothing can be awaited. The values are taken now: ``turn`` may change later."""
        try:
            record, recorded_at_s = snapshot(turn), self.monotonic()
            calls, begins = self._calls, False
            lock = calls.lock
            lock.acquire()  # ``with`` takes twice as long, and this is the agent's time
            try:
                # A text that names a call which is going on is its key already.
                call = calls.by_id.get(call_id) if type(call_id) is str else None
                if call is None and (call := calls.by_id.get(key := call_key(call_id) or "")) is None and key:
                    begins = True
                    call, evicted = self._begin(key, record)
                finished = None if call is None else call.add(record, recorded_at_s)
            finally:
                lock.release()
        except Exception:  # noqa: BLE001 - whatever is wrong with a turn, its call goes on
            self._count_lost(call_id, "a turn that could not be recorded", with_traceback=True)
            return
        if call is None:
            self._count_lost(call_id, "a turn without a usable call_id")
        elif begins:
            self._emit_begun(call, evicted)
        if finished is not None:
            self.writer.emit(finished)

    async def finalize_call(  # noqa: PLR0917 - its order is what agents use
        self,
        call_id: object,
        outcome: str,
        outcome_confidence: float,
        outcome_reason: str | None = None,
        interruption_count: int | None = None,
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
        0 where none has the times of the agent's audio either, None: nobody counted. ``stt_duration_sec`` and ``livekit_duration_sec`` are the whole call's: what its turns do not
        carry already becomes operations of ``call_ended``. ``timestamp`` is when the call ended, now if None;
        ``duration_sec`` is measured where it is not given, and unknown for a call that nobody began.
        """
        facts = {
            "final_state": final_state,
            "outcome": plain_text(outcome),
            "outcome_confidence": outcome_confidence,
            "outcome_reason": outcome_reason,
            "end_reason": end_reason,
            "sip_status": sip_status,
            "amd": amd,
            "sentiment": sentiment_score,
            "tags": tags,
        }
        usage = count_or_none(interruption_count), seconds_of(stt_duration_sec), seconds_of(livekit_duration_sec)
        call, ended = self._end(call_id, time_of(timestamp), duration_sec, usage, facts)
        if len(ended.turns) > _MANY_TURNS:
            figures = await asyncio.to_thread(ended.figures)
        else:
            figures = ended.figures()
        metrics = ended.metrics(call, figures, agent_name=self.agent_name, agent_version=self.agent_version)
        if metrics.call_id:
            self._remember_finalized(metrics, ended)
        return metrics

    async def get_call_metrics(self, call_id: object) -> CallMetrics | None:
        """Give what ``finalize_call`` gave for one of the last calls, MAX_FINALIZED_CALLS of them; else None."""
        kept = self._finalized.get(call_key(call_id) or "")
        return kept[0] if kept else None

    async def get_call_logs(self, call_id: object) -> list[CallLog]:
        """Give the records of one of the last calls that were finalised, in their order; else none."""
        kept = self._finalized.get(call_key(call_id) or "")
        return [] if kept is None else [log for turn in kept[1].turns for log in turn.logs()]

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

    def _begin(self, key: str, record: Snapshot | None = None) -> tuple[OpenCall, RecordedTurn | None]:
        """Begin a call that nobody started: with its first record, or with its end. The lock is held."""
        call, evicted = self._calls.begin(key, self.providers)
        started_at = None if record is None else time_of(record[TIMESTAMP])
        if started_at is not None:
            call.started_at = min(started_at, call.started_at)
        return call, evicted

    def _end(
        self,
        call_id: object,
        ended_at: datetime | None,
        duration_s: float | None,
        usage: tuple[int | None, float, float],
        facts: Mapping[str, object],
    ) -> tuple[OpenCall, EndedCall]:
        """Forget a call and have its end written, before anything is awaited: a task may be cancelled there."""
        key = call_key(call_id)
        if key is None:
            self._count_lost(call_id, "the end of a call without a usable call_id")
            call, known, finished = self._calls.nameless(self.providers), None, None
        else:
            with self._calls.lock:
                known = self._calls.by_id.get(key)
                call, evicted = (known, None) if known else self._begin(key)
                finished = self._calls.end(call)
            if known is None:
                self._emit_begun(call, evicted)
        if finished is not None:
            self.writer.emit(finished)
        ended_at = ended_at or call.clock.now()
        if known is not None and not call.resumed and duration_s is None:
            duration_s = max((ended_at - call.started_at).total_seconds(), 0.0)
        ended = EndedCall(call.call_id, ended_at, duration_s, call.turns, self.providers, *usage, facts)
        if key is not None:
            self.writer.emit(ended)
        return call, ended

    def _emit_begun(self, call: OpenCall, evicted: RecordedTurn | None) -> None:
        if evicted is not None:
            self.writer.emit(evicted)
        if not call.resumed:
            self._emit_started(call, call.started_at)

    def _emit_started(self, call: OpenCall, ts: datetime, tags: Mapping[str, str] | None = None) -> None:
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

    def _remember_finalized(self, metrics: CallMetrics, ended: EndedCall) -> None:
        with self._calls.lock:
            self._finalized[metrics.call_id] = metrics, ended
            self._finalized.move_to_end(metrics.call_id)
            if len(self._finalized) > MAX_FINALIZED_CALLS:
                self._finalized.popitem(last=False)

    def _count_lost(self, call_id: object, what: str, *, with_traceback: bool = False) -> None:
        self.writer.count_lost({"call_id": call_id})
        warn("%s was left out", what, with_traceback=with_traceback)
