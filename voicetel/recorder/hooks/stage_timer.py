"""The calls to one kind of provider within a turn, measured from hooks that may be missing, doubled or out of order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class TimedOperation:
    """One call to a provider. Times are seconds of the collector's clock, None where the hook never came."""

    start_s: float | None = None
    provider: str | None = None
    model: str | None = None
    request_id: str | None = None
    text: str | None = None
    ttfb_ms: float | None = None
    duration_ms: float | None = None
    status: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    audio_s: float | None = None
    complete: bool = False
    sure: bool = True
    """Whether it is known which hooks are this operation's; where it is not, nothing is measured."""

    @property
    def characters(self) -> int | None:
        """How many characters were sent to be synthesized."""
        return len(self.text) if self.text else None

    def values(self, zero_s: float) -> dict[str, object]:
        """Give it the way the event format writes it, ``start_ms`` counted from ``zero_s``; empty if nothing is known of it."""
        known = {
            "ttfb_ms": self.ttfb_ms,
            "duration_ms": self.duration_ms,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "audio_s": self.audio_s,
            "characters": self.characters,
        }
        if all(value is None for value in known.values()) and self.status is None:
            return {}
        start_ms = elapsed_ms(zero_s, self.start_s) if self.sure else None
        return {"request_id": self.request_id, "start_ms": start_ms, "status": self.status, **known}


class StageTimer:
    """Pairs each start with its first byte and its end.

    Hooks that carry a ``request_id`` are paired by it. Among those without, a hook that could belong to more than
    one operation measures nothing: a number that may be wrong is none.
    """

    def __init__(self) -> None:
        self.operations: list[TimedOperation] = []

    def start(self, operation: TimedOperation) -> None:
        """Begin an operation. The same text or request once more, before anything came of it, is a doubled hook."""
        for earlier in self._waiting(operation.request_id):
            if operation.request_id is not None or (operation.text is not None and operation.text == earlier.text):
                # Which of the two is the true start cannot be known.
                earlier.sure = False
                return
        self.operations.append(operation)

    def first_byte(self, now_s: float, request_id: str | None = None) -> tuple[TimedOperation | None, float | None]:
        """Give the operation that was answered and its ms from start to first byte; None where it cannot be known."""
        operation = self._only(self._waiting(request_id))
        if operation is not None:
            operation.ttfb_ms = elapsed_ms(operation.start_s, now_s)
        return operation, operation.ttfb_ms if operation else None

    def end(
        self, now_s: float, input_tokens: int | None, output_tokens: int | None, request_id: str | None = None
    ) -> tuple[TimedOperation | None, float | None]:
        """End an operation and give it with its ms from start to end; the operation is None for a doubled hook."""
        running = [o for o in self.operations if not o.complete and (request_id is None or o.request_id == request_id)]
        operation = self._only(running) or (
            running[0] if running else self._unannounced(input_tokens, output_tokens, request_id)
        )
        if operation is None:
            return None, None
        if not operation.complete and operation.sure:
            operation.duration_ms = elapsed_ms(operation.start_s, now_s)
        operation.complete = True
        operation.input_tokens = input_tokens or operation.input_tokens
        operation.output_tokens = output_tokens or operation.output_tokens
        return operation, operation.duration_ms

    def _waiting(self, request_id: str | None) -> list[TimedOperation]:
        return [
            o
            for o in self.operations
            if o.ttfb_ms is None and not o.complete and (request_id is None or o.request_id == request_id)
        ]

    def _only(self, candidates: list[TimedOperation]) -> TimedOperation | None:
        if len(candidates) > 1:
            for each in candidates:
                each.sure = False
        return candidates[0] if len(candidates) == 1 and candidates[0].sure else None

    def _unannounced(
        self, input_tokens: int | None, output_tokens: int | None, request_id: str | None
    ) -> TimedOperation | None:
        """Find whose end it is when nothing is running: the last one's once more, or one whose start never came."""
        last = next((o for o in reversed(self.operations) if request_id is None or o.request_id == request_id), None)
        tokens = (input_tokens, output_tokens)
        if tokens == (None, None):
            return None
        if last is not None and (last.input_tokens, last.output_tokens) in (tokens, (None, None)):
            return None if last.input_tokens or last.output_tokens else last
        operation = TimedOperation(request_id=request_id)
        self.operations.append(operation)
        return operation


def elapsed_ms(start_s: float | None, end_s: float | None) -> float | None:
    """Milliseconds between two times in seconds; None where one is unknown or they stand the wrong way round."""
    if start_s is None or end_s is None or end_s < start_s:
        return None
    return (end_s - start_s) * 1000
