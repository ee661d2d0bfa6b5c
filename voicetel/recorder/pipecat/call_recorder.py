"""The recording of one call: how it begins and ends, and what the agent's code can add."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from pipecat import version as pipecat_version

from voicetel.events.operation import operation_list
from voicetel.events.scalars import plain_text
from voicetel.events.timestamps import utc_time
from voicetel.events.turn_builder import INTERRUPTED_BY_OF_END_REASON
from voicetel.recorder.pipecat.frame_observer import FrameObserver
from voicetel.recorder.pipecat.open_turn import one_per_service
from voicetel.recorder.pipecat.requests import Requests
from voicetel.recorder.pipecat.turn_tracker import TurnTracker
from voicetel.recorder.writer import process_exit
from voicetel.recorder.writer.warnings import warn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voicetel.events.operation import Operation
    from voicetel.recorder.destination import ProviderOverrides
    from voicetel.recorder.pipecat.open_turn import OpenTurn
    from voicetel.recorder.writer import EventWriter

_DRAIN_TIMEOUT_S: Final = 1.0


class CallRecorder:
    """Records one call. ``record`` makes it; ``observer`` is what Pipecat calls, ``writer`` what it is written with.

    ``note`` and ``mark`` are for what a pipeline cannot know by itself.
    """

    def __init__(
        self,
        writer: EventWriter,
        call_id: str,
        *,
        call_started_fields: Mapping[str, object],
        providers: ProviderOverrides,
    ) -> None:
        self.call_id = call_id
        self.writer = writer
        self._call_started_fields = call_started_fields
        self._tracker = TurnTracker(self._emit_turn)
        self._requests = Requests(self._tracker, providers)
        self.observer = FrameObserver(self, self._tracker, self._requests)
        self._began_s: float | None = None
        self._ending: tuple[float, bool] | None = None
        self._is_finished = False
        self._turn_count = 0
        self._noted_evidence: dict[str, object] = {}
        process_exit.before_end(self._on_process_end)

    def note(self, **evidence: object) -> None:
        """Keep what is known of how the call ends, for its ``call_ended``.

        ``end_reason``, ``final_state``, ``outcome``, ``amd``, ``sip_status``, ``sentiment``, ``tags`` and the other fields
        of that event. Given again, the later value counts; None says nothing.
        """
        self._noted_evidence.update({name: value for name, value in evidence.items() if value is not None})

    def mark(self, kind: str, value: str | None = None) -> None:
        """Write that something else happened now, such as a ``transfer``, a ``hold`` or ``no_input``."""
        self.mark_at(self.observer.now(), kind, value)

    def mark_at(self, at_s: float, kind: str, value: str | None = None) -> None:
        """Write that something else happened, at a time in seconds since the epoch."""
        self._emit("mark", at_s, kind=kind, value=value)

    def started(self, at_s: float, *, with_metrics: bool) -> None:
        """Write that the call begins. Called by the observer."""
        if self._began_s is not None:
            return
        self._began_s = at_s
        if not with_metrics:
            warn(
                "call %s: Pipecat's metrics are off, so it is recorded without times to first byte, tokens and characters:"
                " PipelineParams(enable_metrics=True, enable_usage_metrics=True)",
                self.call_id,
            )
        self._emit("call_started", at_s, source=f"pipecat-ai/{pipecat_version()}", **self._call_started_fields)

    def ending(self, at_s: float, *, asked: bool, reason: object) -> None:
        """Keep when and how the pipeline was ended. Called by the observer."""
        if self._ending is None:
            self._ending = at_s, asked
            if (text := plain_text(reason)) is not None:
                tags = self._noted_evidence.get("tags")
                self._noted_evidence["tags"] = {"pipecat.end_reason": text, **(tags if isinstance(tags, dict) else {})}

    async def pipeline_finished(self) -> None:
        """Write the end of the call once the observer has read all frames: some services report at the very end."""
        deadline_s = time.monotonic() + _DRAIN_TIMEOUT_S
        seen = -1
        while seen != self.observer.seen and time.monotonic() < deadline_s:
            seen = self.observer.seen
            await asyncio.sleep(0.01)
        self.finish()

    def finish(self) -> None:
        """Write what is open and the end of the call; once."""
        if self._is_finished:
            return
        self._is_finished = True
        process_exit.no_longer_before_end(self._on_process_end)
        if self._began_s is None:
            return
        at_s, asked = self._ending or (self.observer.now(), False)
        end_reason = self._noted_evidence.setdefault("end_reason", "agent_hangup" if asked else None)
        self._tracker.close(at_s, INTERRUPTED_BY_OF_END_REASON.get(str(end_reason), "agent"))
        self._emit_usage(at_s, self._requests.unplaced)
        self._emit("call_ended", at_s, duration_s=round(max(at_s - self._began_s, 0.0), 3), **self._noted_evidence)

    def _on_process_end(self) -> None:
        """The process ends under the call, asked to by a signal perhaps: nothing of it comes any more."""
        self.finish()

    def _emit_turn(self, turn: OpenTurn) -> None:
        if turn.counts_as_turn:
            self._turn_count += 1
            self.writer.emit(turn.event(self.call_id, self._turn_count))
        else:
            self._emit_usage(turn.opened_s, turn.operations)
            if turn.endpointed_s is not None and turn.user_end_s is not None:
                self.mark_at(turn.user_end_s, "unheard")

    def _emit_usage(self, at_s: float, operations: Iterable[Operation]) -> None:
        """Write billed work that belongs to no turn."""
        billed = one_per_service(each for each in operations if each.quantities and each.stage == "stt")
        billed += [each for each in operations if each.quantities and each.stage != "stt"]
        if billed:
            self._emit("usage", at_s, operations=operation_list(billed, None))

    def _emit(self, event: str, at_s: float, **fields: Any) -> None:
        known = {name: value for name, value in fields.items() if value is not None}
        self.writer.emit({"event": event, "ts": utc_time(at_s), "call_id": self.call_id, **known})
