"""What ``validate`` reports beside rejected lines: values of good lines that are not what the table of fields asks for."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.events.fields import MAX_LINE_BYTES
from voicetel.store.ingest.fingerprints import is_whole_object
from voicetel.store.ingest.lines.value_checks import line_findings
from voicetel.store.ingest.log_stream import LogStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.store import Store


@dataclass(frozen=True, slots=True)
class InvalidValue:
    """A value that is read as unknown, or has no meaning. ``field`` as a path: operations[2].ttfb_ms. Never what it says."""

    path: str
    line: int
    field: str
    reason: str


def invalid_values(store: Store) -> Iterator[InvalidValue]:
    """The values of the lines that count which are not of their type, below or above their bounds, or no known word.

    Goes through the logs themselves, one file per content, holding one line at a time.
    """
    paths = store.connection.execute("SELECT min(path) FROM paths WHERE source IS NOT NULL GROUP BY source ORDER BY 1")
    rejected_lines: defaultdict[str, set[int]] = defaultdict(set)
    for each in store.rejected_lines():
        rejected_lines[each.path].add(each.line)
    for (encoded,) in paths.fetchall():
        path = os.fsdecode(encoded)
        refused = rejected_lines.pop(path, set())
        for number, line in _lines(path):
            if number not in refused and line.strip():
                yield from (InvalidValue(path, number, field, reason) for field, reason in line_findings(line))


def _lines(path: str) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers, the last one even without a line end; of one that is too long, nothing."""
    rest, number, skipping = b"", 0, False
    with LogStream.open(path) as stream:
        for block in stream.blocks():
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                number += 1
                yield number, b"" if skipping else line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                skipping = False
            if len(rest) > MAX_LINE_BYTES:
                rest, skipping = b"", True
    if not skipping and is_whole_object(rest):
        yield number + 1, rest
