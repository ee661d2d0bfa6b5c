"""``voicetel cost``: one row per line of the bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.events.fields import QUANTITIES
from voicetel.reporters.document import Document, Section
from voicetel.reporters.grid import UNPRICED, Column, Grid, Kind
from voicetel.reporters.notes import cost_notes
from voicetel.reporters.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.cost.results import CostTable
    from voicetel.reporters.grid import Cell

_QUANTITY_TITLES = {
    "input_tokens": "input tokens",
    "cached_input_tokens": "cached",
    "cache_write_tokens": "cache write",
    "input_audio_tokens": "audio in",
    "cached_input_audio_tokens": "cached audio",
    "output_tokens": "output tokens",
    "output_audio_tokens": "audio out",
    "audio_s": "audio, s",
    "session_s": "session, s",
}


NO_USAGE = "no usage"
"""In place of an amount: operations of which no quantity was logged that anybody bills."""


def cost_grid(table: CostTable, quantities: Sequence[str]) -> Grid:
    """One row per line of the bill, with the named quantities."""
    columns = (
        *(Column(name, name, Kind.KEY) for name in table.by),
        Column("amount", f"cost, {visible(table.cost.currency)}", Kind.MONEY),
        Column("share", "share", Kind.SHARE),
        Column("operations", "operations", Kind.COUNT, drop=30),
        Column("unpriced_operations", "unpriced", Kind.COUNT, drop=29),
        *(
            Column(name, _QUANTITY_TITLES.get(name, name), Kind.QUANTITY, drop=40 + place)
            for place, name in enumerate(quantities)
        ),
    )
    rows = [
        [*line.key, line.amount, line.share, line.operations, line.unpriced_operations]
        + [line.quantities.get(name) for name in quantities]
        for line in table.lines
    ]
    return Grid(columns, rows)


def cost_document(table: CostTable) -> Document:
    """The bill with its total; a line without a price says so."""
    used = [field.name for field in QUANTITIES if any(line.quantities.get(field.name) for line in table.lines)]
    grid = cost_grid(table, used)
    amount = len(table.by)
    rows: list[list[Cell]] = []
    for line, row in zip(table.lines, grid.rows, strict=True):
        cells = ["" if cell is None and place > amount else cell for place, cell in enumerate(row)]
        if line.amount is None:
            cells[amount] = UNPRICED if line.unpriced_operations else NO_USAGE
        rows.append(cells)
    operations = sum(line.operations for line in table.lines)
    unpriced = sum(line.unpriced_operations for line in table.lines)
    share = 1.0 if table.cost.total else None
    total: list[Cell] = ["Total", *[""] * (amount - 1)] if amount else []
    total += [
        UNPRICED if table.cost.total is None else table.cost.total,
        share,
        operations,
        unpriced,
        *[""] * len(used),
    ]
    return Document((), (Section(grid=Grid(grid.columns, rows, total)),), tuple(cost_notes(table.cost, at_most=None)))
