"""Columns of a sample, of which memory holds those that are being asked for: the others are in a file."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from voicetel.analyzers.core.bounded_memory.row_file import RowFile

KEPT_COLUMNS = 4
"""Columns that were asked for last: those of one figure are mostly asked for several times, one after the other."""


class Columns(Protocol):
    """Columns of equal length, such as an Arrow table has."""

    @property
    def num_rows(self) -> int:
        """How many rows there are."""

    @property
    def column_names(self) -> Sequence[str]:
        """The names of the columns."""

    def column(self, name: str, /) -> pa.ChunkedArray:
        """One of them. Raises KeyError for a name that none has."""

    def filter(self, mask: Any, /) -> Columns:
        """The rows at whose place the mask is true."""

    def slice(self, offset: int, length: int, /) -> Columns:
        """So many rows from a place on."""


class StoredColumns:
    """Columns as ``Columns``, each loaded when it is asked for: ``loads`` has for each name what gives it."""

    def __init__(self, loads: Mapping[str, Callable[[], pa.ChunkedArray]], num_rows: int) -> None:
        self.num_rows = num_rows
        self._loads = dict(loads)
        self._recent: OrderedDict[str, pa.ChunkedArray] = OrderedDict()

    @property
    def column_names(self) -> Sequence[str]:
        """The names of the columns."""
        return tuple(self._loads)

    def column(self, name: str) -> pa.ChunkedArray:
        """One of them. Raises KeyError for a name that none has."""
        if name not in self._recent:
            self._recent[name] = self._loads[name]()
            if len(self._recent) > KEPT_COLUMNS:
                self._recent.popitem(last=False)
        self._recent.move_to_end(name)
        return self._recent[name]

    def filter(self, mask: Any) -> StoredColumns:
        """The rows at whose place the mask (Arrow, of booleans) is true."""
        return self._changed(lambda column: column.filter(mask), int(pc.sum(mask).as_py() or 0))

    def slice(self, offset: int, length: int) -> StoredColumns:
        """So many rows from a place on."""
        left = max(0, min(length, self.num_rows - offset))
        return self._changed(lambda column: column.slice(offset, length), left)

    def _changed(self, change: Callable[[pa.ChunkedArray], pa.ChunkedArray], num_rows: int) -> StoredColumns:
        def load(name: str) -> Callable[[], pa.ChunkedArray]:
            return lambda: change(self.column(name))

        return StoredColumns({name: load(name) for name in self._loads}, num_rows)

    def joined(self, more: Mapping[str, Callable[[], pa.ChunkedArray]]) -> StoredColumns:
        """These columns and more of the same rows."""
        return StoredColumns({**self._loads, **more}, self.num_rows)


def loads_of(rows: RowFile, names: Mapping[str, str] | None = None) -> dict[str, Callable[[], pa.ChunkedArray]]:
    """What gives each column of a file, by its name; ``names`` says what some are called from now on."""

    def load(name: str) -> Callable[[], pa.ChunkedArray]:
        return lambda: rows.column(name)

    return {(names or {}).get(name, name): load(name) for name in rows.schema.names}


def stored_columns(rows: RowFile) -> StoredColumns:
    """All columns of a file."""
    return StoredColumns(loads_of(rows), rows.num_rows)
