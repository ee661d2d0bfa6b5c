"""What ``validate`` reports beside rejected lines: values of good lines that are not what the table of fields asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.store.ingest.line_contents import LinePositions, hash_sql, read_lines
from voicetel.store.ingest.lines.value_checks import line_findings
from voicetel.store.segments.relations import create_row_table
from voicetel.store.store import PATHS_BY_STREAM_SQL
from voicetel.store.transcripts import paths_by_stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.store import Store


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """A value that is read as unknown, or has no meaning. ``field`` as a path: operations[2].ttfb_ms. Never what it says."""

    path: str
    line: int
    field: str
    reason: str


def unknown_values(store: Store) -> Iterator[UnknownValue]:
    """The values of the lines that count which are not of their type, below or above their bounds, or no known word.

    Only lines of which a value may be read as unknown are looked at again, in the logs themselves. One that has changed since is
    left out.
    """
    import pyarrow as pa  # noqa: PLC0415  for those who ask

    connection = store.connection
    create_deleted_events(store)
    positions = connection.sql(_LINES_WITH_UNKNOWN_VALUES_SQL).to_arrow_table()
    if not len(positions):
        return
    path_of_stream = paths_by_stream(store)
    cursor = connection.cursor()
    for first, contents in read_lines(LinePositions.of(positions), path_of_stream, LINES_AT_ONCE):
        some = positions.slice(first, len(contents))
        columns = {"nth": pa.array(range(len(contents))), "content": pa.array(contents, pa.binary())}
        cursor.register("lines_read", pa.table(columns | {"line_hash": some["line_hash"]}))
        unchanged = cursor.execute(
            f"SELECT nth FROM lines_read WHERE {hash_sql('content')} = line_hash ORDER BY nth"
        ).fetchall()
        cursor.unregister("lines_read")
        stream_ids, numbers = some["stream_id"].to_pylist(), some["unknown_values_line"].to_pylist()
        for (nth,) in unchanged:
            for field, reason in line_findings(contents[nth] or b""):
                yield UnknownValue(path_of_stream[stream_ids[nth]], numbers[nth], field, reason)


_LINES_WITH_UNKNOWN_VALUES_SQL = f"""
SELECT stored.stream_id, stored.byte_offset, stored.bytes, stored.line_hash, stored.unknown_values_line
FROM stored_events AS stored
ANTI JOIN deleted_events AS deleted ON deleted.segment = stored.segment AND deleted.row = stored.row
JOIN {PATHS_BY_STREAM_SQL} USING (stream_id)
WHERE stored.unknown_values_line IS NOT NULL
ORDER BY path, stream_id, byte_offset"""
"""In the order of their files and places."""
LINES_AT_ONCE = 5000


def create_deleted_events(store: Store) -> None:
    """Make the table ``deleted_events`` (segment, row) of the events whose log streams are gone."""
    deleted = {
        segment: rows for (relation, segment), rows in store.state.dead_rows().deleted.items() if relation == "events"
    }
    create_row_table(store.connection, "deleted_events", deleted)
