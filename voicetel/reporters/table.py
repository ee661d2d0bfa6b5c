"""A table of typed cells, before any format has made text of it.

Cells keep their values, so that a table for people and a CSV file come from the same table and differ in rounding alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.results import Cell, CellFormat, RowColumn, Rows, digits, rfc3339
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

UNPRICED = "unpriced"
"""Stands in for an amount that no rate covers: never 0."""

NO_USAGE = "no usage"
"""In place of an amount: nothing was logged that anybody bills."""

_UNKNOWN = {CellFormat.TEXT: "", CellFormat.WHOLE: "", CellFormat.KEY: "(not logged)"}
"""What people read for None: nothing where text is missing, but a group has a name. Numbers are n/a."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``name`` is the one word that the figure has everywhere, ``title`` what people read above it.

    Where the width does not allow all columns, those that may stand ``wrap_below`` their row do: a sentence as it is, of
    several each after its title. Then those with the
    highest ``drop_priority`` go first, together; 0 always stays. Words that one that ``wraps`` has no room for go on in
    further lines of their column; others are cut.
    """

    name: str
    title: str
    format: CellFormat = CellFormat.TEXT
    drop_priority: int = 0
    wrap_below: bool = False
    wraps: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it is set flush left."""
        return self.format in {CellFormat.TEXT, CellFormat.KEY, CellFormat.WHOLE}

    @property
    def may_be_shortened(self) -> bool:
        """Whether a narrow terminal may show the beginning of it alone: words yes, a drawing or a key no."""
        return self.format in {CellFormat.TEXT, CellFormat.KEY}


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of cells, and perhaps a row that sums them up. ``zone`` is that of the times in it.

    Rows may be read of a file each time they are gone through, so that no format holds all of them.
    """

    columns: tuple[Column, ...]
    rows: Collection[Sequence[Cell]]
    total: Sequence[Cell] | None = None
    zone: tzinfo = UTC

    def texts(self) -> Iterator[list[str]]:
        """Every row as people read it, the total last."""
        for row in chain(self.rows, () if self.total is None else (self.total,)):
            yield [for_people(column, cell, self.zone) for column, cell in zip(self.columns, row, strict=True)]


def column_title(title: str, form: CellFormat, zone: tzinfo) -> str:
    """What stands above a column: of times with their zone, as of amounts with their unit."""
    return f"{title}, {formatting.zone_name(zone)}" if form is CellFormat.TIME else title


def column_of(figure: RowColumn, title: str = "", drop_priority: int | None = None, zone: tzinfo = UTC) -> Column:
    """The column of a figure: as its definition says, unless a layout says otherwise."""
    about = figure.figure
    return Column(
        figure.name,
        column_title(title or about.title or figure.name, figure.format, zone),
        figure.format,
        about.drop_priority if drop_priority is None else drop_priority,
    )


def table_of(rows: Rows, zone: tzinfo = UTC) -> Table:
    """Every figure of some rows, as its definition says."""
    return Table(tuple(column_of(column, zone=zone) for column in rows.columns), list(rows.cells()), zone=zone)


def for_people(column: Column, cell: Cell, zone: tzinfo = UTC) -> str:
    """A cell as it is read: rounded, with thousands apart. Words may stand in for a number (``unpriced``)."""
    if cell is None:
        return _UNKNOWN.get(column.format, formatting.NOT_AVAILABLE)
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, str):
        return visible(cell)
    if isinstance(cell, datetime):
        return formatting.moment(cell, zone)
    match column.format:
        case CellFormat.MS:
            return formatting.rounded(cell, 0)
        case CellFormat.SECONDS:
            return formatting.rounded(cell, 1)
        case CellFormat.MONEY:
            return formatting.money(Decimal(cell))
        case CellFormat.SHARE:
            return formatting.percent(float(cell))
        case CellFormat.SCORE:
            return formatting.rounded(cell, 2)
        case _:
            number = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
            return formatting.mean(number) if column.format is CellFormat.MEAN else formatting.quantity(number)


def exact(cell: Cell) -> str:
    """A number or moment with every digit, for a machine. Empty where unknown."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, Decimal):
        return digits(cell)
    if isinstance(cell, datetime):
        return rfc3339(cell)
    return str(cell)
