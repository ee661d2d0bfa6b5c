"""``voicetel calls``: one row per call."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC
from typing import TYPE_CHECKING

from voicetel.analyzers.calls.calls import rate_notes_of
from voicetel.analyzers.calls.results import CallRow
from voicetel.choices import check_choice
from voicetel.errors import UsageError
from voicetel.reporters import formatting
from voicetel.reporters.document import Document, Section
from voicetel.reporters.layouts.notes import far_off_notes, rate_warnings
from voicetel.reporters.table import UNPRICED, Column, Table, column_title
from voicetel.results import CellFormat, row_columns
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    import pyarrow as pa

    from voicetel.analyzers.calls.call_rows_file import CallRowsFile
    from voicetel.results import Cell

_BATCH_ROWS = 2000

_PEOPLE_READ = {
    "call_id": 0,
    "started_at": 3,
    "agent_name": 6,
    "duration_s": 4,
    "turns": 5,
    "eou_latency_ms_p50": 2,
    "eou_latency_ms_p95": 0,
    "cost_total": 0,
    "interruption_count": 7,
    "outcome": 0,
    "outcome_confidence": 8,
}
"""The columns of a call that a table shows, each with the order in which a narrow terminal drops it."""

_NAMED_LATENCIES = 3
"""Of so many latencies that a word can mean all are named."""

_TITLES = {
    "call_id": "call",
    "started_at": "started",
    "agent_name": "agent",
    "duration_s": "length, s",
    "eou_latency_ms_p50": "response p50",
    "eou_latency_ms_p95": "response p95",
    "interruption_count": "interrupted",
    "outcome_confidence": "confidence",
}


def call_columns(names: Iterable[str]) -> tuple[Column, ...]:
    """The columns of the calls of these names, in the formats of their figures; what calls are grouped by is text."""
    formats = {column.name: column.format for column in row_columns(CallRow)}
    return tuple(Column(name, name, formats.get(name, CellFormat.KEY)) for name in names)


def sort_words(names: Iterable[str]) -> dict[str, str]:
    """What a call can be sorted by → its column: the names of the columns, and what stands above them on screen."""
    words = {name: name for name in names}
    titles = _TITLES | {"cost_total": "cost"}
    for name, title in titles.items():
        if name in words:
            words |= {title: name, title.partition(",")[0]: name}
    return words


def sort_column(wanted: str, by: Sequence[str]) -> str:
    """The column that calls are sorted by, of rows grouped by ``by``. Raises UsageError for what is none, with the likely right one."""
    columns = (column.name for column in row_columns(CallRow) if not column.figure.omit_if_empty)
    words = sort_words([*by, *columns])
    # What a title says behind its comma, a unit, a currency or a zone, tells no columns apart.
    for word in (wanted, wanted.lower(), wanted.lower().partition(",")[0]):
        if word in words:
            return words[word]
    latencies = [name for name in words if wanted and wanted.lower() in name and name.endswith("_ms_p95")]
    if 0 < len(latencies) <= _NAMED_LATENCIES:
        raise UsageError(f"no column is called {wanted!r}", hint=f"did you mean {' or '.join(latencies)}?")
    return words[check_choice(wanted.lower(), words, "column")]


def calls_document(
    calls: pa.Table | CallRowsFile,
    currency: str,
    *,
    total: int,
    by: Sequence[str] = (),
    sort: str | None = None,
    zone: tzinfo = UTC,
) -> Document:
    """The calls of ``calls``, of ``total`` that there are, with their groups' values and the column they are sorted by."""
    wanted = [*by, *(name for name in _PEOPLE_READ if name in calls.column_names and name not in by)]
    if sort and sort not in wanted:
        wanted.insert(len(by) + 1, sort)
    formats = {column.name: column.format for column in call_columns(calls.column_names)}
    titles = _TITLES | {"cost_total": f"cost, {visible(currency)}"}
    columns = (
        *(Column(name, name, CellFormat.KEY) for name in by),
        *(
            Column(
                name,
                column_title(titles.get(name, name), formats[name], zone),
                formats[name],
                0 if name == sort else _PEOPLE_READ.get(name, 0),
            )
            for name in wanted[len(by) :]
        ),
    )
    more = total - calls.num_rows
    notes = [f"{formatting.count(more)} of {formatting.plural(total, 'call')} not shown: --limit 0 shows all."]
    doubtful = rate_notes_of(calls)
    return Document(
        (),
        (Section(table=Table(columns, _ShownRows(calls, wanted), zone=zone)),),
        (*(notes if more else ()), *far_off_notes(doubtful)),
        tuple(rate_warnings(doubtful)),
    )


class _ShownRows(Collection[Sequence["Cell"]]):
    """These columns of the calls, read each time they are gone through: a list of all calls is longer than memory should hold.

    A call whose cost is unknown because nothing it used has a price says so.
    """

    def __init__(self, calls: pa.Table | CallRowsFile, names: Sequence[str]) -> None:
        self._count = calls.num_rows
        self._names = tuple(names)
        unpriced = {"unpriced_operations"} & set(calls.column_names)
        self._read = calls.select([*names, *(unpriced - set(names))])

    def __len__(self) -> int:
        return self._count

    def __contains__(self, row: object) -> bool:
        return any(row == each for each in self)

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for batch in self._read.to_batches(max_chunksize=_BATCH_ROWS):
            yield from zip(*(_shown(batch, name) for name in self._names), strict=True)


def _shown(batch: pa.RecordBatch, name: str) -> list[Cell]:
    cells: list[Cell] = batch.column(name).to_pylist()
    if not name.startswith("cost_") or "unpriced_operations" not in batch.schema.names:
        return cells
    unpriced = batch.column("unpriced_operations").to_pylist()
    return [UNPRICED if cell is None and count else cell for cell, count in zip(cells, unpriced, strict=True)]


def call_cells(calls: pa.Table | CallRowsFile) -> Iterator[Sequence[Cell]]:
    """The calls one by one, in the order of the columns."""
    for batch in calls.to_batches(max_chunksize=_BATCH_ROWS):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
