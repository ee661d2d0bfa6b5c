"""A turn under construction, with the requests that are still running in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import TYPE_CHECKING

from voicetel.events.turn_builder import TurnBuilder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicetel.events.operation import Operation


@dataclass(slots=True)
class OpenTurn(TurnBuilder):
    """A turn that may still change.

    ``turn_start_s`` is when the caller's turn began, ``endpointed_s`` when its end was detected; both are None where the agent
    speaks unasked. ``running_llm`` and ``running_tts`` are the running operations of LLM and TTS services by their names,
    ``running_tools`` those of tools by the call's id; ``made_audio_s`` is how much audio was made for the reply, ``confidences`` how sure the
    transcriber was of each final transcript of the caller's.
    """

    turn_start_s: float | None = None
    endpointed_s: float | None = None
    running_llm: dict[str, Operation] = field(default_factory=dict)
    running_tts: dict[str, Operation] = field(default_factory=dict)
    running_tools: dict[str, Operation] = field(default_factory=dict)
    made_audio_s: float = 0.0
    confidences: list[float] = field(default_factory=list)

    @property
    def is_busy(self) -> bool:
        """Whether something is still being asked for."""
        return bool(self.running_llm or self.running_tools)

    @property
    def awaits_usage(self) -> bool:
        """Whether a model that was cut off may still report what it used."""
        return any(
            o.stage in {"llm", "realtime"} and o.status == "cancelled" and not o.quantities for o in self.operations
        )

    @property
    def played_audio_s(self) -> float:
        """How much audio was played."""
        return sum(end_s - start_s for start_s, end_s in self.spans)

    @property
    def counts_as_turn(self) -> bool:
        """Whether it is one: there is a text or audio of either side, or a request for an answer. Noise alone is none."""
        answered = any(operation.stage in {"llm", "realtime", "tts", "tool"} for operation in self.operations)
        return self.has_agent or bool(self.user_text) or (self.has_user and answered)

    def cancel_requests(self, at_s: float) -> None:
        """Give up what a model is still asked for."""
        self.operations += [ended(operation.cancelled(), at_s) for operation in self.running_llm.values()]
        self.running_llm.clear()

    def finish(self) -> None:
        """End what is still running: no report of it comes any more."""
        self.operations += [
            operation.cancelled() for operation in (*self.running_llm.values(), *self.running_tools.values())
        ]
        self.operations += [made for operation in self.running_tts.values() if (made := _made(operation)) is not None]
        self.running_llm, self.running_tools, self.running_tts = {}, {}, {}
        self.user_confidence = fmean(self.confidences) if self.confidences else None
        transcribed = one_per_service(each for each in self.operations if each.stage == "stt")
        others = [each for each in self.operations if each.stage != "stt"]
        # A streaming transcriber's operation runs from the caller's last sound to the final transcript.
        placed = [replace(each, start_s=self.user_end_s if each.ttfb_s is not None else None) for each in transcribed]
        self.operations = [*placed, *others]


def ended(operation: Operation, at_s: float) -> Operation:
    """Give an operation that ends now, unless its length is known already."""
    if operation.duration_s is not None or operation.start_s is None:
        return operation
    return replace(operation, duration_s=max(at_s - operation.start_s, 0.0))


def one_per_service(operations: Iterable[Operation]) -> list[Operation]:
    """Make one operation of each transcriber's reports: the last time to the final transcript, all of its audio."""
    merged: dict[tuple[str | None, str | None], Operation] = {}
    for each in operations:
        before = merged.get((each.provider, each.model))
        if before is None:
            merged[each.provider, each.model] = each
            continue
        names = sorted({*before.quantities, *each.quantities})
        amounts = {name: before.quantities.get(name, 0) + each.quantities.get(name, 0) for name in names}
        last = each if each.ttfb_s is not None else before
        merged[each.provider, each.model] = replace(last, quantities=amounts)
    return list(merged.values())


def _made(operation: Operation) -> Operation | None:
    """An operation of speech without audio was given up, and its "first byte" is when; None if nothing was asked for."""
    if operation.quantities.get("audio_s") or operation.status == "error":
        return operation
    if not operation.quantities:
        return None
    return replace(operation, status="cancelled", ttfb_s=None, duration_s=None)
