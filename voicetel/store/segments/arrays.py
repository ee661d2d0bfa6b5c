"""Columns as numpy arrays and back, without a copy where there need be none.

A number that is not there is ``MISSING``. Decimals are whole numbers of their last place: µs for DECIMAL(…,3), millionths for
DECIMAL(…,6).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MISSING = np.iinfo(np.int64).min


def is_valid(array: Any) -> Flags:
    """Where a column has a value."""
    mask = array.buffers()[0]
    if mask is None or array.null_count == 0:
        return np.ones(len(array), np.bool_)
    return _bits(mask, array.offset, len(array))


def is_true(array: Any) -> Flags:
    """Where a BOOLEAN column is true."""
    if not len(array):
        return np.zeros(0, np.bool_)
    found = _bits(array.buffers()[1], array.offset, len(array))
    return found & is_valid(array) if array.null_count else found


def values(array: Any, dtype: Any = np.int64) -> npt.NDArray[Any]:
    """The values of a column of fixed width, whatever stands where there is none."""
    buffer = array.buffers()[1]
    if buffer is None:
        return np.zeros(len(array), dtype)
    return np.frombuffer(buffer, dtype)[array.offset : array.offset + len(array)]


def integers(array: Any) -> Integers:
    """The values of a column of 64 bits, MISSING where there is none."""
    found = values(array)
    return np.where(is_valid(array), found, MISSING) if array.null_count else found


def column(data: npt.NDArray[Any], type_: Any, there: Flags | None = None) -> Any:
    """A column of numbers or decimals; it has a value where ``there`` says so, else where the data are not MISSING."""
    there = data != MISSING if there is None else there
    width = np.dtype(f"i{type_.bit_width // 8}")
    mask = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    kept = data if mask is None else np.where(there, data, 0)
    return pa.Array.from_buffers(type_, len(data), [mask, pa.py_buffer(np.ascontiguousarray(kept, width))])


def flatten(array: Any) -> tuple[Any, Integers]:
    """The items of a column of lists one after the other, and to which row each belongs."""
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
    items = array.values.slice(int(offsets[0]), int(offsets[-1] - offsets[0]))
    return items, np.repeat(np.arange(len(array), dtype=np.int64), np.diff(offsets))


def distinct(array: Any) -> tuple[Integers, Integers]:
    """The number of each value of a column, equal ones having the same, and where each number stands first.

    Numbers are in the order in which values come. No value is a value, too.
    """
    encoded = array.dictionary_encode(null_encoding="encode")
    numbers = values(encoded.indices, np.int32).astype(np.int64)
    first = np.zeros(len(encoded.dictionary), np.int64)
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]  # of several the one written last stays: the first
    return numbers, first


def group_rows(group_keys: list[Integers]) -> tuple[Integers, Integers]:
    """For combinations of values: where each stands first, and the combination of each row."""
    code = np.zeros(len(group_keys[0]), np.int64)
    for each in group_keys:
        low = int(each.min(initial=0))
        width = int(each.max(initial=0)) - low + 1
        if int(code.max(initial=0)) >= (1 << 62) // width:
            code = distinct(pa.array(code))[0]
        code = code * width + (each - low)
    group, first = distinct(pa.array(code))
    return first, group


def _bits(buffer: Any, offset: int, length: int) -> Flags:
    begin = offset // 8
    packed = np.frombuffer(buffer, np.uint8)[begin : (offset + length + 7) // 8]
    return np.unpackbits(packed, bitorder="little")[offset - 8 * begin :][:length].astype(np.bool_)
