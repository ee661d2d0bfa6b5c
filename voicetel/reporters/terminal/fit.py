"""Fits a table into a width: sentences go below their rows, columns are dropped, words shortened. A number is never cut.

Room that is left then goes back to words, to names first: an id of which the beginning alone is there cannot be copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells, set_cell_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicetel.reporters.table import Column, Table

GAP = "  "
_LONG_TEXT = 36
"""Words longer than this are shortened before a column is dropped: the length of a UUID."""

_SHORT_TEXT = 12

_LONG_WORD = 40
"""A column that wraps keeps the room for its words, if they are no longer than this, until columns are dropped."""

_SHORT_KEY = 32
"""What names a row is not cut below this where no column says that it may go first: those at the right go instead."""


@dataclass(frozen=True, slots=True)
class FittedLine:
    """One line of a table. ``role``: head, row, below (more about the row before it), total, or hidden (what is not shown)."""

    role: str
    text: str


def fit_to_width(table: Table, width: int | None) -> Iterator[FittedLine]:
    """The lines of a table in at most ``width`` cells; all there is of it without one.

    Its rows are gone through twice, the first time for their widths.
    """
    columns = list(range(len(table.columns)))
    widths, longest_words = _measured(table)
    below: list[int] = []
    hidden = 0
    if width is not None:
        if _total(widths, columns) > width:
            below = [index for index in columns if table.columns[index].wrap_below]
            columns = [index for index in columns if index not in below]
        words = {index: length for index, length in longest_words.items() if index in columns}
        kept = _drop_columns(table.columns, widths, columns, width, words)
        hidden = len(columns) - len(kept)
        columns = kept
    head = GAP.join(_cells(table.columns, widths, columns, [column.title for column in table.columns])).rstrip()
    yield FittedLine("head", head)
    count = len(table.rows)
    for number, row in enumerate(table.texts()):
        role = "row" if number < count else "total"
        yield from (FittedLine(role, text) for text in _lines(table.columns, widths, columns, row))
        indent = widths[columns[0]] + len(GAP)
        yield from (FittedLine("below", text) for text in _indented(_below(table.columns, below, row), indent, width))
    if hidden:
        yield FittedLine("hidden", _hidden(hidden))


def _measured(table: Table) -> tuple[list[int], dict[int, int]]:
    """How wide every column is, and how long the longest word is of those that wrap, by their places."""
    widths = [cell_len(column.title) for column in table.columns]
    words = {index: 0 for index, column in enumerate(table.columns) if column.wraps}
    for row in table.texts():
        widths = [max(width, cell_len(text)) for width, text in zip(widths, row, strict=True)]
        for index, longest in words.items():
            words[index] = max(longest, *(cell_len(word) for word in row[index].split(" ")))
    return widths, words


def _below(columns: Sequence[Column], indexes: Sequence[int], row: Sequence[str]) -> str:
    """What stands below a row: one sentence as it is, of several cells each after its title."""
    if len(indexes) == 1:
        return row[indexes[0]]
    return " · ".join(f"{columns[index].title} {row[index]}" for index in indexes if row[index])


def _hidden(columns: int) -> str:
    return f"{columns} column{'' if columns == 1 else 's'} hidden: widen, or -f csv"


def _indented(text: str, indent: int, width: int | None) -> Iterator[str]:
    """A sentence under its row, set in as far as the row's second column; nothing where there is none."""
    room = None if width is None else max(1, width - indent)
    return (f"{'':{indent}}{line}" for line in wrapped(text, room)) if text else iter(())


def _drop_columns(
    columns: Sequence[Column], widths: list[int], kept: list[int], width: int, words: Mapping[int, int]
) -> list[int]:
    """Those of ``kept`` that stay; those of one priority go together. Changes the widths of those that hold words.

    ``words``: how long the longest word is of each column that wraps.
    Where what always stays is still too wide, the last columns go: a number is never cut, nor a line broken.
    """
    needed = list(widths)
    long = {index: min(words[index], _LONG_WORD) if index in words else _LONG_TEXT for index in kept}
    _shorten(columns, widths, kept, width, long)
    for priority in sorted({column.drop_priority for column in columns if column.drop_priority}, reverse=True):
        if _total(widths, kept) > width:
            kept = [index for index in kept if columns[index].drop_priority != priority or index == kept[0]]
    keys = [index for index in kept if index == kept[0] or columns[index].name == "call_id"]
    short = dict.fromkeys(kept, _SHORT_TEXT)
    _shorten(columns, widths, kept, width, short | dict.fromkeys(keys, _SHORT_KEY))
    if any(column.drop_priority for column in columns):
        # Columns that are left here always stay, if only they can.
        _shorten(columns, widths, kept, width, short)
    while _total(widths, kept) > width and len(kept) > 1:
        kept = kept[:-1]
    _shorten(columns, widths, kept, width, short)
    _widen(needed, widths, kept, width, keys)
    return kept


def _shorten(
    columns: Sequence[Column], widths: list[int], kept: list[int], width: int, least: Mapping[int, int]
) -> None:
    """Take what is too much from the columns of words, the widest first, none below its ``least`` or its title."""
    floors = {
        index: max(least[index], cell_len(columns[index].title)) for index in kept if columns[index].may_be_shortened
    }
    while (surplus := _total(widths, kept) - width) > 0:
        index = max(floors, key=lambda index: widths[index] - floors[index], default=None)
        if index is None or widths[index] <= floors[index]:
            return
        widths[index] = max(floors[index], widths[index] - surplus)


def _widen(needed: Sequence[int], widths: list[int], kept: list[int], width: int, first: Sequence[int]) -> None:
    """Give the room that is left to columns narrower than they need: to those of ``first``, then cell by cell to the narrowest."""
    spare = width - _total(widths, kept)
    for index in first:
        if index in kept:
            given = max(0, min(spare, needed[index] - widths[index]))
            widths[index] += given
            spare -= given
    while spare > 0 and (cut := [index for index in kept if widths[index] < needed[index]]):
        widths[min(cut, key=lambda index: widths[index])] += 1
        spare -= 1


def _total(widths: Sequence[int], kept: Sequence[int]) -> int:
    return sum(widths[index] for index in kept) + len(GAP) * (len(kept) - 1)


def _lines(columns: Sequence[Column], widths: Sequence[int], kept: Sequence[int], row: Sequence[str]) -> Iterator[str]:
    """A row: one line, or as many as its longest cell takes of those that may go on in further ones."""
    parts = [
        list(wrapped(row[index], widths[index]))
        if columns[index].wraps and cell_len(row[index]) > widths[index]
        else [row[index]]
        for index in kept
    ]
    for cells in zip_longest(*parts, fillvalue=""):
        texts = dict(zip(kept, cells, strict=True))
        yield GAP.join(_cells(columns, widths, kept, texts)).rstrip()


def _cells(
    columns: Sequence[Column], widths: Sequence[int], kept: Sequence[int], row: Sequence[str] | Mapping[int, str]
) -> Iterator[str]:
    for index in kept:
        text, size = row[index], widths[index]
        if columns[index].is_text:
            yield text if cell_len(text) == size else _words(text, size)
        else:
            yield " " * (size - cell_len(text)) + text


def _words(text: str, size: int) -> str:
    return set_cell_size(text, size - 1) + "…" if cell_len(text) > size else set_cell_size(text, size)


def wrapped(text: str, width: int | None) -> Iterator[str]:
    """Prose broken between words, and a word that is longer than a line within."""
    if width is None:
        yield text
        return
    line = ""
    for word in text.split(" "):
        for piece in chop_cells(word, width) or [""]:
            longer = f"{line} {piece}" if line else piece
            if line and cell_len(longer) > width:
                yield line
                line = piece
            else:
                line = longer
    yield line
