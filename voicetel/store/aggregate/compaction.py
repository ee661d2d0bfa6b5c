"""Small segments brought together: a store that is asked every minute of a growing log would have thousands.

The rows that are left are the same, and so is what can be asked of the store. Superseded events are kept, since they may count
again; deleted rows are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from voicetel.store.segments.files import SegmentFile, write_segment_file
from voicetel.store.segments.relations import create_row_table
from voicetel.store.segments.schemas import SCHEMAS

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from voicetel.store.segments.arrays import Integers
    from voicetel.store.segments.row_counts import DeadRows

MAX_FILES = 48
"""Files of one relation, about; where it has more, small ones are brought together."""
MAX_ROWS = 60_000
"""Rows that are brought together at once: as many as a segment has that is read in one go."""


def small_files(files: list[SegmentFile], relation: str) -> list[SegmentFile]:
    """The smallest files of a relation that go into one, if it has too many; else none."""
    some = sorted((each for each in files if each.relation == relation), key=lambda each: each.row_count)
    if len(some) <= MAX_FILES:
        return []
    rows = np.cumsum([each.row_count for each in some])
    found = some[: int(np.searchsorted(rows, MAX_ROWS, "right"))]
    return found if len(found) > 1 else []


def compact(
    connection: duckdb.DuckDBPyConnection,
    directory: Path,
    files: list[SegmentFile],
    dead: DeadRows,
    new_segment: int,
) -> list[SegmentFile]:
    """Write the rows of some files of one relation as one file, and give ``dead`` the numbers of those that are superseded.

    With events go their operations, into a file of their own. The connection has the relations with the same rows dead.
    None is written where no row is left.
    """
    relation = files[0].relation
    segments = [each.segment for each in files]
    found = _undeleted_rows(connection, relation, segments, dead)
    for number in segments:
        dead.deleted.pop((relation, number), None)
        dead.superseded.pop((relation, number), None)
    if not len(found):
        return []
    superseded = np.flatnonzero(np.asarray(found["is_superseded"]))
    if len(superseded):
        dead.superseded[relation, new_segment] = superseded
    written = [_write(directory, new_segment, relation, found)]
    if relation == "events":
        operations = _moved_operations(connection, segments, found)
        if len(operations):
            written.append(_write(directory, new_segment, "operations", operations))
    return written


def _undeleted_rows(connection: duckdb.DuckDBPyConnection, relation: str, segments: list[int], dead: DeadRows) -> Any:
    """The rows of some segments that are not deleted, each with its number, and whether it is superseded."""
    for name, kind in (("compacted_deleted", dead.deleted), ("compacted_superseded", dead.superseded)):
        rows = {number: each for (of, number), each in kind.items() if of == relation and number in segments}
        create_row_table(connection, name, rows)
    return connection.sql(
        f"SELECT stored.*, superseded.row IS NOT NULL AS is_superseded FROM stored_{relation} AS stored"
        " LEFT JOIN compacted_superseded AS superseded ON superseded.segment = stored.segment AND superseded.row = stored.row"
        " ANTI JOIN compacted_deleted AS deleted ON deleted.segment = stored.segment AND deleted.row = stored.row"
        " WHERE list_contains($segments, stored.segment)",
        params={"segments": segments},
    ).to_arrow_table()


def _moved_operations(connection: duckdb.DuckDBPyConnection, segments: list[int], events: Any) -> Any:
    """The operations of some events, by the rows that these have now."""
    found = connection.sql(
        "SELECT * EXCLUDE (row) FROM stored_operations WHERE list_contains($segments, segment)",
        params={"segments": segments},
    ).to_arrow_table()
    old_keys = _row_keys(events, "row")
    order = np.argsort(old_keys)
    event_keys = _row_keys(found, "event_row")
    at = np.searchsorted(old_keys[order], event_keys)
    at[at == len(order)] = 0
    kept = np.flatnonzero(old_keys[order][at] == event_keys)
    rows = order[at[kept]]
    by_event = np.lexsort((np.asarray(found["operation"])[kept], rows))
    found = found.take(pa.array(kept[by_event]))
    return found.set_column(1, "event_row", pa.array(rows[by_event].astype(np.int32)))


def _row_keys(table: Any, row: str) -> Integers:
    """Segment and row in one number."""
    return np.asarray(table["segment"]).astype(np.int64) << 32 | np.asarray(table[row]).astype(np.int64)


def _write(directory: Path, segment: int, relation: str, rows: Any) -> SegmentFile:
    schema = SCHEMAS[relation]
    table: Any = rows.select(schema.names)
    table = table.set_column(0, "segment", pa.array(np.full(len(table), segment, np.int32)))
    return write_segment_file(directory, segment, relation, table.cast(schema))
