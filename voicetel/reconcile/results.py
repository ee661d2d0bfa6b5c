"""What reconciling gives back. Money is exact; a difference is the invoice's amount less ours."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from voicetel.results import CellFormat, figure, result


@result
class DifferencePart:
    """One cause of a difference. The parts of a difference add up to it, to the last digit."""

    cause: str = figure("Why: see docs/reconcile.md.")
    amount: Decimal = figure("What it makes of the difference.", unit="money", signed=True)
    quantity: Decimal | None = figure("How much more was billed than logged.", default=None)
    step_s: int | None = figure("rounding_up: up to how many seconds.", default=None, unit="s")


@result
class ReconciledLine:
    """One model of a provider on one day, or what else a line of an invoice is about, as both sides have it."""

    provider: str = figure("Who sends the invoice.", format=CellFormat.KEY)
    stage: str | None = figure("Stage of the pipeline; null: the invoice does not tell.")
    model: str | None = figure("Model; null: the invoice does not tell.", format=CellFormat.KEY)
    day: date | None = figure("The provider's day; null: the whole time.")
    last_day: date | None = figure("The last day, where the line is about several.")
    unit: str | None = figure("The quantity, by its name in the log; null: the invoice states amounts alone.")
    quantity_ours: Decimal | None = figure("What was logged.", format=CellFormat.QUANTITY)
    quantity_theirs: Decimal | None = figure("What is billed.", format=CellFormat.QUANTITY)
    rate_ours: Decimal | None = figure("Amount ÷ quantity, as logged or by the card, to 18 places.", unit="money")
    rate_theirs: Decimal | None = figure("The rate that the invoice implies, to 18 places.", unit="money")
    currency: str = figure("Currency of the amounts.")
    amount_ours: Decimal | None = figure(
        "What the provider charged by the logs, else by the card; null: the logs have nothing of it, or the card no rate.",
        unit="money",
    )
    amount_theirs: Decimal | None = figure("By the invoice; null: it states none.", unit="money", signed=True)
    difference: Decimal = figure("The invoice's amount less ours.", unit="money", signed=True)
    causes: tuple[DifferencePart, ...] = figure("What it comes from; the parts add up to it.", in_rows=False)


@result
class CurrencyTotal:
    """All lines in one currency."""

    currency: str = figure("Currency of the amounts.")
    amount_ours: Decimal = figure("What providers charged by the logs, else by the card.", unit="money")
    amount_theirs: Decimal | None = figure("By the invoices; null: they state none.", unit="money", signed=True)
    difference: Decimal = figure("The invoices' amount less ours.", unit="money", signed=True)
    share: float | None = figure("The difference as a share of the invoices' amount.", unit="share", signed=True)
    causes: tuple[DifferencePart, ...] = figure("What it comes from, by cause; the parts add up to it.")

    @property
    def relative(self) -> Decimal:
        """The difference ÷ the invoices' amount, without its sign; ÷ ours where they state none, or nothing."""
        whole = abs(self.amount_theirs or self.amount_ours)
        return abs(self.difference) / whole if whole else Decimal(bool(self.difference))


@result
class ImpliedRate:
    """A rate that an invoice implies where it is another than the card's."""

    table: str = figure("The table of the rate card that it belongs into.")
    key: str = figure("Its key.")
    value: Decimal = figure("Its value, to eight significant digits.", unit="money")
    card_value: Decimal = figure("What the card comes to, in the same unit.", unit="money")


@result
class Reconciliation:
    """Invoices against logs."""

    invoice_lines: int = figure("Lines of the invoices.")
    zone: str = figure("Zone of the days.")
    card: str = figure("The rate card.")
    lines: tuple[ReconciledLine, ...] = figure("The greatest differences first.", rows=True)
    totals: tuple[CurrencyTotal, ...] = figure("One per currency.")
    rates: tuple[ImpliedRate, ...] = figure(
        "Rates that the invoices imply, where they differ from the card's, of what the card prices."
    )
