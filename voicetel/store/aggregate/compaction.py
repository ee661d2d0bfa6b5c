"""Small segments brought together: a store that is asked every minute of a growing log would have thousands.

The rows that are left are the same, and so is what can be asked of the store. Superseded events are kept, since they may count
again; rows that are gone are not.
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

    from voicetel.store.segments.ingest_state import DeadRows

MOST_FILES = 48
"""Files of one relation, about; where it has more, small ones are brought together."""
MOST_ROWS = 60_000
"""Rows that are brought together at once: as many as a segment has that is read in one go."""


def small_files(files: list[SegmentFile], relation: str) -> list[SegmentFile]:
    """The smallest files of a relation that go into one, if it has too many; else none."""
    some = sorted((each for each in files if each.relation == relation), key=lambda each: each.rows)
    if len(some) <= MOST_FILES:
        return []
    rows = np.cumsum([each.rows for each in some])
    found = some[: int(np.searchsorted(rows, MOST_ROWS, "right"))]
    return found if len(found) > 1 else []


def compact(
    connection: duckdb.DuckDBPyConnection,
    directory: Path,
    files: list[SegmentFile],
    dead: DeadRows,
    segment: int,
) -> SegmentFile | None:
    """Write the rows of some files of one relation as one file, and give ``dead`` the numbers of those that are superseded.

    The connection has the relations with the same rows dead. None: no row of them is left.
    """
    relation = files[0].relation
    segments = [each.segment for each in files]
    for name, kind in (("compacted_gone", dead.gone), ("compacted_superseded", dead.superseded)):
        rows = {number: each for (of, number), each in kind.items() if of == relation and number in segments}
        create_row_table(connection, name, rows)
    found = connection.sql(
        f"SELECT stored.* EXCLUDE (row), superseded.row IS NOT NULL AS is_superseded FROM stored_{relation} AS stored"
        " LEFT JOIN compacted_superseded AS superseded ON superseded.segment = stored.segment AND superseded.row = stored.row"
        " ANTI JOIN compacted_gone AS gone ON gone.segment = stored.segment AND gone.row = stored.row"
        " WHERE list_contains($segments, stored.segment)",
        params={"segments": segments},
    ).to_arrow_table()
    for number in segments:
        dead.gone.pop((relation, number), None)
        dead.superseded.pop((relation, number), None)
    if not len(found):
        return None
    superseded = np.flatnonzero(np.asarray(found["is_superseded"]))
    if len(superseded):
        dead.superseded[relation, segment] = superseded
    schema = SCHEMAS[relation]
    table: Any = found.select(schema.names)
    table = table.set_column(0, "segment", pa.array(np.full(len(table), segment, np.int32)))
    return write_segment_file(directory, segment, relation, table.cast(schema))
