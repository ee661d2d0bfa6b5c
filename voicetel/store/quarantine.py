"""Where exactly the lines stand that do not count.

DuckDB says which rows it set aside and why, not where they stood. An ordered pass over a slice that has any gives
one row per line that is not blank, in order, so that the n-th row is the n-th such line of the bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicetel.store.slices import Slice

_BLANK = b" \t\r\v\f"


@dataclass(frozen=True, slots=True)
class SetAside:
    """One line that does not count. ``line`` counts from 1, ``byte_offset`` from 0, ``bytes`` leaves the line end out."""

    line: int
    byte_offset: int
    bytes: int
    reason: str


def locate(slice_: Slice, verdicts: Iterable[tuple[int, str]], first_line: int) -> Iterator[SetAside]:
    """Find the lines of a slice by their ordinals among those that are not blank (from 1), in rising order.

    ``first_line`` is the number of the slice's first line. Lines that were too long come in their place.
    """
    wanted = iter(verdicts)
    ordinal, reason = next(wanted, (0, ""))
    oversize = iter(slice_.oversize)
    too_long = next(oversize, None)
    seen = 0
    line = first_line
    for offset, length, blank in _lines(slice_):
        while too_long and too_long.byte_offset < offset:
            yield SetAside(line, too_long.byte_offset, too_long.bytes, "longer than 8 MiB")
            line += 1
            too_long = next(oversize, None)
        if not blank:
            seen += 1
            if seen == ordinal:
                yield SetAside(line, offset, length, reason)
                ordinal, reason = next(wanted, (0, ""))
        line += 1
    while too_long:
        yield SetAside(line, too_long.byte_offset, too_long.bytes, "longer than 8 MiB")
        line += 1
        too_long = next(oversize, None)


def _lines(slice_: Slice) -> Iterator[tuple[int, int, bool]]:
    """(offset in the content, length, blank) of every line, without holding more than one chunk and one line."""
    rest, rest_at = b"", 0
    for at, chunk in slice_.chunks():
        data, begin = (rest + chunk, rest_at) if rest else (chunk, at)
        position = 0
        while (stop := data.find(b"\n", position)) >= 0:
            yield begin + position, stop - position, not data[position:stop].strip(_BLANK)
            position = stop + 1
        rest, rest_at = data[position:], begin + position


def count_lines(chunks: Iterable[bytes], length: int) -> int:
    """Line ends in the first ``length`` bytes."""
    lines = 0
    for chunk in chunks:
        lines += chunk.count(b"\n", 0, length)
        length -= len(chunk)
        if length <= 0:
            break
    return lines
