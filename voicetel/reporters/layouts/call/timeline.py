"""Bars on a common time axis, in characters that any terminal has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicetel.analyzers.conversation.results import Operation, Span, Turn

_WAITING, _ANSWERING = "─", "━"


@dataclass(frozen=True, slots=True)
class Axis:
    """From 0 to ``end_ms`` in ``width`` characters. Whatever takes any time at all takes one character."""

    end_ms: float
    width: int

    @classmethod
    def over(cls, turn: Turn, width: int) -> Axis:
        """The axis of everything that has a place in a turn."""
        spans = [span for speech in (turn.user, turn.agent) if speech for span in speech.spans]
        spans += [operation.span for operation in turn.operations if operation.span]
        return cls(max((end for _, end in spans), default=0), width)

    def speech(self, spans: Iterable[Span], mark: str) -> str:
        """Stretches of one kind."""
        return self._drawn((span, mark) for span in spans)

    def operation(self, operation: Operation) -> str:
        """The wait for the first byte and what comes after it. Empty where the operation has no place."""
        if operation.span is None:
            return ""
        begin, end = operation.span
        first = begin + min(max(operation.ttfb_ms or 0, 0), end - begin)
        parts: list[tuple[Span, str]] = [((begin, first), _WAITING)] if first > begin else []
        parts += [((first, end), _ANSWERING)] if end > first or not parts else []
        return self._drawn(parts)

    def _drawn(self, parts: Iterable[tuple[Span, str]]) -> str:
        cells = [" "] * self.width
        for (begin, end), mark in parts:
            first = self._cell(begin)
            for index in range(first, max(first + 1, self._cell(end, ends=True))):
                cells[index] = mark
        return "".join(cells).rstrip()

    def _cell(self, at_ms: float, *, ends: bool = False) -> int:
        """The character that a moment falls into; the one after it for the end of a stretch."""
        if not self.end_ms:
            return 0
        index = at_ms / self.end_ms * self.width
        return min(self.width, round(index)) if ends else min(self.width - 1, max(0, int(index)))
