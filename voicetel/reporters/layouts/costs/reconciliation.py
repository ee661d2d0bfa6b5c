"""``voicetel reconcile``: what differs and why, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reporters import formatting
from voicetel.reporters.document import PLAIN_VIEW, Document, Section, View
from voicetel.reporters.table import Column, Table
from voicetel.results import CellFormat, digits
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from decimal import Decimal

    from voicetel.reconcile.results import CurrencyTotal, DifferencePart, ReconciledLine, Reconciliation
    from voicetel.results import Cell

MAX_LINES = 40

CAUSE_WORDS = {
    "missing_in_logs": "missing in the logs",
    "missing_in_invoice": "missing in the invoice",
    "cancelled": "cancelled, not billed",
    "rounding_up": "time rounded up",
    "silence": "connected time, silence included",
    "day_boundary": "counted on a neighbouring day",
    "rate": "another rate",
    "no_rate": "the card has no rate",
    "not_in_logs": "not in the logs",
    "not_in_invoice": "not in the invoice",
    "amount_only": "no quantity stated",
    "precision": "figures of the invoice are rounded",
    "currency": "another currency",
    "credit": "credit",
    "minimum_fee": "minimum fee",
    "tax": "tax",
}

_COLUMNS = (
    Column("cell", "provider, model", CellFormat.KEY),
    Column("day", "day"),
    Column("unit", "unit", drop_priority=20),
    Column("quantity_ours", "logged", CellFormat.QUANTITY, drop_priority=12),
    Column("quantity_theirs", "billed", CellFormat.QUANTITY, drop_priority=12),
    Column("amount_ours", "ours", CellFormat.MONEY),
    Column("amount_theirs", "theirs", CellFormat.MONEY),
    Column("difference", "difference", CellFormat.MONEY),
    Column("causes", "why", wrap_below=True),
)


def reconciliation_document(found: Reconciliation, view: View = PLAIN_VIEW) -> Document:
    """The greatest differences, the sum of each currency with its causes, and rates that can be pasted."""
    differing = [line for line in found.lines if any(part.cause != "precision" for part in line.causes)]
    shown = differing[:MAX_LINES]
    sections = [Section(table=Table(_COLUMNS, [_row(line) for line in shown]))] if shown else []
    sections += [_total(total) for total in found.totals]
    if found.rates:
        sections.append(Section("Rates that the invoices imply", text="\n".join(_stanzas(found))))
    agreeing = len(found.lines) - len(differing)
    notes = [f"{formatting.plural(agreeing, 'line')} without a difference." if agreeing else ""]
    if len(differing) > len(shown):
        notes.append(f"{len(differing) - len(shown):,} more differences: --format csv has them all.")
    headline = (
        formatting.plural(found.invoice_lines, "invoice line"),
        f"days in {found.zone}",
        f"rates of {visible(found.card)}",
    )
    return Document(headline, tuple(sections), tuple(note for note in notes if note))


def reconciliation_table(found: Reconciliation) -> Table:
    """Every line with its exact amounts; the causes in one cell, each with its amount."""
    columns = (
        *(Column(name, name) for name in ("provider", "stage", "model", "day", "last_day", "unit")),
        Column("quantity_ours", "quantity_ours", CellFormat.QUANTITY),
        Column("quantity_theirs", "quantity_theirs", CellFormat.QUANTITY),
        *(Column(name, name, CellFormat.MONEY) for name in ("rate_ours", "rate_theirs")),
        Column("currency", "currency"),
        *(Column(name, name, CellFormat.MONEY) for name in ("amount_ours", "amount_theirs", "difference")),
        Column("causes", "causes"),
    )
    rows: list[list[Cell]] = [
        [
            line.provider,
            line.stage,
            line.model,
            None if line.day is None else str(line.day),
            None if line.last_day is None else str(line.last_day),
            line.unit,
            line.quantity_ours,
            line.quantity_theirs,
            line.rate_ours,
            line.rate_theirs,
            line.currency,
            line.amount_ours,
            line.amount_theirs,
            line.difference,
            "; ".join(f"{part.cause} {digits(part.amount)}" for part in line.causes),
        ]
        for line in found.lines
    ]
    return Table(columns, rows)


def _row(line: ReconciledLine) -> list[Cell]:
    name = "/".join(visible(part) for part in (line.provider, line.model or line.stage) if part)
    return [
        name,
        ""
        if line.day is None
        else f"{line.day}"
        if line.last_day in (None, line.day)
        else f"{line.day} to {line.last_day}",
        line.unit or "",
        line.quantity_ours,
        line.quantity_theirs,
        line.amount_ours,
        line.amount_theirs,
        line.difference,
        "; ".join(_part(part, line.currency) for part in line.causes),
    ]


def _part(part: DifferencePart, currency: str) -> str:
    words = CAUSE_WORDS[part.cause]
    step = f" to {part.step_s} s" if part.step_s else ""
    return f"{words}{step}: {_signed(part.amount)} {visible(currency)}"


def _signed(amount: Decimal) -> str:
    return f"{'+' if amount > 0 else '−' if amount < 0 else ''}{formatting.money(abs(amount))}"


def total_sentence(total: CurrencyTotal) -> str:
    """Both amounts of a currency and their difference."""
    share = ""
    if total.share is not None:
        sign = "+" if total.share > 0 else "−" if total.share < 0 else ""
        share = f" ({sign}{formatting.percent(abs(total.share))})"
    return (
        f"{visible(total.currency)}: ours {formatting.money(total.amount_ours)}, theirs {_plain(total.amount_theirs)}, "
        f"difference {_signed(total.difference)}{share}"
    )


def _total(total: CurrencyTotal) -> Section:
    rows: list[list[Cell]] = [
        [CAUSE_WORDS[part.cause] + (f" to {part.step_s} s" if part.step_s else ""), part.amount]
        for part in total.causes
    ]
    columns = (Column("cause", f"Why, {visible(total.currency)}"), Column("amount", "amount", CellFormat.MONEY))
    return Section(table=Table(columns, rows) if rows else None, text=total_sentence(total))


def _plain(amount: Decimal | None) -> str:
    if amount is None:
        return "not stated"
    return formatting.money(amount) if amount >= 0 else f"−{formatting.money(abs(amount))}"


def _stanzas(found: Reconciliation) -> list[str]:
    return [
        f"[{visible(rate.table)}] {rate.key} = {digits(rate.value)}   # the card: {digits(rate.card_value)}"
        for rate in found.rates
    ]
