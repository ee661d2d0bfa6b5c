"""Which of many calls are listed: in what order, and so many of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from voicetel.analyzers.calls.call_rows_file import CallRowsFile

    Rows = TypeVar("Rows", pa.Table, CallRowsFile)


@dataclass(frozen=True, slots=True)
class Pagination:
    """The first ``limit`` calls (0: all) after ``offset`` others, by the column ``sort``: numbers and times the highest first, words from A to Z.

    What is unknown comes last; calls that are equal stay in the order they began, as all do without ``sort``. Groups stay in
    the order they come in, each sorted in itself.
    """

    sort: str | None = None
    limit: int = 0
    offset: int = 0


ALL_ROWS = Pagination()


def paginated(rows: Rows, pagination: Pagination, by: Sequence[str] = ()) -> Rows:
    """The rows that are listed, of those of all calls, whose groups are told apart by the columns ``by``."""
    if pagination.sort is not None:
        groups = list(zip(*(rows.column(name).to_pylist() for name in by), strict=True)) if by else None
        rows = rows.take(sorted_indexes(rows.column(pagination.sort), groups))
    return rows.slice(pagination.offset, pagination.limit or None)


def sorted_indexes(column: pa.ChunkedArray, groups: Sequence[object] | None = None) -> list[int]:
    """The indexes of a column's values in the order of ``Pagination``; ``groups`` has the group of each, which stand together."""
    import pyarrow as pa  # noqa: PLC0415  where calls are sorted

    values = column.to_pylist()
    known = [index for index, value in enumerate(values) if value is not None]
    unknown = [index for index, value in enumerate(values) if value is None]
    indexes = [*sorted(known, key=values.__getitem__, reverse=not pa.types.is_string(column.type)), *unknown]
    if groups is not None:
        rank = {group: number for number, group in enumerate(dict.fromkeys(groups))}
        indexes.sort(key=lambda index: rank[groups[index]])
    return indexes
