"""Numbers of lines, all read as DOUBLE, as the exact numbers that they stand for: whole ones of a column's last place.

What is not finite, not whole where it must be, or does not fit is unknown. Rounding is that of a DuckDB cast from DOUBLE to
DECIMAL, half away from zero: a test holds the two together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from voicetel.store.segments.arrays import MISSING, Flags, Integers, column, flatten, integers, is_valid, values

_WHOLE_BELOW = 2.0**53

Doubles = npt.NDArray[np.float64]


def doubles(array: Any) -> Doubles:
    """The values of a DOUBLE column; not a number where there is none."""
    found = values(array, np.float64)
    return np.where(is_valid(array), found, np.nan) if array.null_count else found


def scaled(numbers: Doubles, places: int, digits: int, *, least: float = -np.inf, most: float = np.inf) -> Integers:
    """As DECIMAL(digits, places), in units of its last place. MISSING where it does not fit, or is not within [least, most]."""
    with np.errstate(invalid="ignore", over="ignore"):
        units = numbers * 10.0**places
        rounded = np.trunc(units)
        rounded += np.where(np.abs(units - rounded) >= 0.5, np.sign(units), 0)
        fits = (np.abs(rounded) < 10.0**digits) & (numbers >= least) & (numbers <= most)
    found = np.full(len(numbers), MISSING, np.int64)
    np.copyto(found, rounded, where=fits, casting="unsafe")
    return found


def whole(numbers: Doubles, *, least: float = -np.inf, most: float = np.inf) -> Integers:
    """Whole numbers; MISSING where it is none, or is not within [least, most]."""
    fits = (numbers == np.floor(numbers)) & (np.abs(numbers) < _WHOLE_BELOW) & (numbers >= least) & (numbers <= most)
    found = np.full(len(numbers), MISSING, np.int64)
    np.copyto(found, numbers, where=fits, casting="unsafe")
    return found


def audio_spans(array: Any, type_: Any) -> Any:
    """A column of [[start, end], …], in ms, with decimals of a type: in their order, those that overlap as one.

    Spans are what was audible, with silence in between, however a log tells them. A number that does not fit is NULL in its span.
    """
    inner = array.values
    found = _list_of(array, _list_of(inner, column(scaled(doubles(inner.values), type_.scale, type_.precision), type_)))
    pairs, row = flatten(found)
    edges = integers(flatten(pairs)[0])
    start, end = edges[::2], edges[1::2]
    # Where each begins when the one before it has ended they are in order, and none overlaps another.
    if not ((row[1:] == row[:-1]) & (start[1:] < end[:-1])).any():
        return found
    known = np.flatnonzero((start != MISSING) & (end != MISSING))
    ordered = known[np.lexsort((end[known], start[known], row[known]))]
    start, end, row = start[ordered], end[ordered], row[ordered]
    # Rows one after the other on one line of time, so that what one row reaches is before all of the next.
    origin = row * 10**type_.precision
    reached = np.maximum.accumulate(origin + end)
    first = np.flatnonzero(np.concatenate([[True], (origin + start)[1:] >= reached[:-1]]))
    edges = np.stack([start[first], np.maximum.reduceat(end, first)], axis=1).ravel()
    pairs = _lists(np.arange(0, len(edges) + 1, 2), column(edges, type_))
    return _lists(np.searchsorted(row[first], np.arange(len(array) + 1)), pairs, is_valid(array))


def _list_of(array: Any, items: Any) -> Any:
    """The same lists with other items."""
    return pa.Array.from_buffers(
        pa.list_(items.type), len(array), array.buffers()[:2], array.null_count, array.offset, [items]
    )


def _lists(offsets: Integers, items: Any, there: Flags | None = None) -> Any:
    """A column of lists of some items, each from one offset to the next; NULL where ``there`` says that there is none."""
    mask = None if there is None or there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    bounds = pa.py_buffer(offsets.astype(np.int32))
    return pa.Array.from_buffers(pa.list_(items.type), len(offsets) - 1, [mask, bounds], -1, 0, [items])
