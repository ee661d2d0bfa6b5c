"""What the store remembers of the files: which contents it has read, how far, and under which paths they lie."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from voicetel.store.content import Measure
from voicetel.store.discovery import LogFile
from voicetel.store.plan import KnownPath, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from voicetel.store.plan import Plan, Reading

_HALF_READ = b""


class Ledger:
    """The tables ``sources`` and ``paths`` of a store. It neither begins nor ends a transaction."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._paths: dict[str, KnownPath] = {}

    def sources(self) -> list[Source]:
        """Every content that was read."""
        rows = self._connection.execute("SELECT source, head, length, tail FROM sources ORDER BY source").fetchall()
        return [Source(*row) for row in rows]

    def known_paths(self) -> dict[str, KnownPath]:
        """What each path held when it was last looked at."""
        rows = self._connection.execute(
            "SELECT path, device, inode, size, mtime_ns, head, length, tail, pending, damage, source FROM paths"
        ).fetchall()
        self._paths = {}
        for encoded, device, inode, size, mtime_ns, head, length, tail, pending, damage, source in rows:
            path = os.fsdecode(encoded)
            self._paths[path] = KnownPath(
                LogFile(path, device, inode, size, mtime_ns), Measure(head, length, tail, pending, damage), source
            )
        return self._paths

    def next_batch(self) -> int:
        """A number for a transaction that reads."""
        (number,) = self._connection.execute("SELECT nextval('batch_numbers')").fetchall()[0]
        return int(number)

    def advance(self, read: Iterable[tuple[Reading, int]]) -> None:
        """Record how far contents are read, each with its end, and give numbers to those that are new.

        Only at the end of what the file holds is the content known by its tail. A reading that is killed before
        begins again if the file is compressed: to find the place it would have to unpack all that comes before.
        """
        last = {id(reading): (reading, end) for reading, end in read}
        numbers = iter(self._new_numbers(sum(reading.source is None for reading, _ in last.values())))
        for reading, end in last.values():
            if end == reading.measure.length:
                tail = reading.measure.tail
            else:
                tail = reading.content.tail(end) if reading.content.is_plain else _HALF_READ
            number = reading.source.number if reading.source else next(numbers)
            reading.source = Source(number, reading.head, end, tail)
        sources = [reading.source for reading, _ in last.values() if reading.source]
        self._connection.execute(
            "INSERT OR REPLACE INTO sources SELECT unnest($sources), unnest($heads), unnest($lengths), unnest($tails)",
            {
                "sources": [source.number for source in sources],
                "heads": [source.head for source in sources],
                "lengths": [source.length for source in sources],
                "tails": [source.tail for source in sources],
            },
        )

    def _new_numbers(self, count: int) -> list[int]:
        rows = self._connection.execute(
            "SELECT nextval('source_numbers') FROM range($count)", {"count": count}
        ).fetchall()
        return [int(number) for (number,) in rows]

    def forget(self, sources: list[int]) -> None:
        """Drop contents that no file holds any more."""
        self._connection.execute("DELETE FROM sources WHERE source IN (SELECT unnest($sources))", {"sources": sources})

    def is_outdated_by(self, plan: Plan) -> bool:
        """Whether paths or contents have to be recorded or dropped."""
        return bool(plan.gone) or self._known_paths(plan) != self._paths

    def record_paths(self, plan: Plan) -> None:
        """Replace what is known of the paths."""
        paths = self._known_paths(plan)
        columns = {
            "paths": [os.fsencode(path) for path in paths],
            "sources": [known.source for known in paths.values()],
            "devices": [known.file.device for known in paths.values()],
            "inodes": [known.file.inode for known in paths.values()],
            "sizes": [known.file.size for known in paths.values()],
            "mtimes": [known.file.mtime_ns for known in paths.values()],
            "heads": [known.measure.head for known in paths.values()],
            "lengths": [known.measure.length for known in paths.values()],
            "tails": [known.measure.tail for known in paths.values()],
            "pendings": [known.measure.pending for known in paths.values()],
            "damages": [known.measure.damage for known in paths.values()],
        }
        self._connection.execute("DELETE FROM paths")
        values = ", ".join(f"unnest(${name})" for name in columns)
        if paths:
            self._connection.execute(f"INSERT INTO paths SELECT {values}", columns)

    @staticmethod
    def _known_paths(plan: Plan) -> dict[str, KnownPath]:
        paths = {file.path: KnownPath(file, measure, None) for file, measure in plan.waiting}
        for reading in plan.readings:
            number = reading.source.number if reading.source else None
            for file, measure in ((reading.file, reading.measure), *reading.followers):
                paths[file.path] = KnownPath(file, measure, number)
        return paths
