"""What was said in many turns at once, read from the logs again and given on in pieces: nothing of it is kept."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, NamedTuple

from voicetel.store.content import Content
from voicetel.store.database import query
from voicetel.store.slices import slices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from voicetel.store import Store
    from voicetel.store.slices import Slice

ROWS_AT_ONCE = 2_000
SLICES_AT_ONCE = 200
"""Descriptors open at once."""


class Said(NamedTuple):
    """The words of one turn, by the hash of its line. None: the log has none."""

    line_hash: int
    user_text: str | None
    agent_text: str | None


def words_of_lines(
    store: Store, wanted: str, progress: Callable[[int], None] = lambda read_bytes: None
) -> Iterator[list[Said]]:
    """The words of the lines in the table ``wanted`` (source, line_hash), in no order.

    A line that stands in two files comes twice; one whose file went away meanwhile does not come. While this
    is read, nothing else may be asked of the store. ``progress`` is told how many bytes were just read.
    """
    sources = store.connection.execute(
        "SELECT arg_max(path, paths.length), max(paths.length) FROM paths"
        f" WHERE source IN (SELECT source FROM {wanted}) GROUP BY source ORDER BY source"
    ).fetchall()
    text = query("said.sql").replace("{wanted}", wanted)
    pieces = _slices((os.fsdecode(path), length) for path, length in sources)
    while batch := list(itertools.islice(pieces, SLICES_AT_ONCE)):
        try:
            cursor = store.connection.execute(text, {"files": [slice_.name for slice_ in batch]})
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield [Said(*row) for row in rows]
            progress(sum(slice_.end - slice_.start for slice_ in batch))
        finally:
            for slice_ in batch:
                slice_.close()


def bytes_of_lines(store: Store, wanted: str) -> int:
    """How many bytes ``words_of_lines`` will read for the same table."""
    row = store.connection.execute(
        "SELECT coalesce(sum(length), 0) FROM (SELECT max(length) AS length FROM paths"
        f" WHERE source IN (SELECT source FROM {wanted}) GROUP BY source)"
    ).fetchone()
    return int(row[0]) if row else 0


def _slices(files: Iterable[tuple[str, int]]) -> Iterator[Slice]:
    for path, length in files:
        try:
            yield from slices(Content(path), 0, length)
        except FileNotFoundError:
            continue
