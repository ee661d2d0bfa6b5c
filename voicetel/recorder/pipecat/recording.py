"""One line beside a worker: ``record(worker)``."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from voicetel.events.line import call_key
from voicetel.recorder.pipecat.call_recorder import CallRecorder
from voicetel.recorder.writer.shared_writer import shared_writer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipecat.pipeline.worker import PipelineWorker
    from pipecat.transports.base_transport import BaseTransport

    from voicetel.recorder.destination import ProviderOverrides
    from voicetel.recorder.writer import EventWriter

_HANGUP_EVENTS: Final = ("on_client_disconnected", "on_participant_left", "on_participant_disconnected")
"""What transports call it when the caller leaves."""

_recorders: WeakKeyDictionary[PipelineWorker, CallRecorder] = WeakKeyDictionary()


def record(
    worker: PipelineWorker,
    *,
    transport: BaseTransport | None = None,
    log_dir: str | os.PathLike[str] | None = None,
    call_id: object = None,
    agent_name: str | None = None,
    agent_version: str | None = None,
    campaign: str | None = None,
    direction: str | None = None,
    language: str | None = None,
    tags: Mapping[str, str] | None = None,
    providers: ProviderOverrides | None = None,
    writer: EventWriter | None = None,
) -> CallRecorder:
    """Record a worker's call, from now until its pipeline has finished. Call it before the worker runs.

    ``transport`` tells who hung up. ``log_dir`` is $VOICETEL_LOGS where it is not given, else ``./logs``. The call's id
    is the worker's conversation id where ``call_id`` is not given, else random. ``providers`` puts a stage's bill into
    other hands than the service's package says: ``{"llm": ("groq", "llama-3.1-8b-instant")}``. Without
    ``enable_metrics`` and ``enable_usage_metrics`` Pipecat measures and counts nothing: that is warned of.

    Recording never raises into the pipeline and never waits. A worker is recorded once: a second call gives the
    recorder that is already there.
    """
    if worker in _recorders:
        return _recorders[worker]
    known_id = call_id if call_id is not None else getattr(worker, "_conversation_id", None)
    call_started_fields = {
        "agent_name": agent_name,
        "agent_version": agent_version,
        "campaign": campaign,
        "direction": direction,
        "language": language,
        "tags": dict(tags or {}) or None,
    }
    folder = Path(log_dir or os.environ.get("VOICETEL_LOGS") or "logs")
    recorder = CallRecorder(
        writer or shared_writer(folder),
        call_key(known_id) or uuid.uuid4().hex,
        call_started_fields=call_started_fields,
        providers=providers or {},
    )
    _recorders[worker] = recorder
    _listen(worker, transport, recorder)
    return recorder


def _listen(worker: PipelineWorker, transport: BaseTransport | None, recorder: CallRecorder) -> None:
    async def finished(*_: object) -> None:
        await recorder.pipeline_finished()

    async def idle(*_: object) -> None:
        recorder.note(end_reason="timeout")

    async def hung_up(*_: object) -> None:
        recorder.note(end_reason="caller_hangup")

    worker.add_observer(recorder.observer)
    worker.add_event_handler("on_pipeline_finished", finished)
    worker.add_event_handler("on_idle_timeout", idle)
    for name in _HANGUP_EVENTS:
        # Pipecat warns of an event that a transport does not have.
        if transport is not None and name in getattr(transport, "_event_handlers", {}):
            transport.add_event_handler(name, hung_up)
