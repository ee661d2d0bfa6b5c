"""Numbers of lines, all read as DOUBLE, as the exact numbers that they stand for: whole ones of a column's last place.

What is not finite, not whole where it must be, or does not fit is unknown. Rounding is that of a DuckDB cast from DOUBLE to
DECIMAL, half away from zero: a test holds the two together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from voicetel.store.segments.arrays import MISSING, Integers, column, is_valid, values

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


def spans(array: Any, type_: Any) -> Any:
    """A column of [[start, end], …] with decimals of a type; an unknown number is NULL in its span."""
    inner = array.values
    numbers = column(scaled(doubles(inner.values), type_.scale, type_.precision), type_)
    pairs = _list_of(inner, numbers)
    return _list_of(array, pairs)


def _list_of(array: Any, items: Any) -> Any:
    """The same lists with other items."""
    return pa.Array.from_buffers(
        pa.list_(items.type), len(array), array.buffers()[:2], array.null_count, array.offset, [items]
    )
