"""The ids of calls, taken from where recorders write them, of many lines at once: nine of ten lines need not be searched for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from voicetel.cluster.routing.id_hashes import ID_BYTES

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from voicetel.store.segments.arrays import Integers

    Bytes = NDArray[np.uint8]

_BEGINNING = b'{"v":1,"event":"'
_BEFORE_TS = b'","ts":"'
_BEFORE_ID = b'","call_id":"'
_EVENT_BYTES, _TS_BYTES = 16, 40
"""Of a name and a time with the quote behind it: where one is longer, the line is searched. Of an id see ID_BYTES."""

_REACH = len(_BEGINNING + _BEFORE_TS + _BEFORE_ID) + _EVENT_BYTES + _TS_BYTES + ID_BYTES
_QUOTE, _ESCAPE = b'"\\'


class LeadingIds(NamedTuple):
    """``lines``: the numbers of those that begin so; ``ids``: a row for each, its id with zeros behind it (``hash_padded``)."""

    lines: Integers
    ids: Bytes


def leading_ids(lines: pa.Array) -> LeadingIds:
    """Of lines in a large binary array: those that begin with ``v``, ``event``, ``ts`` and ``call_id``, without blanks.

    What route.sql takes out of such a line is the same, if the line is UTF-8. Else it does not count, wherever it goes.
    """
    offsets = np.frombuffer(lines.buffers()[1], np.int64)[lines.offset : lines.offset + len(lines) + 1]
    data = np.frombuffer(lines.buffers()[2] or b"", np.uint8)
    found = np.flatnonzero(offsets[:-1] + _REACH <= len(data))
    at = offsets[found]
    for text, length in ((_BEGINNING, _EVENT_BYTES), (_BEFORE_TS, _TS_BYTES), (_BEFORE_ID, ID_BYTES)):
        good = _begin_with(data, at, text)
        found, at = found[good], at[good] + len(text)
        words = _windows(data, at, length)
        good, lengths = _words(words)
        good &= at + lengths < offsets[found + 1]  # what looks like its end may be in the next line
        found, at, lengths = found[good], (at + lengths)[good], lengths[good]
    ids = words[good]
    ids[np.arange(ID_BYTES) >= lengths[:, None]] = 0
    return LeadingIds(found[lengths > 0], ids[lengths > 0])


def _windows(data: Bytes, at: Integers, length: int) -> Bytes:
    """So many bytes from each place."""
    if not len(at):
        return np.zeros((0, length), np.uint8)
    return np.lib.stride_tricks.sliding_window_view(data, length)[at]


def _begin_with(data: Bytes, at: Integers, text: bytes) -> NDArray[np.bool_]:
    """Whether a text of eight bytes or more stands at each place: eight bytes are compared at once."""
    good = np.ones(len(at), np.bool_)
    if len(at):
        eights = np.lib.stride_tricks.as_strided(data[:8].view(np.uint64), (len(data) - 7,), (1,))
        for start in {*range(0, len(text) - 7, 8), len(text) - 8}:
            good &= eights[at + start] == np.frombuffer(text, np.uint64, 1, start)[0]
    return good


def _words(windows: Bytes) -> tuple[NDArray[np.bool_], Integers]:
    """Whether a window begins with a word without escapes and a quote behind it, and how long the word is."""
    quotes = windows == _QUOTE
    lengths = quotes.argmax(axis=1)
    good = quotes[np.arange(len(windows)), lengths]
    escapes = windows == _ESCAPE
    if escapes.any():
        firsts = np.where(escapes.any(axis=1), escapes.argmax(axis=1), windows.shape[1])
        good &= firsts > lengths
    return good, lengths
