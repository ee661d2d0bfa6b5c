"""``voicetel pricing``: which rates apply, what is wrong with a card, what a minute costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from voicetel.reporters import formatting
from voicetel.reporters.document import Document, Section
from voicetel.reporters.json_report import SCHEMA_VERSION
from voicetel.reporters.layouts.analysis import COMPONENT_TITLES
from voicetel.reporters.table import UNPRICED, Column, Table
from voicetel.reporters.text_safety import visible
from voicetel.results import CellFormat, digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from voicetel.analyzers.cost.rate_use import RateUse
    from voicetel.pricing import Rate, RateCard
    from voicetel.results import Cell

BILLED = "billed as logged"

Finding = tuple[str, str]
"""What kind of finding, and where and what it is."""


_SAME_MODEL = 4
"""How many of the first cells of a row say which model it is about."""


def rates_table(uses: Sequence[RateUse]) -> Table:
    """One row per model of the logs and price that applies to it, or quantity that has none."""
    columns = (
        Column("stage", "stage"),
        Column("provider", "provider", CellFormat.KEY),
        Column("model", "model", CellFormat.KEY),
        Column("operations", "operations", CellFormat.COUNT, drop_priority=8),
        Column("price", "price", CellFormat.WHOLE),
        Column("value", "value", CellFormat.COUNT),
        Column("from", "from", drop_priority=9),
        Column("key", "table", drop_priority=7),
        Column("source", "source", drop_priority=10),
    )
    return Table(columns, [row for use in uses for row in _rate_rows(use)])


def _rate_rows(use: RateUse) -> Iterator[tuple[Cell, ...]]:
    head = (use.stage, use.provider, use.model, use.operations)
    if use.billed:
        yield (*head, BILLED, "", "", "", "")
    for rate in use.rates:
        tail = (str(rate.effective_from or ""), rate.key, rate.source or "")
        for key, value in _prices(rate):
            yield (*head, key, value, *tail)
    for name in use.unpriced:
        yield (*head, name, UNPRICED, "", "", "")


def _prices(rate: Rate) -> Iterator[tuple[str, str]]:
    factor = "" if rate.multiplier == 1 else f" × {rate.multiplier:f}"
    yield from ((written.key, f"{written.value:f}{factor}") for written in rate.written)
    if rate.round_up_to_s is not None:
        yield "round_up_to_s", f"{rate.round_up_to_s:f}"


def _without_repeats(table: Table, prefix: str) -> Table:
    """The rows with the model named where it changes, and ``prefix`` of the keys said once, above them."""
    columns = tuple(
        replace(column, title=f"{prefix}…") if column.name == "price" else column for column in table.columns
    )
    rows: list[Sequence[Cell]] = []
    for place, row in enumerate(table.rows):
        same = place > 0 and table.rows[place - 1][:_SAME_MODEL] == row[:_SAME_MODEL]
        head = [""] * _SAME_MODEL if same else row[:_SAME_MODEL]
        rows.append([*head, str(row[_SAME_MODEL]).removeprefix(prefix), *row[_SAME_MODEL + 1 :]])
    return Table(columns, rows)


def rates_document(uses: Sequence[RateUse], card: RateCard) -> Document:
    """The rates that apply, and which card they come from."""
    table = _without_repeats(rates_table(uses), f"{card.currency.lower()}_per_")
    return Document((f"Rates: {visible(card.source)}", visible(card.currency)), (Section(table=table),))


def rates_json(uses: Sequence[RateUse], card: RateCard) -> dict[str, Any]:
    """The same with every date and value."""
    return {
        "schema_version": SCHEMA_VERSION,
        "card": card.source,
        "currency": card.currency,
        "models": [
            {
                "stage": use.stage,
                "provider": use.provider,
                "model": use.model,
                "first_day": str(use.first_day),
                "last_day": str(use.last_day),
                "operations": use.operations,
                "billed_operations": use.billed,
                "unpriced": list(use.unpriced),
                "rates": [_rate_json(rate) for rate in use.rates],
            }
            for use in uses
        ],
    }


def _rate_json(rate: Rate) -> dict[str, Any]:
    return {
        "key": rate.key,
        "effective_from": None if rate.effective_from is None else str(rate.effective_from),
        "effective_to": None if rate.effective_to is None else str(rate.effective_to),
        **{written.key: digits(written.value) for written in rate.written},
        "multiplier": digits(rate.multiplier),
        "round_up_to_s": None if rate.round_up_to_s is None else digits(rate.round_up_to_s),
        "source": rate.source,
        "as_of": None if rate.as_of is None else str(rate.as_of),
    }


def findings_table(findings: Sequence[Finding]) -> Table:
    """One row per finding."""
    return Table((Column("kind", "finding"), Column("text", "where and what")), list(findings))


def findings_document(findings: Sequence[Finding]) -> Document:
    """The findings as a table."""
    return Document((), (Section(table=findings_table(findings)),))


def findings_lines(findings: Sequence[Finding], card: RateCard) -> Iterator[str]:
    """One line per finding, or one that says that there is none."""
    for kind, text in findings:
        yield f"{visible(card.source)}: {kind}: {visible(text)}"
    if not findings:
        yield f"{visible(card.source)}: nothing to remark"


def findings_json(findings: Sequence[Finding], card: RateCard) -> dict[str, Any]:
    """The same as one object."""
    return {
        "schema_version": SCHEMA_VERSION,
        "card": card.source,
        "findings": [{"kind": kind, "text": text} for kind, text in findings],
    }


def estimate_table(lines: Sequence[tuple[str, str, Decimal | None]], currency: str) -> Table:
    """One row per component: what it is, and what a minute of it costs."""
    columns = (
        Column("component", "component"),
        Column("what", "what" if any(what for _, what, _ in lines) else ""),
        Column("per_minute", f"per minute, {visible(currency)}", CellFormat.MONEY),
    )
    rows = [(name, what, UNPRICED if amount is None else amount) for name, what, amount in lines]
    return Table(columns, rows)


def estimate_document(
    lines: Sequence[tuple[str, str, Decimal | None]], total: Decimal | None, card: RateCard, note: str
) -> Document:
    """A minute by component and in all."""
    table = estimate_table(
        [(COMPONENT_TITLES.get(name, name), what, amount) for name, what, amount in lines], card.currency
    )
    table = Table(table.columns, table.rows, ("Total", "", UNPRICED if total is None else total))
    notes = [f"{note} Rates: {visible(card.source)}."]
    if total is not None:
        notes.append(f"An hour is {visible(card.currency)} {formatting.money(total * 60)}.")
    return Document((), (Section(table=table),), tuple(notes))


def estimate_json(
    lines: Sequence[tuple[str, str, Decimal | None]], total: Decimal | None, card: RateCard
) -> dict[str, Any]:
    """The same, exact."""
    return {
        "schema_version": SCHEMA_VERSION,
        "card": card.source,
        "currency": card.currency,
        "per_minute": None if total is None else digits(total),
        "components": [
            {"component": name, "what": what, "per_minute": None if amount is None else digits(amount)}
            for name, what, amount in lines
        ],
    }
