"""Which lines hold a value of another JSON type than their field's, told from the bytes.

DuckDB's typed reader converts as it reads: ``true`` becomes the number 1, and ``"812"`` the number 812. A line in which it
would do so is validated by itself instead.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from voicetel.events.fields import ENVELOPE, EVENTS
from voicetel.store.column_types import RAW_JSON_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicetel.events.fields import Field
    from voicetel.store.segments.arrays import Integers

Bytes = npt.NDArray[np.uint8]

_UNRECOGNIZED, _NUMBER, _TEXT, _BOOLEAN, _OBJECT, _LIST, _NONE, _BLANK = (1 << bit for bit in range(8))
_TYPES = {
    "number": _NUMBER,
    "integer": _NUMBER,
    "string": _TEXT,
    "decimal": _TEXT,
    "timestamp": _TEXT,
    "boolean": _BOOLEAN,
    "object": _OBJECT,
    "map": _OBJECT,
    "list": _LIST,
    "spans": _LIST,
}
_QUOTE, _COLON = b'":'
_SUFFIX = 4
_MULTIPLIER = np.uint32(2654435761)
"""Knuth's, which spreads neighbouring values over all 16 bits that are kept."""
_SHIFT = np.uint32(16)
_BLOCK_BYTES = 1 << 19
"""So many bytes, and what is made of them, stay in the processor's cache."""
_MARGIN = 8


def lines_with_mismatched_types(data: Bytes, begins: Integers) -> Integers:
    """The lines, by their index in ``begins``, in which a known field may hold a value of another type than its own.

    A field is known by the last four bytes of its name with its quote, so that a line may be named that is none; one that is
    such a line is never left out. ``null`` fits every field. A name written with escapes is not recognised, so that a line with
    an escape that a name could have is named.
    """
    positions = [_mismatch_positions(data, begin) for begin in range(0, len(data), _BLOCK_BYTES)]
    found: Integers = np.unique(np.searchsorted(begins, np.concatenate(positions), "right") - 1)
    return found


def _mismatch_positions(data: Bytes, begin: int) -> Integers:
    """Positions of colons and escapes in a block because of which their line is named."""
    low = max(begin - _MARGIN, 0)
    block = data[low : begin + _BLOCK_BYTES + _MARGIN]
    if begin + _BLOCK_BYTES + _MARGIN > len(data):
        block = np.append(block, np.zeros(_MARGIN, np.uint8))
    inner = data[begin : begin + _BLOCK_BYTES]
    colons = np.flatnonzero(inner == _COLON) + (begin - low)
    byte_before = block[colons - 1]
    keys = colons[byte_before == _QUOTE]
    suffix = np.ndarray((len(block) - 3,), "<u4", buffer=block, strides=(1,))[keys - _SUFFIX]
    type_ = _TYPE_OF_FIRST_BYTE[block[keys + 1]]
    blank = np.flatnonzero(type_ == _BLANK)
    type_[blank] = _TYPE_OF_FIRST_BYTE[block[keys[blank] + 2]]
    mismatches = np.flatnonzero(_excluded_types_by_hash()[(suffix * _MULTIPLIER) >> _SHIFT] & type_)
    mismatches = mismatches[~_is_of_another_name(block, keys[mismatches], suffix[mismatches], type_[mismatches])]
    blanks = colons[byte_before <= _LAST_BLANK]
    escapes = np.flatnonzero(inner == _BACKSLASH) + begin
    return np.concatenate([keys[mismatches] + low, _after_blanks(data, blanks + low), _escaped_letters(data, escapes)])


def _escaped_letters(data: Bytes, at: Integers) -> Integers:
    r"""Escapes of what names are made of, letters, digits and ``_``: ``\u0030`` to ``\u007a``. Nothing writes them, but JSON allows it."""
    at = at[at < len(data) - _ESCAPE_BYTES]
    for offset, byte in enumerate(b"u00", start=1):
        at = at[data[at + offset] == byte]
    found: Integers = at[_IS_OF_NAMES[data[at + 4]]]
    return found


def _after_blanks(data: Bytes, colons: Integers) -> Integers:
    """Colons with nothing but blanks between them and a quote."""
    colons = colons[_IS_BLANK[data[colons - 1]]]
    at = colons - 1
    while len(blank := np.flatnonzero((at > 0) & _IS_BLANK[data[at]])):
        at[blank] -= 1
    found: Integers = colons[data[at] == _QUOTE]
    return found


def _is_of_another_name(
    data: Bytes, keys: Integers, suffix: npt.NDArray[np.uint32], type_: npt.NDArray[np.uint8]
) -> npt.NDArray[np.bool_]:
    """Where a name ends like that of a number and is that of a text: status, not sip_status; event and agent, not sentiment."""
    is_status = (suffix == _code('tus"')) & (data[np.maximum(keys - 8, 0)] != ord("_")) & (type_ == _TEXT)
    is_event = (suffix == _code('ent"')) & (data[np.maximum(keys - 5, 0)] != ord("m"))
    found: npt.NDArray[np.bool_] = is_status | is_event
    return found


def _code(suffix: str) -> np.uint32:
    return np.uint32(int.from_bytes(suffix.encode(), "little"))


def _fields(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _fields(field.fields)


def _hash(code: np.uint32) -> int:
    return (int(code) * int(_MULTIPLIER) & 0xFFFFFFFF) >> int(_SHIFT)


@cache
def _excluded_types_by_hash() -> npt.NDArray[np.uint8]:
    """The types that a value must not have, by the hash of its name's last bytes."""
    table = np.zeros(1 << 16, np.uint8)
    for field in _fields((*ENVELOPE, *(field for event in EVENTS.values() for field in event))):
        if field.name not in RAW_JSON_FIELDS:
            table[_hash(_code(f'"{field.name}"'[-_SUFFIX:]))] = 255 & ~(_TYPES[field.kind] | _NONE)
    for suffix in _OF_TWO_TYPES:
        table[_hash(_code(suffix))] = 255 & ~(_NUMBER | _NONE)
    return table


_OF_TWO_TYPES = ('tus"', 'ent"')
"""Ends of names of numbers that are ends of names of other types, too: ``_is_of_another_name`` tells them apart."""


def _first_bytes() -> npt.NDArray[np.uint8]:
    table = np.full(256, _UNRECOGNIZED, np.uint8)
    for characters, type_ in (
        ("-0123456789NIi", _NUMBER),
        ('"', _TEXT),
        ("tf", _BOOLEAN),
        ("{", _OBJECT),
        ("[", _LIST),
        (" ", _BLANK),
        ("n", _NONE),
    ):
        table[list(characters.encode())] = type_
    return table


_TYPE_OF_FIRST_BYTE = _first_bytes()
_BACKSLASH = ord("\\")
_ESCAPE_BYTES = 5
_IS_OF_NAMES = np.zeros(256, np.bool_)
_IS_OF_NAMES[list(b"34567")] = True
"""By the third digit of an escape."""
_IS_BLANK = np.zeros(256, np.bool_)
_IS_BLANK[list(b" \t\r")] = True
_LAST_BLANK = ord(" ")
