"""A scripted LiveKit call with its log: what was recorded, beside what was prescribed and what a listener saw."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.livekit.session import Pace, Reply, ScriptedCall
from support.recorded import LogOfCall
from support.soak import SOAK
from voicetel.recorder.livekit import SessionRecorder, record
from voicetel.testing import capture_events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from support.livekit.realtime import ScriptedRealtimeModel

DELAYS_S: tuple[float, ...] = (0.0, 0.02, 0.05, 0.12, 0.2, 0.5)
"""What is swept: how late something comes that may come before, while or after the recorder looks for it."""

if SOAK:
    DELAYS_S = (*DELAYS_S, 0.01, 0.08, 0.09, 0.1, 0.11, 0.15, 0.3, 0.8, 1.5)


@dataclass
class RecordedCall(LogOfCall):
    """The call, its recorder and the events written so far."""

    call: ScriptedCall
    recorder: SessionRecorder
    captured: list[dict[str, Any]]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of this call: others may go on beside it."""
        return [line for line in self.captured if line["call_id"] == self.recorder.call_id]


@contextlib.asynccontextmanager
async def recorded_call(
    replies: Mapping[str, Reply],
    *,
    pace: Pace | None = None,
    language: str = "en",
    speech_model: ScriptedRealtimeModel | None = None,
    session_options: Mapping[str, Any] | None = None,
    **options: Any,
) -> AsyncIterator[RecordedCall]:
    """A call under record; its session is closed when the block ends, whatever happened in it."""
    with capture_events() as events:
        call = ScriptedCall(replies, pace=pace, language=language, speech_model=speech_model, **(session_options or {}))
        recorder = record(call.session, call_id="c-1", language=language, **options)
        try:
            yield RecordedCall(call, recorder, events)
        finally:
            await call.session.aclose()


async def sweep(
    delays_s: Sequence[float], play: Callable[[float], Awaitable[tuple[ScriptedCall, SessionRecorder]]]
) -> dict[float, RecordedCall]:
    """Play a call once for each delay, all at the same time; gives the log of each."""
    with capture_events() as events:
        played = await asyncio.gather(*(play(delay_s) for delay_s in delays_s))
    return {
        delay_s: RecordedCall(call, recorder, events)
        for delay_s, (call, recorder) in zip(delays_s, played, strict=True)
    }


def operations(event: Mapping[str, Any], stage: str) -> list[dict[str, Any]]:
    """The operations of one stage in an event."""
    return [operation for operation in event.get("operations", []) if operation["stage"] == stage]


def total(log: RecordedCall, stage: str, quantity: str) -> float:
    """A quantity summed over everything the log holds."""
    used = [operation for line in log.events for operation in operations(line, stage)]
    return sum(float(operation.get(quantity, 0)) for operation in used)
