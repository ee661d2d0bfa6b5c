"""Hashes of the texts of a column, many at once, for telling texts apart within one run.

The multipliers are drawn anew by every process, so that no log can be written whose texts collide.
"""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np
import numpy.typing as npt

from voicetel.store.segments.arrays import Integers, is_valid

Hashes = npt.NDArray[np.uint64]

_WORD_BYTES = 8
_LENGTH, _STEP, _NULL = (np.uint64(secrets.randbits(64) | 1) for _ in range(3))


def text_hashes(array: Any) -> Hashes:
    """A hash of each text of a column; one of its own where there is none."""
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1].astype(np.int64)
    found: Hashes = np.diff(offsets).astype(np.uint64) * _LENGTH
    low, high = (int(offsets[0]), int(offsets[-1])) if len(array) else (0, 0)
    if high > low:
        data = np.zeros(high - low + _WORD_BYTES, np.uint8)
        data[:-_WORD_BYTES] = np.frombuffer(array.buffers()[2], np.uint8)[low:high]
        _add_words(found, data, offsets - low)
    if array.null_count:
        found[~is_valid(array)] = _NULL
    return found


def _add_words(found: Hashes, data: npt.NDArray[np.uint8], offsets: Integers) -> None:
    """Hash texts word by word, the last two overlapping; ``data`` has a word more than the texts."""
    words = np.lib.stride_tricks.as_strided(data[:_WORD_BYTES].view(np.uint64), (len(data) - _WORD_BYTES + 1,), (1,))
    begin, length = offsets[:-1], np.diff(offsets)
    shift = (np.maximum(_WORD_BYTES - length, 0) * 8).astype(np.uint64)
    # A shift by a whole word is none, so an empty text is shifted in two steps.
    first = (words[begin] << (shift >> np.uint64(1))) << (shift - (shift >> np.uint64(1)))
    found[:] = _mixed(found + first * _STEP)
    rows = np.flatnonzero(length > _WORD_BYTES)
    begin, last = begin[rows] + _WORD_BYTES, offsets[1:][rows] - _WORD_BYTES
    while len(rows):
        found[rows] = _mixed(found[rows] + words[np.minimum(begin, last)] * _STEP)
        more = np.flatnonzero(begin < last)
        rows, begin, last = rows[more], begin[more] + _WORD_BYTES, last[more]


def _mixed(hashes: Hashes) -> Hashes:
    return (hashes ^ (hashes >> np.uint64(32))) * _STEP
