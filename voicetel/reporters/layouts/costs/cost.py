"""``voicetel cost``: one row per line of the bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.cost.bill import COMPONENT
from voicetel.events.fields import QUANTITIES
from voicetel.pricing.units import COMPONENTS
from voicetel.reporters.document import PLAIN_VIEW, Document, Section, View
from voicetel.reporters.layouts.notes import cost_notes, cost_warnings, per_call_sentence, total_cell
from voicetel.reporters.table import NO_USAGE, UNPRICED, Column, Table
from voicetel.results import CellFormat
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.analyzers.cost.results import CostTable
    from voicetel.results import Cell

_OTHER = COMPONENTS[-1]

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


def cost_table(bill: CostTable, quantities: Sequence[str]) -> Table:
    """One row per line of the bill, with the named quantities."""
    columns = (
        *(Column(name, name, CellFormat.KEY) for name in bill.by),
        Column("amount", f"cost, {visible(bill.cost.currency)}", CellFormat.MONEY),
        Column("share", "share", CellFormat.SHARE),
        Column("operations", "operations", CellFormat.COUNT, drop_priority=30),
        Column("unpriced_operations", "unpriced", CellFormat.COUNT, drop_priority=29),
        *(
            Column(name, _QUANTITY_TITLES.get(name, name), CellFormat.QUANTITY, drop_priority=40 + index)
            for index, name in enumerate(quantities)
        ),
    )
    rows = [
        [*line.key.values(), line.amount, line.share, line.operations, line.unpriced_operations]
        + [line.quantities.get(name) for name in quantities]
        for line in bill.lines
    ]
    return Table(columns, rows)


def _unnamed(bill: CostTable) -> Iterator[str]:
    """What stands behind the names of lines that say little."""
    if any(line.key.get(COMPONENT) == _OTHER for line in bill.lines):
        yield f"{_OTHER}: what is in no other component, as tool calls, the detection of the end of a turn and the platform."
    unknown = [name for name in bill.by if any(line.key[name] is None for line in bill.lines)]
    if unknown:
        yield f"(not logged): the log does not say the {' or '.join(map(visible, unknown))} of these operations."


def cost_document(bill: CostTable, view: View = PLAIN_VIEW) -> Document:
    """The bill with its total; a line without a price says so."""
    used = [field.name for field in QUANTITIES if any(line.quantities.get(field.name) for line in bill.lines)]
    table = cost_table(bill, used)
    amount = len(bill.by)
    rows: list[list[Cell]] = []
    for line, row in zip(bill.lines, table.rows, strict=True):
        cells = ["" if cell is None and index > amount else cell for index, cell in enumerate(row)]
        if line.amount is None:
            cells[amount] = UNPRICED if line.unpriced_operations else NO_USAGE
        rows.append(cells)
    operations = sum(line.operations for line in bill.lines)
    unpriced = sum(line.unpriced_operations for line in bill.lines)
    share = 1.0 if bill.cost.total else None
    total: list[Cell] = ["Total", *[""] * (amount - 1)] if amount else []
    total += [
        total_cell(bill.cost),
        share,
        operations,
        unpriced,
        *[""] * len(used),
    ]
    per_call = per_call_sentence(bill.cost)
    notes = (*((f"{per_call}.",) if per_call else ()), *_unnamed(bill), *cost_notes(bill.cost, at_most=None))
    table = Table(table.columns, rows, total)
    return Document((), (Section(table=table),), notes, tuple(cost_warnings(bill.cost)))
