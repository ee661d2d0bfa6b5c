"""Which lines may have a misspelt field, told from their bytes: only these are parsed.

A line of which no name can be a slip, wherever in the line it stands, has none. A name is looked at once, by the rule itself
(``meant_by``), and known again by a hash of its bytes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from voicetel.events.fields import ENVELOPE, EVENTS
from voicetel.events.misspelt import meant_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicetel.events.fields import Field
    from voicetel.store.segments.arrays import Flags, Integers

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Masks = npt.NDArray[np.uint16]

EVENT_NAMES = tuple(EVENTS)
_INNER = len(EVENT_NAMES)
"""Bits of events from here on: where the name stands in an object of the event, not in the event itself."""
_ANY_EVENT = (1 << 2 * _INNER) - 1
_QUOTE, _COLON, _BACKSLASH, _BRACE = b'":\\{'
_LAST_BLANK = ord(" ")
_NO_QUOTE = 1
"""What stands for a quote that is escaped: no name has it."""
_WORD_BYTES = 8
_MAX_WORDS = 8
"""Of a name of more bytes the line is found."""
_MAX_NAMES = 4096
"""Of any name more the line is found: they are somebody's ids."""
_BLOCK_BYTES = 1 << 19
"""So many bytes, and what is made of them, stay in the processor's cache."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(48)
_QUOTES, _LOW_BITS, _HIGH_BITS = (np.uint64(byte * 0x0101010101010101) for byte in (_QUOTE, 0x7F, 0x80))


class FieldNames:
    """Names that were looked at, with the events in which they may be slips."""

    def __init__(self) -> None:
        self._events: dict[int, int] = {}
        # The same in arrays, by the first bits of the hash. No hash that belongs into a slot is what an empty one holds.
        self._hashes = np.zeros(1 << 16, np.uint64)
        self._hashes[0] = ~np.uint64(0)
        self._masks = np.zeros(1 << 16, np.uint16)

    def may_be_misspelt(self, data: bytes, begins: Integers, ends: Integers, events: Integers) -> Flags:
        """Which lines may have a misspelt field: those between ``begins`` and ``ends``, in their order; ``events`` as of EVENT_NAMES.

        A line may be found that has none; one that has any is never left out.
        """
        found = np.zeros(len(begins), np.bool_)
        whole = np.frombuffer(data, np.uint8)
        first = 0
        while first < len(begins):
            stop = max(first + 1, int(np.searchsorted(ends, begins[first] + _BLOCK_BYTES, "right")))
            low = int(begins[first])
            bits = np.left_shift(1, events[first:stop].astype(np.int64))
            found[first:stop] = self._in_block(whole[low : int(ends[stop - 1])], begins[first:stop] - low, bits)
            first = stop
        return found

    def _in_block(self, data: Bytes, begins: Integers, bits: Integers) -> Flags:
        block = np.zeros(len(data) + 2 * _WORD_BYTES, np.uint8)
        block[_WORD_BYTES:-_WORD_BYTES] = data
        doubtful_quotes = _hide_escaped_quotes(block)
        ends = _ends_of_names(block)
        hashes, long = _hashes_of_names(block, ends)
        masks = self._masks_of(block, ends, hashes)
        masks[long] = _ANY_EVENT
        suspects = np.flatnonzero(masks)
        line = np.searchsorted(begins, ends[suspects] - _WORD_BYTES, "right") - 1
        found = np.zeros(len(begins), np.bool_)
        # What stands before the second brace of a line stands in the event itself.
        braces = np.flatnonzero(block == _BRACE)
        opened = np.searchsorted(braces, ends[suspects]) - np.searchsorted(braces, begins[line] + _WORD_BYTES)
        wanted = np.where(opened == 1, bits[line], bits[line] | bits[line] << _INNER)
        found[line[(masks[suspects] & wanted) != 0]] = True
        found[np.searchsorted(begins, doubtful_quotes - _WORD_BYTES, "right") - 1] = True
        return found

    def _masks_of(self, block: Bytes, ends: Integers, hashes: Words) -> Masks:
        slots = hashes >> _SHIFT
        masks: Masks = self._masks[slots]
        others = np.flatnonzero(self._hashes[slots] != hashes)
        if len(others):
            each, first, nth = np.unique(hashes[others], return_index=True, return_inverse=True)
            known = [
                self._look(block, int(ends[at]), hash_)
                for hash_, at in zip(each.tolist(), others[first].tolist(), strict=True)
            ]
            masks[others] = np.array(known, np.uint16)[nth]
        return masks

    def _look(self, block: Bytes, end: int, hash_: int) -> int:
        """The events in which the name that ends at ``end`` may be a slip."""
        mask = self._events.get(hash_)
        if mask is None:
            if len(self._events) >= _MAX_NAMES:
                return _ANY_EVENT
            name = bytes(block[max(end - _WORD_BYTES * _MAX_WORDS, 0) : end]).rpartition(b'"')[2]
            mask = self._events[hash_] = _events_of_slips(name)
            slot = hash_ >> int(_SHIFT)
            if int(self._hashes[slot]) >> int(_SHIFT) != slot:
                self._hashes[slot], self._masks[slot] = hash_, mask
        return mask


def _hide_escaped_quotes(block: Bytes) -> Integers:
    """Replace quotes that end no text, in place. Positions of those that may end one all the same, after two backslashes."""
    escapes = np.flatnonzero(block == _BACKSLASH)
    escapes = escapes[block[escapes + 1] == _QUOTE]
    two = block[escapes - 1] == _BACKSLASH
    block[escapes[~two] + 1] = _NO_QUOTE
    found: Integers = escapes[two]
    return found


def _ends_of_names(block: Bytes) -> Integers:
    """Positions of quotes that a colon follows, blanks between them passed over."""
    colons = np.flatnonzero(block == _COLON)
    before = block[colons - 1]
    ends: Integers = colons[before == _QUOTE] - 1
    at = colons[(before <= _LAST_BLANK) & (before > 0)] - 1
    if not len(at):
        return ends
    while len(blank := np.flatnonzero((block[at] <= _LAST_BLANK) & (block[at] > 0))):
        at[blank] -= 1
    found: Integers = np.sort(np.concatenate([ends, at[block[at] == _QUOTE]]))
    return found


def _hashes_of_names(block: Bytes, ends: Integers) -> tuple[Words, Integers]:
    """A hash of the bytes of each name, taken eight at a time from its end, and the names that are longer than can be."""
    words: Words = np.ndarray((len(block) - _WORD_BYTES + 1,), "<u8", buffer=block, strides=(1,))
    last, has_begin = _after_quote(words[ends - _WORD_BYTES])
    hashes = last * _MULTIPLIER
    rest = np.flatnonzero(~has_begin)
    for nth in range(2, _MAX_WORDS + 1):
        if not len(rest):
            break
        word, has_begin = _after_quote(words[np.maximum(ends[rest] - nth * _WORD_BYTES, 0)])
        hashes[rest] = ((hashes[rest] >> np.uint64(29)) ^ hashes[rest] ^ word) * _MULTIPLIER
        rest = rest[~has_begin]
    return hashes, rest


def _after_quote(words: Words) -> tuple[Words, Flags]:
    """Each word with zeros for its last quote and what is before it, and whether it has a quote.

    Without a carry from byte to byte: a byte's high bit is set where it is a quote, and then in every byte before it.
    """
    marks = words ^ _QUOTES
    marks = ~(((marks & _LOW_BITS) + _LOW_BITS) | marks) & _HIGH_BITS
    has_quote: Flags = marks != 0
    for bits in (8, 16, 32):
        marks |= marks >> np.uint64(bits)
    marks >>= np.uint64(7)
    return words & ~(marks * np.uint64(255)), has_quote


def _events_of_slips(name: bytes) -> int:
    """The events, as bits, somewhere in which a name may be a slip. One that is written with escapes may be any name."""
    if b"\\" in name:
        return _ANY_EVENT
    try:
        text = name.decode()
    except ValueError:
        return _ANY_EVENT
    mask = 0
    for nth, event in enumerate(EVENT_NAMES):
        itself, *inner = (text not in known and meant_by(text, known) is not None for known in _names_by_object(event))
        mask |= itself << nth | any(inner) << (nth + _INNER)
    return mask


@cache
def _names_by_object(event: str) -> tuple[tuple[str, ...], ...]:
    """The names that each object of an event may have, the event itself and those in it."""
    return tuple(_names((*ENVELOPE, *EVENTS[event])))


def _names(fields: Iterable[Field]) -> Iterator[tuple[str, ...]]:
    fields = tuple(fields)
    yield tuple(field.name for field in fields)
    for field in fields:
        if field.fields:
            yield from _names(field.fields)
