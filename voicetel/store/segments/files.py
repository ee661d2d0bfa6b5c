"""Segment files: written beside and renamed, never changed, known by a checksum."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xxhash

if TYPE_CHECKING:
    from collections.abc import Iterable

ROWS_PER_GROUP = 131_072
CALLS_PER_GROUP = 16_384
"""Calls stand in the order of their last events: a report that summarized the others reads the latest groups alone."""
_BLOCK = 1 << 18
_WITH_STATISTICS = ("segment", "stream_id", "ts", "last_event_at")
"""Columns by which a reader can pass over a file: a few events have their operations in a few of them, and the last ones are in the last."""


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """One relation's rows in one segment, as the ingest state knows it. ``name`` within the store's directory."""

    segment: int
    relation: str
    name: str
    row_count: int
    bytes: int
    checksum: str


def write_segment_file(directory: Path, segment: int, relation: str, table: Any) -> SegmentFile:
    """Write rows as a new file. It counts once the ingest state names it."""
    import pyarrow as pa  # noqa: PLC0415  a run that writes nothing does without
    import pyarrow.parquet as pq  # noqa: PLC0415

    name = f"{segment:06d}.{relation}.parquet"
    unfinished = directory / f"{name}.part"
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    strings = [
        field.name for field in table.schema if pa.types.is_string(field.type) or pa.types.is_dictionary(field.type)
    ]
    pq.write_table(
        table,
        unfinished,
        compression="lz4",
        row_group_size=CALLS_PER_GROUP if relation == "calls" else ROWS_PER_GROUP,
        use_dictionary=strings,
        write_statistics=[name for name in _WITH_STATISTICS if name in table.column_names],
        store_decimal_as_integer=True,
    )
    checksum, size = checksum_of(unfinished)
    unfinished.rename(directory / name)
    return SegmentFile(segment, relation, name, table.num_rows, size, checksum)


def read_columns(path: Path, *names: str) -> Any:
    """Some columns of a segment file. A data set, as ``read_table`` makes of a file, takes longer to load than they do."""
    import pyarrow.parquet as pq  # noqa: PLC0415  a run that reads nothing does without

    with pq.ParquetFile(path) as file:
        return file.read(list(names), use_threads=False)


def is_regular(path: Path) -> bool:
    """Whether it is a file itself: no link, whose target may be anything, and no device or pipe, which may have no end."""
    return stat.S_ISREG(path.lstat().st_mode)


def checksum_of(path: Path) -> tuple[str, int]:
    """A hash of all of a file, and its size. Raises OSError where it is no regular file."""
    if not is_regular(path):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    digest, size, block = xxhash.xxh3_128(), 0, memoryview(bytearray(_BLOCK))
    with path.open("rb", buffering=0) as file:
        while read := file.readinto(block):
            digest.update(block[:read])
            size += read
    return digest.hexdigest(), size


def damaged_files(directory: Path, files: Iterable[SegmentFile]) -> list[str]:
    """The names of files that are not there, or not what was written."""
    found = []
    for each in files:
        try:
            sound = checksum_of(directory / each.name) == (each.checksum, each.bytes)
        except OSError:
            sound = False
        if not sound:
            found.append(each.name)
    return found


def delete_unreferenced(directory: Path, named: Iterable[str]) -> None:
    """Delete files that the ingest state does not name: of runs that were killed, or of rows that are gone."""
    kept = set(named)
    for entry in os.scandir(directory):
        if entry.name not in kept and entry.name.endswith((".parquet", ".summary", ".part")):
            Path(entry.path).unlink(missing_ok=True)
