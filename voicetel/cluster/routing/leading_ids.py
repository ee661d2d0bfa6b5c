"""The ids of calls, taken from where recorders write them, of many lines at once: nine of ten lines need not be searched for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicetel.store.segments.arrays import Integers

    Bytes = NDArray[np.uint8]

_BEGINNING = b'{"v":1,"event":"'
_BEFORE_TS = b'","ts":"'
_BEFORE_ID = b'","call_id":"'
_EVENT_BYTES, _TS_BYTES, _ID_BYTES = 16, 40, 64
"""Of a name, a time and an id with the quote behind it: where one is longer, the line is searched."""

_REACH = len(_BEGINNING + _BEFORE_TS + _BEFORE_ID) + _EVENT_BYTES + _TS_BYTES + _ID_BYTES
_QUOTE = ord('"')
_ENDS_A_WORD = np.zeros(256, np.bool_)
_ENDS_A_WORD[[_QUOTE, ord("\\"), ord("\n")]] = True


class LeadingIds(NamedTuple):
    """``lines``: the numbers of those that begin so; ``ids``: their texts."""

    lines: Integers
    ids: pa.Array


def leading_ids(lines: pa.Array) -> LeadingIds:
    """Of lines that are UTF-8, a large binary array: those that begin with ``v``, ``event``, ``ts`` and ``call_id``, without blanks.

    What route.sql takes out of such a line is the same.
    """
    offsets = np.frombuffer(lines.buffers()[1], np.int64)[lines.offset : lines.offset + len(lines) + 1]
    data = np.frombuffer(lines.buffers()[2] or b"", np.uint8)
    found = np.flatnonzero(offsets[:-1] + _REACH <= len(data))
    at = offsets[found]
    for text, length in ((_BEGINNING, _EVENT_BYTES), (_BEFORE_TS, _TS_BYTES), (_BEFORE_ID, 0)):
        good = (_windows(data, at, len(text)) == np.frombuffer(text, np.uint8)).all(axis=1)
        found, at = found[good], at[good] + len(text)
        if length:
            good, lengths = _words(_windows(data, at, length))
            found, at = found[good], (at + lengths)[good]
    words = _windows(data, at, _ID_BYTES)
    good, lengths = _words(words)
    good &= lengths > 0
    found, words, lengths = found[good], words[good], lengths[good]
    letters = words[np.arange(_ID_BYTES) < lengths[:, None]]
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(letters)]
    return LeadingIds(found, pa.Array.from_buffers(pa.large_string(), len(found), buffers))


def _windows(data: Bytes, at: Integers, length: int) -> Bytes:
    """So many bytes from each place."""
    if not len(at):
        return np.zeros((0, length), np.uint8)
    return np.lib.stride_tricks.sliding_window_view(data, length)[at]


def _words(windows: Bytes) -> tuple[NDArray[np.bool_], Integers]:
    """Whether a window begins with a word without escapes and a quote behind it, and how long the word is."""
    lengths = _ENDS_A_WORD[windows].argmax(axis=1)
    return windows[np.arange(len(windows)), lengths] == _QUOTE, lengths
