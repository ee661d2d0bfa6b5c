"""Results as rows of cells: one per group, per line, or one over all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args, get_origin

from voicetel.results.columns import Cell, RowColumn, columns_of, row_columns
from voicetel.results.figure import PLAIN, CellFormat, members_of
from voicetel.results.groups import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicetel.results.figure import Member

_KEY = replace(PLAIN, format=CellFormat.KEY)


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns, and for each row the result that its cells come from."""

    columns: tuple[RowColumn, ...]
    items: Iterable[Any]

    def cells(self) -> Iterator[list[Cell]]:
        """The cells of each row, along the columns."""
        return ([column.cell(item) for column in self.columns] for item in self.items)


def rows_of(result: Any, kind: Any) -> Rows:
    """A result of type ``kind`` as rows: its groups, or the list that its type marks with ``rows``; else itself, as one row.

    What rows are grouped by comes first, unless it is a column of the rows anyway: campaigns by campaign.
    """
    if (groups := _groups(kind)) is not None:
        return _group_rows(result, groups)
    if (lines := _lines(kind)) is not None:
        item = get_args(lines.type)[0]
        columns = row_columns(item)
        there = {column.name for column in columns}
        by = (name for name in getattr(result, "by", ()) if name not in there)
        keys = tuple(RowColumn(name, ("key", name), str, _KEY) for name in by)
        return Rows((*keys, *columns), getattr(result, lines.name))
    return Rows(columns_of(result, kind), (result,))


def _group_rows(result: Any, figures: Any) -> Rows:
    columns = columns_of(result.total, figures)
    if not result.groups:
        return Rows(columns, (result.total,))
    keys = tuple(RowColumn(name, ("group", name), str, _KEY) for name in result.groups[0].group)
    inner = (replace(column, path=("figures", *column.path)) for column in columns)
    return Rows((*keys, *inner), result.groups)


def _groups(kind: Any) -> Any:
    """The type of the figures that a result has of each group; None where it has no groups."""
    for member in members_of(kind):
        items = get_args(member.type)
        if member.name == "groups" and items and get_origin(items[0]) is Group:
            return get_args(items[0])[0]
    return None


def _lines(kind: Any) -> Member | None:
    return next((member for member in members_of(kind) if member.figure.rows), None)
