"""``validate``, made of what was found in lines on their way to the partitions, in the order in which one machine finds it."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.no_calls import explain_no_calls
from voicetel.analyzers.validation.contradictions import contradiction_notes, other_file_notes
from voicetel.analyzers.validation.validation import Validation, finding_of
from voicetel.cluster.driver import files_without_events, one_number
from voicetel.cluster.packed_tables import unpack_batches
from voicetel.cluster.partition import CONTRADICTIONS
from voicetel.cluster.routing.line_findings import FIELDS, FINDINGS, QUARANTINED, SPLITS, VALUES
from voicetel.errors import UsageError
from voicetel.store import QuarantinedLine
from voicetel.store.validation.misspelt_fields import MisspeltField
from voicetel.store.validation.value_validation import UnknownValue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicetel.cluster.driver import InputTotals
    from voicetel.cluster.packed_tables import PackedTable

MAX_FINDINGS = 1_000_000
"""Each is brought to the driver: a kB or so."""

Row = dict[str, Any]


def check_findings(aggregates: Mapping[str, PackedTable]) -> None:
    """Raise UsageError where there are more findings than can be listed."""
    found = one_number(aggregates, FINDINGS)
    if found > MAX_FINDINGS:
        raise UsageError(
            f"validate: {found:,} findings are too many to be brought together",
            hint=f"read the logs of some days, with fewer than {MAX_FINDINGS:,}",
        )


def validation_of(
    aggregates: Mapping[str, PackedTable], rows: Sequence[Mapping[str, PackedTable]], totals: InputTotals
) -> Validation:
    """What ``voicetel.analyzers.validation.validation`` says. Raises NoDataError where there is not one line."""
    summary, listing = totals.summary, totals.listing
    if not (summary.rejected_lines or summary.unsupported_lines or listing.pending_bytes or totals.calls):
        raise explain_no_calls(summary)
    placed = _Placed(rows, listing.streams)
    values, fields = list(placed.values()), list(placed.fields())
    contradicted = unpack_batches(aggregates[CONTRADICTIONS].rows).to_pylist() if CONTRADICTIONS in aggregates else []
    notes = [note for row in contradicted for note in contradiction_notes(row)]
    found: list[QuarantinedLine | UnknownValue | MisspeltField] = [*placed.quarantined_lines(), *values, *fields]
    return Validation(
        paths=summary.paths,
        refused_lines=summary.rejected_lines,
        unsupported_lines=summary.unsupported_lines,
        pending_bytes=listing.pending_bytes,
        lines=totals.accepted_lines + summary.rejected_lines + summary.unsupported_lines,
        unknown_values=len(values),
        misspelt_fields=len(fields),
        findings=tuple(map(finding_of, found)),
        notes=(*notes, *other_file_notes(files_without_events(aggregates, listing))),
    )


class _Placed:
    """Rows of all splits by the names of their files and the numbers of their lines there."""

    def __init__(self, tasks: Sequence[Mapping[str, PackedTable]], streams: Sequence[Sequence[str]]) -> None:
        self._tasks = tasks
        self._paths = [paths[0] for paths in streams]
        self._before = self._lines_before()

    def quarantined_lines(self) -> Iterator[QuarantinedLine]:
        """By file and line."""
        for row in self._ordered(QUARANTINED):
            at = self._path(row), self._line(row), row["byte_offset"], row["bytes"]
            yield QuarantinedLine(*at, row["reason"], row["unsupported"])

    def values(self) -> Iterator[UnknownValue]:
        """As ``quarantined_lines``."""
        for row in self._ordered(VALUES):
            yield UnknownValue(self._path(row), self._line(row), row["field"], row["reason"])

    def fields(self) -> Iterator[MisspeltField]:
        """Each once, with the first line that has it, in the order of these."""
        found: dict[tuple[str, str], MisspeltField] = {}
        for row in self._ordered(FIELDS):
            key = row["field"], row["meant"]
            first = found.setdefault(key, MisspeltField(*key, self._path(row), self._line(row), 0))
            first.line_count += row["lines"]
        yield from found.values()

    def _ordered(self, name: str) -> list[Row]:
        rows = self._rows(name)
        return sorted(rows, key=lambda row: (os.fsencode(self._path(row)), row["start"], row["line"]))

    def _rows(self, name: str) -> list[Row]:
        return [row for tables in self._tasks for row in unpack_batches(tables[name].rows).to_pylist()]

    def _path(self, row: Row) -> str:
        return self._paths[row["stream"]]

    def _line(self, row: Row) -> int:
        return int(row["line"] + self._before[row["stream"], row["start"]])

    def _lines_before(self) -> dict[tuple[int, int], int]:
        """Split → the line ends of its log stream before it."""
        lines: defaultdict[tuple[int, int], int] = defaultdict(int)
        for row in self._rows(SPLITS):
            split = row["stream"], row["start"]
            lines[split] = max(lines[split], row["lines"])
        before: dict[tuple[int, int], int] = {}
        stream = total = -1
        for split in sorted(lines):
            total = total if split[0] == stream else 0
            stream = split[0]
            before[split] = total
            total += lines[split]
        return before
