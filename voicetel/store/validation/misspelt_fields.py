"""Misspelt fields in the lines that count, told from the logs themselves: the store keeps nothing of fields that it does not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from voicetel.events.fields import EVENTS
from voicetel.events.misspelt import Misspelt, misspelt_fields
from voicetel.store.ingest.line_contents import LinePositions, read_lines
from voicetel.store.ingest.lines.line_text import parse
from voicetel.store.ingest.open_log import OpenLog
from voicetel.store.store import PATHS_BY_STREAM_SQL
from voicetel.store.transcripts import paths_by_stream
from voicetel.store.validation.field_names import EVENT_NAMES, FieldNames
from voicetel.store.validation.value_validation import create_deleted_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voicetel.store import Store
    from voicetel.store.segments.arrays import Flags, Integers

SAMPLE_BYTES = 1 << 16
"""The beginning of a log that a report looks at."""
SAMPLE_LINES = 1000
"""And how many lines of all of them: whoever misspells a field does so in every line."""
_LINES_AT_ONCE = 5000


@dataclass(slots=True)
class MisspeltField:
    """A misspelt field, where it stands first, and in how many lines it does."""

    field: str
    meant: str
    path: str
    line: int
    line_count: int


def all_misspelt(store: Store) -> list[MisspeltField]:
    """The misspelt fields of all lines that count, in the order in which they are found."""
    found: dict[Misspelt, tuple[int, int, int]] = {}
    for stream_id, offset, misspelt in _misspelt(store, _ALL_SQL):
        for each in misspelt:
            first = found.get(each, (stream_id, offset, 0))
            found[each] = (first[0], first[1], first[2] + 1)
    path_of_stream = paths_by_stream(store)
    return [
        MisspeltField(*each, path_of_stream[stream_id], _line_number(path_of_stream[stream_id], offset), lines)
        for each, (stream_id, offset, lines) in found.items()
    ]


def first_misspelt(store: Store) -> str | None:
    """The first by name of the misspelt fields in the beginnings of the logs, with what was meant; None where none is."""
    return first_of_misspelt(each for _, _, misspelt in _misspelt(store, _SAMPLE_SQL) for each in misspelt)


def first_of_misspelt(found: Iterable[Misspelt]) -> str | None:
    """The first by name, with what was meant; None where there is none."""
    return min((f"{each.field} ({each.meant}?)" for each in set(found)), default=None)


def _misspelt(store: Store, which_sql: str) -> Iterator[tuple[int, int, tuple[Misspelt, ...]]]:
    """(stream_id, byte offset, misspelt fields) of the lines that have any."""
    create_deleted_events(store)
    positions = store.connection.sql(_POSITIONS_SQL + which_sql).to_arrow_table()
    if not len(positions):
        return
    names = FieldNames()
    events = np.concatenate([each.to_numpy() for each in positions["event"].chunks])
    for first, contents in read_lines(LinePositions.of(positions), paths_by_stream(store), _LINES_AT_ONCE):
        for nth in np.flatnonzero(_may_be_misspelt(names, contents, events[first : first + len(contents)])).tolist():
            if misspelt := misspelt_in(contents[nth] or b""):
                at = first + nth
                yield positions["stream_id"][at].as_py(), positions["byte_offset"][at].as_py(), misspelt


def _may_be_misspelt(names: FieldNames, contents: Sequence[bytes | None], events: Integers) -> Flags:
    lines = [content or b"" for content in contents]
    lengths = np.fromiter(map(len, lines), np.int64, len(lines))
    ends = np.cumsum(lengths + 1) - 1
    return names.may_be_misspelt(b"\n".join(lines), ends - lengths, ends, events)


def misspelt_in(line: bytes) -> tuple[Misspelt, ...]:
    """Those of a line that counts, each once, in their order."""
    try:
        event = parse(line)
        known = isinstance(event, dict) and event.get("event") in EVENTS
        return tuple(dict.fromkeys(misspelt_fields(event))) if known else ()
    except (ValueError, RecursionError, TypeError):
        return ()


def _line_number(path: str, offset: int) -> int:
    """The number, from 1, of the line that begins at a byte."""
    number, position = 1, 0
    with OpenLog.open(path) as log:
        for block in log.blocks():
            number += block[: max(0, offset - position)].count(b"\n")
            position += len(block)
            if position >= offset:
                break
    return number


_POSITIONS_SQL = f"""
SELECT
    stored.stream_id, stored.byte_offset, stored.bytes,
    CAST(list_position({list(EVENT_NAMES)}, stored.event) - 1 AS TINYINT) AS event
FROM stored_events AS stored
ANTI JOIN deleted_events AS deleted ON deleted.segment = stored.segment AND deleted.row = stored.row
JOIN {PATHS_BY_STREAM_SQL} USING (stream_id)
"""
_ALL_SQL = "ORDER BY path, stream_id, byte_offset"
_SAMPLE_SQL = f"WHERE stored.byte_offset < {SAMPLE_BYTES} {_ALL_SQL} LIMIT {SAMPLE_LINES}"
