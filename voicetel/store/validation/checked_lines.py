"""Some lines of a log as ``validate`` tells of them, without a store: where they stand is counted from the first of them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from voicetel.store.directory import temporary_directory
from voicetel.store.ingest.chunks.chunk import ChunkPool
from voicetel.store.ingest.chunks.chunker import chunks_between
from voicetel.store.ingest.lines.line_reader import LineReader
from voicetel.store.ingest.lines.value_checks import line_findings
from voicetel.store.segments.arrays import is_true
from voicetel.store.validation.misspelt_fields import misspelt_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.events.misspelt import Misspelt
    from voicetel.store.ingest.chunks.chunk import Chunk
    from voicetel.store.ingest.lines.line_reader import QuarantineEntry, ValidLines
    from voicetel.store.ingest.open_log import OpenLog


class AcceptedLine(NamedTuple):
    """A line that counts. ``number`` from 1, ``content`` without blanks at its ends; ``no_unknown_values``: no value of it is read as unknown."""

    number: int
    content: bytes
    no_unknown_values: bool


@dataclass(slots=True)
class CheckedLines:
    """What there is to say of some lines. ``line_count``: line ends up to the last of them.

    ``unknown_values``: line, field and reason of each value that is read as unknown; ``misspelt``: → first line, in how many.
    """

    line_count: int
    has_events: bool = False
    quarantined: list[QuarantineEntry] = field(default_factory=list)
    unknown_values: list[tuple[int, str, str]] = field(default_factory=list)
    misspelt: dict[Misspelt, tuple[int, int]] = field(default_factory=dict)


class LineChecker:
    """Parses lines as a run does that reads them. Use it in a ``with`` block."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._reader = LineReader(self._stack.enter_context(temporary_directory()))
        self._stack.callback(self._reader.close)
        self._pool = ChunkPool()
        self._stack.callback(self._pool.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def check(self, log: OpenLog, start: int, end: int) -> Iterator[CheckedLines]:
        """All of the lines between two line starts, some MB of them at a time."""
        for chunk, lines, quarantined in self._read(log, start, end):
            found = CheckedLines(chunk.checkpoints[0].line_count)
            found.quarantined = sorted(quarantined, key=lambda each: each.line)
            for line in _in_order(chunk, lines):
                found.has_events = True
                if not line.no_unknown_values:
                    found.unknown_values += [(line.number, *each) for each in line_findings(line.content)]
                for each in misspelt_in(line.content):
                    first, count = found.misspelt.get(each, (line.number, 0))
                    found.misspelt[each] = first, count + 1
            yield found

    def has_events(self, log: OpenLog, start: int, end: int) -> bool:
        """Whether a line counts of those between two line starts."""
        return any(any(map(len, lines)) for _, lines, _ in self._read(log, start, end))

    def accepted(self, log: OpenLog, start: int, end: int) -> Iterator[AcceptedLine]:
        """The lines that count of those between two line starts, in their order."""
        for chunk, lines, _ in self._read(log, start, end):
            yield from _in_order(chunk, lines)

    def _read(
        self, log: OpenLog, start: int, end: int
    ) -> Iterator[tuple[Chunk, list[ValidLines], list[QuarantineEntry]]]:
        for chunk in chunks_between(log, start, end, self._pool) if start < end else ():
            try:
                yield chunk, *self._reader.validate(chunk, self._reader.read_typed(chunk))
            finally:
                self._pool.give_back(chunk)


def _in_order(chunk: Chunk, lines: list[ValidLines]) -> Iterator[AcceptedLine]:
    """The lines of a chunk that count, by their places, though some were taken apart by themselves."""
    if not any(map(len, lines)):
        return
    offsets = np.concatenate([each.byte_offset for each in lines])
    numbers = np.concatenate([each.line for each in lines])
    no_unknown_values = np.concatenate(
        [is_true(piece) for each in lines for piece in each.columns["no_unknown_values"].chunks]
    )
    places = np.searchsorted(chunk.byte_offset, offsets).tolist()
    long_lines = {each.byte_offset: each.content for each in chunk.long_lines}
    for nth in np.argsort(offsets).tolist():
        content = long_lines.get(int(offsets[nth]))
        yield AcceptedLine(
            int(numbers[nth]), chunk.content(places[nth]) if content is None else content, bool(no_unknown_values[nth])
        )
