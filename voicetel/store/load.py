"""From log files to rows, exactly once.

Every batch is one transaction: its rows, what they add up to, and how far each content was read. A run that is
killed has either done a batch or not begun it, and the next run goes on from there.
"""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

from voicetel.store.content import DamagedError
from voicetel.store.database import make_smaller, query
from voicetel.store.ledger import Ledger
from voicetel.store.plan import make_plan
from voicetel.store.progress import show_progress, told_on_the_way
from voicetel.store.quarantine import count_lines, locate
from voicetel.store.ruling import CallJudge
from voicetel.store.slices import slices, slices_at_once
from voicetel.store.structure import line_structure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import duckdb

    from voicetel.outcomes import Rules
    from voicetel.store.discovery import LogFile
    from voicetel.store.plan import Reading
    from voicetel.store.progress import LoadProgress
    from voicetel.store.slices import Slice

BATCH_BYTES = 1 << 29

SMALL_BYTES = 1 << 20
GATHERED_BYTES = 100_000_000
"""Lines come from DuckDB's reader file by file. Of a small file they are so few that every step costs more than its work:
those of small files are gathered first, in memory. So few bytes at a time that memory never runs short: what is said in
calls must not be written to disk. A transaction for each, because a table that is dropped leaves memory only at its end."""
ROWS_AT_ONCE = 50_000
"""Rows of the quarantine that Python holds."""

UNSUPPORTED = "unsupported: "
"""How judged_lines.sql begins the reason of a line that is good but not for this version."""


class Loader:
    """Brings one store up to date with the files that are there.

    ``rules`` has the phrases to look for; ``progress`` is told how far it is.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        rules: Rules,
        *,
        warn: Callable[[str], None],
        progress: LoadProgress | None = None,
    ) -> None:
        self._connection = connection
        self._ledger = Ledger(connection)
        self._rules = rules
        self._call_judge = CallJudge(connection, rules)
        self._warn = warn
        self._progress = progress

    def load(self, files: Sequence[LogFile]) -> None:
        """Read what is new in ``files`` and forget what is gone."""
        plan = make_plan(files, self._ledger.sources(), self._ledger.known_paths(), self._warn)
        readings = [reading for reading in plan.readings if reading.bytes_to_read]
        if readings or plan.gone:
            self._prepare()
        if self._progress:
            show_progress(self._connection)
            self._progress.start(sum(reading.bytes_to_read for reading in readings))
        most_slices = slices_at_once(len(readings))
        small = [reading for reading in readings if reading.bytes_to_read < SMALL_BYTES]
        large = [reading for reading in readings if reading.bytes_to_read >= SMALL_BYTES]
        for some, most_bytes in ((small, GATHERED_BYTES), (large, BATCH_BYTES)):
            for batch in _batches(some, most_bytes, most_slices, self._warn):
                self._read(batch)
        if self._ledger.is_outdated_by(plan):
            with self._transaction():
                if plan.gone:
                    self._forget([source.number for source in plan.gone])
                self._ledger.record_paths(plan)

    def _prepare(self) -> None:
        """What only a run needs that has something to read or to forget."""
        self._all("CREATE TEMP TABLE slices (file VARCHAR, source INTEGER)")
        self._all(query("turn_latencies.sql"))
        self._all(query("lines.sql"))
        self._all(self._rules.book.key_type)

    def _read(self, batch: list[tuple[Reading, Slice]]) -> None:
        """Read some slices and commit their rows together with how far each content is read."""
        try:
            with self._transaction():
                number = self._ledger.next_batch()
                self._ledger.advance((reading, slice_.end) for reading, slice_ in batch)
                self._insert(number, batch)
                self._set_aside(number, batch)
                self._settle(number)
                _refuse_changed(batch)
        except _FileChangedError:
            if self._progress:
                self._progress.advance(-sum(slice_.reach_bytes for _, slice_ in batch))
            self._read_copies(batch)
        finally:
            for _, slice_ in batch:
                slice_.close()

    def _read_copies(self, batch: list[tuple[Reading, Slice]]) -> None:
        """Read again what changed under our hands, this time from copies that end where they should."""
        for reading, slice_ in batch:
            for copy in slices(reading.content, slice_.start, slice_.end, whole=False):
                self._read([(reading, copy)])

    def _insert(self, number: int, batch: list[tuple[Reading, Slice]]) -> None:
        """Read the lines of a batch into ``events``, those that do not count too."""
        slices_ = [slice_ for _, slice_ in batch]
        names = [slice_.name for slice_ in slices_]
        sources = [reading.number for reading, _ in batch]
        self._all("DELETE FROM slices")
        self._all("INSERT INTO slices SELECT unnest($names), unnest($sources)", names=names, sources=sources)
        gather = len(batch) > 1 and all(slice_.reach_bytes < SMALL_BYTES for slice_ in slices_)
        tables = self._gather(names) if gather else []
        self._judge(" UNION ALL ".join(f"FROM {table}" for table in tables) or "FROM lines_of(files)")
        with self._told(slices_):
            self._all(
                query("read_lines.sql"),
                files=names,
                structure=line_structure(),
                batch=number,
                **self._rules.book.parameters,
            )
        for table in tables:
            self._all(f"DROP TABLE {table}")

    def _gather(self, names: list[str]) -> list[str]:
        """Take the lines of some files into tables in memory, one for each thread: what reads a small one is one thread."""
        ((threads,),) = self._all("SELECT current_setting('threads')")
        parts = {f"gathered_{n}": names[n::threads] for n in range(min(threads, len(names)))}
        for table, files in parts.items():
            self._all(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM lines_of($files)", files=files)
        return list(parts)

    def _judge(self, lines: str) -> None:
        """Say where the lines come from that are judged."""
        self._all(query("judged_lines.sql").replace("{lines}", lines))

    def _told(self, some: list[Slice]) -> AbstractContextManager[None]:
        if self._progress is None:
            return contextlib.nullcontext()
        return told_on_the_way(self._connection, sum(slice_.reach_bytes for slice_ in some), self._progress.advance)

    def _set_aside(self, number: int, batch: list[tuple[Reading, Slice]]) -> None:
        """Move the lines that do not count to the quarantine, each with its place."""
        found = self._all(
            "SELECT DISTINCT source FROM events WHERE verdict IS NOT NULL AND batch = $batch", batch=number
        )
        refused = {source for (source,) in found}
        if refused:
            self._judge_in_order([slice_ for reading, slice_ in batch if reading.number in refused])
        for reading, slice_ in batch:
            if reading.number in refused or slice_.oversize:
                self._quarantine(reading, slice_, self._verdicts(slice_) if reading.number in refused else ())
        if refused:
            self._all("DELETE FROM events WHERE verdict IS NOT NULL AND batch = $batch", batch=number)

    def _judge_in_order(self, refused: list[Slice]) -> None:
        """Fill ``verdicts`` with the lines of some slices that do not count, by their ordinals among all of a slice."""
        names = [slice_.name for slice_ in refused]
        self._all("DELETE FROM slices")
        self._all(
            "INSERT INTO slices SELECT unnest($names), unnest($places)", names=names, places=list(range(len(names)))
        )
        self._judge("FROM lines_of(files)")
        self._all("SET preserve_insertion_order = true")
        self._all(query("verdicts.sql"), files=names, structure=line_structure())
        self._all("SET preserve_insertion_order = false")

    def _quarantine(self, reading: Reading, slice_: Slice, verdicts: Iterable[tuple[int, str]]) -> None:
        first_line = 1 + count_lines(reading.content.chunks(), slice_.start)
        located = locate(slice_, verdicts, first_line)
        while rows := list(itertools.islice(located, ROWS_AT_ONCE)):
            self._all(
                "INSERT INTO quarantine SELECT $source, unnest($lines), unnest($offsets), unnest($bytes),"
                " unnest($unsupported), unnest($reasons)",
                source=reading.number,
                lines=[row.line for row in rows],
                offsets=[row.byte_offset for row in rows],
                bytes=[row.bytes for row in rows],
                unsupported=[row.reason.startswith(UNSUPPORTED) for row in rows],
                reasons=[row.reason.removeprefix(UNSUPPORTED) for row in rows],
            )

    def _verdicts(self, slice_: Slice) -> Iterator[tuple[int, str]]:
        """(ordinal among the lines that are not blank, reason) of the lines that do not count, in order."""
        last = 0
        page = (
            "SELECT ordinal, verdict FROM verdicts WHERE file = $file AND ordinal > $last ORDER BY ordinal LIMIT $rows"
        )
        while rows := self._all(page, file=slice_.name, last=last, rows=ROWS_AT_ONCE):
            yield from rows
            last = rows[-1][0]

    def _settle(self, number: int) -> None:
        """Leave one event per line key; add up what the batch used, and make its calls."""
        duplicates = self._all(query("has_duplicates.sql"), batch=number)[0][0]
        if duplicates:
            self._all(query("beaten_events.sql"), batch=number)
            self._all("INSERT INTO duplicates SELECT * FROM events WHERE rowid IN (SELECT id FROM beaten)")
            self._all("DELETE FROM events WHERE rowid IN (SELECT id FROM beaten)")
        self._all(query("usage_sums.sql").replace("{events}", "events WHERE batch = $batch"), batch=number)
        if duplicates:
            self._affect("SELECT call_id FROM beaten WHERE batch <> $batch", batch=number)
            self._add_up_again()
        self._affect("SELECT DISTINCT call_id FROM events WHERE batch = $batch", batch=number)
        self._make_calls_again()

    def _forget(self, sources: list[int]) -> None:
        """Drop the rows of contents that are gone, and let count what they had beaten."""
        make_smaller(self._connection)
        self._affect("SELECT DISTINCT call_id FROM events WHERE source IN (SELECT unnest($sources))", sources=sources)
        for table in ("events", "duplicates", "usage_sums", "quarantine"):
            self._all(f"DELETE FROM {table} WHERE source IN (SELECT unnest($sources))", sources=sources)
        self._all(query("promoted_events.sql"))
        self._all("INSERT INTO events SELECT * FROM duplicates WHERE rowid IN (SELECT id FROM promoted)")
        self._all("DELETE FROM duplicates WHERE rowid IN (SELECT id FROM promoted)")
        # What is promoted had been beaten by an event of the same call that is gone: its call is among the affected.
        self._make_calls_again()
        self._affect("SELECT call_id FROM promoted")
        self._add_up_again()
        self._ledger.forget(sources)

    def _affect(self, calls: str, **values: object) -> None:
        """Make ``affected``: the ids that ``calls`` selects, of calls that something has to be made anew of."""
        self._all(f"CREATE OR REPLACE TEMP TABLE affected AS {calls}", **values)

    def _add_up_again(self) -> None:
        """Make the sums of the affected calls anew."""
        self._all("DELETE FROM usage_sums WHERE call_id IN (FROM affected)")
        self._all(query("usage_sums.sql").replace("{events}", "events WHERE call_id IN (FROM affected)"))

    def _make_calls_again(self) -> None:
        """Make the rows of the affected calls anew, and judge how they ended."""
        self._all("DELETE FROM calls WHERE call_id IN (FROM affected)")
        self._all(query("call_rows.sql"))
        self._call_judge.judge_calls()

    def _all(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values or None).fetchall()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """Whatever is done in it changes what can be asked; so what was answered before is forgotten with it."""
        self._connection.begin()
        try:
            self._all("DELETE FROM answers")
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()


class _FileChangedError(Exception):
    """A file got longer or shorter while it was read."""


def _refuse_changed(batch: Iterable[tuple[Reading, Slice]]) -> None:
    if any(slice_.grew() for _, slice_ in batch):
        raise _FileChangedError


def _batches(
    readings: Iterable[Reading], most_bytes: int, most_slices: int, warn: Callable[[str], None]
) -> Iterator[list[tuple[Reading, Slice]]]:
    """Slices gathered into transactions: many small files in one, a large file in several."""
    batch: list[tuple[Reading, Slice]] = []
    size = 0
    for reading, slice_ in _slices(readings, warn):
        batch.append((reading, slice_))
        size += slice_.reach_bytes
        if size >= most_bytes or len(batch) >= most_slices:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _slices(readings: Iterable[Reading], warn: Callable[[str], None]) -> Iterator[tuple[Reading, Slice]]:
    for reading in readings:
        try:
            for slice_ in slices(reading.content, reading.start, reading.measure.length):
                yield reading, slice_
        except OSError as error:
            warn(f"{reading.file.path}: skipped: {error.strerror}")
        except DamagedError as error:
            warn(f"{reading.file.path}: changed while it was read: {error}")
