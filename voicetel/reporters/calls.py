"""``voicetel calls``: one row per call."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import pyarrow as pa

from voicetel.reporters import figures
from voicetel.reporters.document import Document, Section
from voicetel.reporters.grid import UNPRICED, Column, Grid, Kind
from voicetel.reporters.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from voicetel.reporters.grid import Cell

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

_TITLES = {
    "call_id": "call",
    "started_at": "started",
    "agent_name": "agent",
    "duration_s": "length, s",
    "eou_latency_ms_p50": "response p50",
    "eou_latency_ms_p95": "p95, ms",
    "interruption_count": "interrupted",
    "outcome_confidence": "confidence",
}

_KINDS = {
    "duration_s": Kind.SECONDS,
    "stt_s": Kind.SECONDS,
    "transport_s": Kind.SECONDS,
    "interruption_rate": Kind.SHARE,
    "outcome_confidence": Kind.SCORE,
    "sentiment": Kind.SCORE,
    "started_at": Kind.TIME,
}


def call_columns(schema: pa.Schema) -> tuple[Column, ...]:
    """Every column of the calls, under its own name."""
    return tuple(Column(field.name, field.name, _kind(field)) for field in schema)


def _kind(field: pa.Field[pa.DataType]) -> Kind:
    name = field.name
    if name in _KINDS:
        return _KINDS[name]
    if name.startswith("cost_"):
        return Kind.MONEY
    if pa.types.is_string(field.type):
        return Kind.TEXT
    if pa.types.is_floating(field.type):
        return Kind.MS
    return Kind.COUNT if pa.types.is_integer(field.type) else Kind.QUANTITY


def calls_document(
    table: pa.Table,
    currency: str,
    *,
    total: int,
    by: Sequence[str] = (),
    sort: str | None = None,
    zone: tzinfo = UTC,
) -> Document:
    """The calls of ``table``, of ``total`` that there are, with their groups' values and the column they are sorted by."""
    wanted = [*by, *(name for name in _PEOPLE_READ if name in table.column_names and name not in by)]
    if sort and sort not in wanted:
        wanted.insert(len(by) + 1, sort)
    kinds = {column.name: column.kind for column in call_columns(table.schema)}
    titles = _TITLES | {"cost_total": f"cost, {visible(currency)}"}
    columns = (
        *(Column(name, name, Kind.KEY) for name in by),
        *(
            Column(name, titles.get(name, name), kinds[name], 0 if name == sort else _PEOPLE_READ.get(name, 0))
            for name in wanted[len(by) :]
        ),
    )
    rows = list(zip(*(_shown(table, name) for name in wanted), strict=True))
    more = total - table.num_rows
    notes = (
        (f"{figures.count(more)} of {figures.plural(total, 'call')} not shown: --limit 0 shows all.",) if more else ()
    )
    return Document((), (Section(grid=Grid(columns, rows, zone=zone)),), notes)


def _shown(table: pa.Table, name: str) -> list[Cell]:
    """A column's cells. A call whose cost is unknown because nothing it used has a price says so."""
    cells: list[Cell] = table.column(name).to_pylist()
    if not name.startswith("cost_") or "unpriced_operations" not in table.column_names:
        return cells
    unpriced = table.column("unpriced_operations").to_pylist()
    return [UNPRICED if cell is None and count else cell for cell, count in zip(cells, unpriced, strict=True)]


def ordered(table: pa.Table, column: str | None, limit: int, by: Sequence[str] = ()) -> pa.Table:
    """The first ``limit`` calls (0: all), by ``column``: numbers and times the highest first, words from A to Z.

    What is unknown comes last; calls that are equal stay in the order they began. Groups, told apart by the columns
    ``by``, stay in the order they come in, each sorted in itself.
    """
    if column is not None:
        values = table.column(column).to_pylist()
        known = [place for place, value in enumerate(values) if value is not None]
        unknown = [place for place, value in enumerate(values) if value is None]
        is_text = pa.types.is_string(table.schema.field(column).type)
        places = [*sorted(known, key=values.__getitem__, reverse=not is_text), *unknown]
        if by:
            groups = list(zip(*(table.column(name).to_pylist() for name in by), strict=True))
            rank = {group: place for place, group in enumerate(dict.fromkeys(groups))}
            places.sort(key=lambda place: rank[groups[place]])
        table = table.take(places)
    return table.slice(0, limit) if limit else table


def call_rows(table: pa.Table) -> Iterator[dict[str, Cell]]:
    """The calls one by one, without making Python values of all at once."""
    for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
        yield from batch.to_pylist()


def call_cells(table: pa.Table) -> Iterator[Sequence[Cell]]:
    """The same without names, in the order of the columns."""
    for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
