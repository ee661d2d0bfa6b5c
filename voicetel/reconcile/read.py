"""An invoice's file, read line by line and added up by provider, model, day and quantity."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from voicetel.reconcile.document import InvoiceTable, open_document
from voicetel.reconcile.invoice import InvoiceError, InvoiceLine
from voicetel.reconcile.models import same_model
from voicetel.reconcile.providers import PROVIDERS
from voicetel.reconcile.providers.columns import Columns, table_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from fractions import Fraction
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class InvoiceOptions:
    """How invoices are read. ``zone`` is that of their days; ``provider`` says whose they are where they do not."""

    zone: str = "UTC"
    provider: str | None = None
    columns: Columns | None = None


@dataclass(slots=True)
class InvoiceSums:
    """The lines of invoices, added up: one of each kind, and how many there were."""

    lines: dict[InvoiceLine, tuple[Fraction | None, Fraction | None]] = field(default_factory=dict)
    count: int = 0

    def add(self, line: InvoiceLine) -> None:
        """Add a line to those of its kind."""
        kind = replace(line, quantity=None, amount=None, currency=line.currency if line.amount is not None else "")
        quantity, amount = self.lines.get(kind, (None, None))
        self.lines[kind] = (_sum(quantity, line.quantity), _sum(amount, line.amount))
        self.count += 1

    def summed(self) -> list[InvoiceLine]:
        """One line of each kind; quantities of one export join the amounts of another."""
        days: defaultdict[tuple[object, ...], list[InvoiceLine]] = defaultdict(list)
        for kind, (quantity, amount) in self.lines.items():
            line = replace(kind, quantity=quantity, amount=amount)
            days[line.charge, line.provider, line.first_day, line.last_day].append(line)
        return [line for same_day in days.values() for line in _joined(same_day)]


def _joined(lines: Sequence[InvoiceLine]) -> list[InvoiceLine]:
    """The lines of a provider and day: what has only a quantity is joined with what has only an amount.

    They belong together where model and unit are the same, and where a model has but one of each. Quantities that belong
    to no amount are left out where other amounts do not say what they are for: nothing may be counted twice.
    """
    whole = [line for line in lines if line.amount is not None and line.quantity is not None]
    billed = [line for line in lines if line.amount is not None and line.quantity is None]
    used = [line for line in lines if line.amount is None and not any(_is_of(line, each) for each in whole)]
    found = list(whole)
    for line in list(billed):
        of_it = [each for each in used if _is_of(each, line)]
        alike = [each for each in billed if _is_of(of_it[0], each)] if len(of_it) == 1 else []
        if len(of_it) == 1 and len(alike) == 1:
            (quantity,) = of_it
            found.append(replace(quantity, amount=line.amount, currency=line.currency))
            billed.remove(line)
            used.remove(quantity)
    vague = any(line.unit is None for line in billed)
    return [*found, *billed, *([] if vague else used)]


def _is_of(used: InvoiceLine, billed: InvoiceLine) -> bool:
    """Whether a quantity can be what an amount is for."""
    return (
        (billed.stage is None or used.stage is None or billed.stage == used.stage)
        and same_model(used.model, billed.model)
        and billed.unit in (None, used.unit)
    )


def read_invoices(paths: Sequence[Path], options: InvoiceOptions) -> InvoiceSums:
    """All lines of the files, added up. Raises InvoiceError, one line with the file and what to do."""
    sums = InvoiceSums()
    for path in paths:
        before = sums.count
        for line in invoice_lines(path, options):
            sums.add(line)
        if sums.count == before:
            raise InvoiceError(f"{path}: there is nothing in it that was used or charged")
    return sums


def invoice_lines(path: Path, options: InvoiceOptions) -> Iterator[InvoiceLine]:
    """The lines of one file, as its provider's module reads them, or by the columns that were named."""
    document = open_document(path)
    if options.columns is not None:
        if not isinstance(document, InvoiceTable):
            raise InvoiceError(f"{path}: columns are of a CSV, and it is JSON", hint="leave --columns out")
        yield from table_lines(document, options.columns, provider=options.provider, zone=options.zone)
        return
    found = next((each for each in PROVIDERS if each.recognises(document)), None)
    if found is None:
        known = ", ".join(each.NAME for each in PROVIDERS)
        if isinstance(document, InvoiceTable):
            hint = f"say which column has what: --columns day=…,quantity=…,unit=…,amount=… of {', '.join(document.columns[:12])}"
        else:
            hint = f"known are exports of {known}; any other as CSV with --columns"
        raise InvoiceError(f"{path}: it is none of the exports that are known", hint=hint)
    try:
        yield from found.lines(document, options.zone)
    except (ValueError, TypeError, AttributeError) as error:
        if isinstance(error, InvoiceError):
            raise
        raise InvoiceError(f"{path}: not as {found.NAME} writes it: {error}") from error


def _sum(total: Fraction | None, more: Fraction | None) -> Fraction | None:
    return total if more is None else more if total is None else total + more
