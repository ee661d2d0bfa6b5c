"""The columns that a result has as a row of cells: what CSV, Parquet, Polars frames and tables are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin

from voicetel.results.figure import CellFormat, Figure, is_result, members_of, without_none

if TYPE_CHECKING:
    from collections.abc import Iterator

Cell = str | int | float | Decimal | datetime | None

_BY_UNIT = {
    "ms": CellFormat.MS,
    "s": CellFormat.SECONDS,
    "money": CellFormat.MONEY,
    "share": CellFormat.SHARE,
    "score": CellFormat.SCORE,
}
_BY_TYPE = {str: CellFormat.TEXT, int: CellFormat.COUNT, datetime: CellFormat.TIME}


@dataclass(frozen=True, slots=True)
class RowColumn:
    """One figure of a row: its name in CSV, the fields and keys that lead to it, its type and what else is known of it.

    ``free_key``: where a key stands that nobody can list, in ``path`` and in ``name``; the one there is as good as any.
    """

    name: str
    path: tuple[str, ...]
    type: Any
    figure: Figure
    free_key: tuple[int, int] | None = None

    def of_key(self, key: str) -> RowColumn:
        """The same of another key in that place."""
        at, begin = self.free_key or (0, 0)
        old = self.path[at]
        name = f"{self.name[:begin]}{key}{self.name[begin + len(old) :]}"
        return replace(self, name=name, path=(*self.path[:at], key, *self.path[at + 1 :]))

    @property
    def format(self) -> CellFormat:
        """How it is written for people: as its figure says, else by its unit, else by its type."""
        about = self.figure
        kind, _ = without_none(self.type)
        return about.format or _BY_UNIT.get(about.unit) or _BY_TYPE.get(kind, CellFormat.QUANTITY)

    def cell(self, result: Any) -> Cell:
        """Its value in ``result``; None where anything on the way to it is."""
        value = result
        for step in self.path:
            if value is None:
                return None
            value = value.get(step) if isinstance(value, Mapping) else getattr(value, step)
        return str(value).lower() if isinstance(value, bool) else value


@cache
def row_columns(kind: Any, prefix: str = "") -> tuple[RowColumn, ...]:
    """The figures that a row of a result of type ``kind`` has. Lists are JSON's alone."""
    return tuple(_columns(kind, prefix))


def columns_of(result: Any, kind: Any) -> tuple[RowColumn, ...]:
    """The columns of ``kind`` with the keys that ``result`` has, where nobody can list them: ``--slow 900`` has one of its own."""
    found: dict[tuple[str, ...], RowColumn] = {}
    for column in row_columns(kind):
        keys = _free_keys(column, result)
        if not keys:
            found[column.path] = column
            continue
        at = column.free_key[0] if column.free_key else 0
        # All columns of one key, then those of the next: what follows the first key stands for all.
        same = [
            each
            for each in row_columns(kind)
            if each.path[:at] == column.path[:at] and each.path[at] == column.path[at]
        ]
        of_keys = [each.of_key(key) for key in keys for each in same]
        found |= {each.path: each for each in of_keys}
    return tuple(found.values())


def _free_keys(column: RowColumn, result: Any) -> tuple[str, ...]:
    """The keys that stand in ``result`` where the column has a free one; none where it has none, or nothing is there."""
    if column.free_key is None:
        return ()
    value = result
    for step in column.path[: column.free_key[0]]:
        if value is None:
            return ()
        value = value.get(step) if isinstance(value, Mapping) else getattr(value, step)
    return tuple(value) if isinstance(value, Mapping) else ()


def _columns(kind: Any, prefix: str) -> Iterator[RowColumn]:
    for member in members_of(kind):
        about = member.figure
        if about.in_rows and not about.hidden:
            within = (
                prefix if about.inline else f"{prefix}{f'{member.name}_' if about.prefix is None else about.prefix}"
            )
            name = about.column or f"{prefix}{member.name}"
            yield from _found(member.type, about, name=name, within=within, path=(member.name,))


def _found(kind: Any, about: Figure, *, name: str, within: str, path: tuple[str, ...]) -> Iterator[RowColumn]:
    inner, _ = without_none(kind)
    origin = get_origin(inner)
    if is_result(inner):
        of_key = about.doc if path[-1] != path[0] else ""
        for each in row_columns(inner, within):
            figure = replace(each.figure, doc=f"{of_key} {each.figure.doc}".strip())
            free_key = each.free_key and (each.free_key[0] + len(path), each.free_key[1])
            yield RowColumn(each.name, (*path, *each.path), each.type, figure, free_key)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        for key, doc in about.keys:
            named = replace(about, doc=doc or about.doc, keys=())
            found = _found(
                get_args(inner)[1], named, name=f"{within}{key}", within=f"{within}{key}_", path=(*path, key)
            )
            free_key = None if about.key_pattern is None else (len(path), len(within))
            yield from (replace(column, free_key=free_key or column.free_key) for column in found)
    elif origin is not tuple:
        yield RowColumn(name, path, kind, about)
