"""``voicetel pricing``: which rates apply, what is wrong with a card, what a minute costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.document import PLAIN_VIEW, Document, Section
from voicetel.reporters.layouts.analysis import COMPONENT_TITLES
from voicetel.reporters.layouts.notes import far_off_notes, rate_warnings
from voicetel.reporters.table import NO_USAGE, UNPRICED, Column, Table
from voicetel.results import CellFormat
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicetel.analyzers.cost.card_results import AppliedRate, CardFindings, MinuteCost, ModelRates, RateTable
    from voicetel.reporters.document import View
    from voicetel.results import Cell

BILLED = "billed as logged"

_SAME_MODEL = 4
"""How many of the first cells of a row say which model it is about."""

_RATE = _SAME_MODEL + 2
"""The place of the first cell on where the rate comes from."""


def rates_table(rates: RateTable) -> Table:
    """One row per model of the logs and price that applies to it, or quantity that has none."""
    columns = (
        Column("stage", "stage"),
        Column("provider", "provider", CellFormat.KEY),
        Column("model", "model", CellFormat.KEY),
        Column("operations", "operations", CellFormat.COUNT, drop_priority=8),
        Column("price", "price", CellFormat.WHOLE),
        Column("value", "value", CellFormat.COUNT),
        Column("as_of", "as of", wrap_below=True),
        Column("from", "from", wrap_below=True),
        Column("key", "table", wrap_below=True),
        Column("source", "source", wrap_below=True),
    )
    return Table(columns, [row for model in rates.models for row in _rate_rows(model)])


def _rate_rows(use: ModelRates) -> Iterator[tuple[Cell, ...]]:
    head = (use.stage, use.provider, use.model, use.operations)
    if use.billed_operations:
        yield (*head, BILLED, "", "", "", "", "")
    for rate in use.rates:
        tail = (str(rate.as_of or ""), str(rate.effective_from or ""), rate.key, rate.source or "")
        for key, value in _prices(rate):
            yield (*head, key, value, *tail)
    for name in use.unpriced:
        yield (*head, name, UNPRICED, "", "", "", "")


def _prices(rate: AppliedRate) -> Iterator[tuple[str, str]]:
    factor = "" if rate.multiplier == 1 else f" × {rate.multiplier:f}"
    yield from ((key, f"{value:f}{factor}") for key, value in rate.written.items())
    if rate.round_up_to_s is not None:
        yield "round_up_to_s", f"{rate.round_up_to_s:f}"


def _without_repeats(table: Table, prefix: str) -> Table:
    """The rows with the model and where its rate comes from named where they change, and ``prefix`` of the keys said once, above them."""
    columns = tuple(
        replace(column, title=f"{prefix}…") if column.name == "price" else column for column in table.columns
    )
    rows: list[Sequence[Cell]] = []
    previous: Sequence[Cell] = ()
    for row in table.rows:
        same = previous[:_SAME_MODEL] == row[:_SAME_MODEL]
        head = [""] * _SAME_MODEL if same else row[:_SAME_MODEL]
        tail = row[_RATE:]
        if same and previous[_RATE:] == tail:
            tail = [""] * len(tail)
        rows.append([*head, str(row[_SAME_MODEL]).removeprefix(prefix), *row[_SAME_MODEL + 1 : _RATE], *tail])
        previous = row
    return Table(columns, rows)


def rates_document(rates: RateTable, view: View = PLAIN_VIEW) -> Document:
    """The rates that apply, and which card they come from."""
    table = _without_repeats(rates_table(rates), f"{rates.currency.lower()}_per_")
    return Document((f"Rates: {visible(rates.card)}", visible(rates.currency)), (Section(table=table),))


def findings_lines(found: CardFindings) -> Iterator[str]:
    """One line per finding, or one that says that there is none."""
    for each in found.findings:
        yield f"{visible(found.card)}: {each.kind}: {visible(each.text)}"
    if not found.findings:
        yield f"{visible(found.card)}: nothing to remark"


def estimate_table(minute: MinuteCost) -> Table:
    """One row per component: what it is, and what a minute of it costs."""
    return _estimate(minute, {})


def estimate_document(minute: MinuteCost, view: View = PLAIN_VIEW) -> Document:
    """A minute by component and in all."""
    table = _estimate(minute, COMPONENT_TITLES)
    unknown = UNPRICED if minute.components else NO_USAGE
    total = unknown if minute.per_minute is None else minute.per_minute
    notes = [f"{minute.basis} Rates: {visible(minute.card)}."]
    if minute.per_minute is not None:
        notes.append(f"An hour is {visible(minute.currency)} {formatting.money(minute.per_minute * 60)}.")
    notes += far_off_notes(minute.rate_notes)
    section = Section(table=replace(table, total=("Total", "", total)))
    return Document((), (section,), tuple(notes), tuple(rate_warnings(minute.rate_notes)))


def _estimate(minute: MinuteCost, titles: Mapping[str, str]) -> Table:
    columns = (
        Column("component", "component"),
        Column("what", "what" if any(each.what for each in minute.components) else ""),
        Column("per_minute", f"per minute, {visible(minute.currency)}", CellFormat.MONEY),
    )
    rows = [
        (
            titles.get(each.component, each.component),
            each.what,
            UNPRICED if each.per_minute is None else each.per_minute,
        )
        for each in minute.components
    ]
    return Table(columns, rows)
