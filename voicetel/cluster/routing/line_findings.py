"""What a task finds in lines on their way to the buckets: what only their files can tell, by the places that they have there."""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from voicetel.analyzers.core.file_formats import BEGINNING_BYTES, guess_format_of_bytes
from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.cluster.packed_tables import AGGREGATES, ROWS, Blob, encode, pack_rows
from voicetel.cluster.routing.splits import MIN_SPLIT_BYTES, line_start
from voicetel.store.ingest.open_log import OpenLog
from voicetel.store.ingest.segment_builder import UNSUPPORTED_PREFIX
from voicetel.store.validation.checked_lines import LineChecker
from voicetel.store.validation.misspelt_fields import SAMPLE_BYTES, SAMPLE_LINES, first_of_misspelt, misspelt_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.cluster.job import Job
    from voicetel.cluster.routing.splits import Listing, Split
    from voicetel.store.validation.checked_lines import CheckedLines

VALIDATE = "validate"
"""The report that lists lines by their places: it is made of what is found here."""

TOO_LONG, NOT_LOG_FILES, FINDINGS = "too_long", "not_log_files", "findings"
"""Tables that add up: lines too long to be routed; streams that look like no log, and their splits with a line that counts; findings."""

ROWS_AT_ONCE = 50_000
"""Of these tables, before they are packed."""

SPLITS, QUARANTINED, VALUES, FIELDS = "checked_splits", "quarantined_lines", "unknown_values", "misspelt_fields"
"""Tables of ``validate``, by stream and by where the split starts; lines are counted from the first of the split."""

_LOCATION = {"stream": "BIGINT", "start": "BIGINT", "line": "BIGINT"}
_ROWS = {
    SPLITS: {"stream": "BIGINT", "start": "BIGINT", "lines": "BIGINT"},
    QUARANTINED: _LOCATION
    | {"byte_offset": "BIGINT", "bytes": "BIGINT", "reason": "VARCHAR", "unsupported": "BOOLEAN"},
    VALUES: _LOCATION | {"field": "VARCHAR", "reason": "VARCHAR"},
    FIELDS: _LOCATION | {"lines": "BIGINT", "field": "VARCHAR", "meant": "VARCHAR"},
}


class LineFindings:
    """What one task finds. ``too_long``: lines that no bucket gets. Use it in a ``with`` block."""

    def __init__(self, job: Job) -> None:
        self._stack = contextlib.ExitStack()
        self._checker: LineChecker | None = None
        self.too_long = 0
        self._job = job
        self._streams: dict[int, bool] = {}
        self._rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._bucket = 0
        self._findings = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def inspect_split(self, split: Split, log: OpenLog, start: int, end: int) -> Iterator[Blob]:
        """Inspect the lines of a split, between two line starts: each of them for ``validate``, else whether one counts in a file that looks like no log."""
        is_listed = self._job.kind == VALIDATE
        is_not_log = (
            self._job.kind in {VALIDATE, "analyze"}
            and guess_format_of_bytes(log.read_at(0, BEGINNING_BYTES)) is not None
        )
        if not (is_listed or is_not_log):
            return
        checker = self._checker = self._checker or self._stack.enter_context(LineChecker())
        if is_listed:
            has_events = False
            for checked in checker.check(log, start, end):
                has_events |= checked.has_events
                self._add(split, checked)
                if self._waiting > ROWS_AT_ONCE:
                    yield self._packed_rows()
        else:
            has_events = checker.has_events(log, start, end)
        if is_not_log:
            self._streams[split.stream] = has_events or self._streams.get(split.stream, False)

    def _add(self, split: Split, checked: CheckedLines) -> None:
        self._bucket = (split.stream + split.start // MIN_SPLIT_BYTES) % self._job.buckets
        of_split = {"stream": split.stream, "start": split.start}
        self._rows[SPLITS].append(of_split | {"lines": checked.line_count})
        for each in checked.quarantined:
            of_line = of_split | {"line": each.line, "byte_offset": each.byte_offset, "bytes": each.bytes}
            unsupported = each.reason.startswith(UNSUPPORTED_PREFIX)
            reason = each.reason.removeprefix(UNSUPPORTED_PREFIX)
            self._rows[QUARANTINED].append(of_line | {"reason": reason, "unsupported": unsupported})
        for line, field, reason in checked.unknown_values:
            self._rows[VALUES].append(of_split | {"line": line, "field": field, "reason": reason})
        for misspelt, (line, lines) in checked.misspelt.items():
            self._rows[FIELDS].append(of_split | {"line": line, "lines": lines} | misspelt._asdict())

    @property
    def _waiting(self) -> int:
        return sum(map(len, self._rows.values()))

    def _packed_rows(self) -> Blob:
        tables = {name: pack_rows(self._rows[name], columns) for name, columns in _ROWS.items()}
        self._findings += sum(len(self._rows[name]) for name in (QUARANTINED, VALUES, FIELDS))
        self._rows.clear()
        return Blob(ROWS, self._bucket, encode(tables))

    def blobs(self) -> Iterator[Blob]:
        """What has not been given back yet, as tables."""
        if self._rows:
            yield self._packed_rows()
        aggregates = {}
        if self.too_long:
            aggregates[TOO_LONG] = pack_rows([{"lines": self.too_long}], {"lines": "BIGINT"}, MergeByKeys(keys=()))
        if self._streams:
            rows = [{"stream": stream, "events": int(events)} for stream, events in self._streams.items()]
            aggregates[NOT_LOG_FILES] = pack_rows(
                rows, {"stream": "BIGINT", "events": "BIGINT"}, MergeByKeys(keys=("stream",))
            )
        if self._findings:
            aggregates[FINDINGS] = pack_rows(
                [{"findings": self._findings}], {"findings": "BIGINT"}, MergeByKeys(keys=())
            )
        if aggregates:
            yield Blob(AGGREGATES, 0, encode(aggregates))


def misspelt_in_beginnings(listing: Listing) -> str | None:
    """The misspelt field that a report names, found where one machine looks for it: in the first lines of the logs."""
    first_splits = sorted(
        (each for each in listing.splits if each.start == 0),
        key=lambda each: os.fsencode(listing.streams[each.stream][0]),
    )
    with LineChecker() as checker:
        lines = (line for split in first_splits for line in _lines_of_beginning(split, checker))
        return first_of_misspelt(found for line in islice(lines, SAMPLE_LINES) for found in misspelt_in(line))


def _lines_of_beginning(split: Split, checker: LineChecker) -> Iterator[bytes]:
    """The lines that count among those that begin in the first bytes of a log; none where it can no longer be read."""
    with contextlib.suppress(OSError), OpenLog.open(split.path) as log:
        for line in checker.accepted(log, 0, _end_of_beginning(log, split.length)):
            yield line.content


def _end_of_beginning(log: OpenLog, length: int) -> int:
    if log.is_uncompressed or length <= SAMPLE_BYTES:
        return line_start(log, SAMPLE_BYTES, length)
    position = 0
    for block in log.blocks():
        found = block.find(b"\n", max(0, SAMPLE_BYTES - 1 - position))
        if found >= 0:
            return min(position + found + 1, length)
        position += len(block)
    return length
