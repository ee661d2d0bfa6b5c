"""Any CSV, by the names of its columns: ``--columns day=Date,model=SKU,quantity=Usage,unit=Unit,amount=Cost``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from typing import TYPE_CHECKING

from voicetel.reconcile.invoice import Charge, InvoiceError, InvoiceLine, charge_of
from voicetel.reconcile.numbers import decimal_mark, read_day, read_number
from voicetel.reconcile.units import QUANTITIES, unit_of
from voicetel.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from voicetel.reconcile.document import InvoiceTable
    from voicetel.reconcile.numbers import DecimalMark

_TOTALS = ("total", "subtotal", "grand total", "sum", "итого", "всего")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column has what. What begins with ``=`` is no column but the value itself: ``currency==EUR``.

    ``last_day`` is the end of the time that a row is about, ``description`` a text that tells credits, minima and taxes.
    ``decimal`` is ``,`` or ``.`` where the numbers themselves do not tell.
    """

    day: str = ""
    last_day: str = ""
    provider: str = ""
    stage: str = ""
    model: str = ""
    quantity: str = ""
    unit: str = ""
    amount: str = ""
    currency: str = ""
    description: str = ""
    decimal: str = ""


def parse_columns(pairs: Mapping[str, object], source: str) -> Columns:
    """The columns that an option or a table of voicetel.toml names. Raises InvoiceError."""
    known = [each.name for each in fields(Columns)]
    for name, value in pairs.items():
        if name not in known:
            hint = did_you_mean(name, known) or f"known are {', '.join(known)}"
            raise InvoiceError(f"{source}: {name} is nothing that a column could have", hint=hint)
        if not isinstance(value, str):
            raise InvoiceError(f"{source}: {name} is no text", hint=f'write the name of a column: {name} = "Date"')
    if not pairs.get("quantity") and not pairs.get("amount"):
        raise InvoiceError(f"{source}: it names no column of quantities and none of amounts")
    if pairs.get("quantity") and not pairs.get("unit"):
        raise InvoiceError(f"{source}: a quantity needs a unit", hint="name its column, or write unit==minutes")
    return Columns(**{name: str(value) for name, value in pairs.items()})


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a table, with the place that messages name."""

    table: InvoiceTable
    line: int
    cells: Mapping[str, str]
    columns: Columns
    mark: DecimalMark

    @property
    def has_day_column(self) -> bool:
        return bool(self.columns.day) and not self.columns.day.startswith("=")

    @property
    def lacks_day(self) -> bool:
        """Whether the table has days, and this row none."""
        return self.has_day_column and not self.text("day")

    def text(self, name: str) -> str:
        wanted: str = getattr(self.columns, name)
        return wanted[1:] if wanted.startswith("=") else self.cells.get(wanted, "")

    def number(self, name: str) -> Fraction | None:
        text = self.text(name)
        try:
            return read_number(text, self.mark)
        except ValueError as error:
            raise InvoiceError(f"{self.table.name}:{self.line}: {getattr(self.columns, name)}: {error}") from None


def table_lines(
    table: InvoiceTable, columns: Columns, *, provider: str | None, zone: str = "UTC"
) -> Iterator[InvoiceLine]:
    """The lines of a CSV. Rows of totals and those without figures are passed over.

    A row without a day is of the whole invoice if it is a fee, a credit or a tax. ``provider`` is whose invoice it is, where no
    column says so. Raises InvoiceError with file and line, also for usage without a day in a table that has days.
    """
    columns = _as_written(table, columns)
    mark = _mark(table, columns)
    sums = Fraction(0), Fraction(0)
    for line, cells in table.rows():
        row = _Row(table, line, cells, columns, mark)
        if _is_total(row) or (row.lacks_day and not _has_figures(row)):
            continue
        amount, quantity = row.number("amount"), row.number("quantity")
        if row.lacks_day and (not (amount or quantity) or _is_sum(row, (amount, quantity), sums)):
            continue
        found = _line(row, amount, quantity, provider, zone)
        if row.lacks_day and found.charge is Charge.USAGE:
            raise InvoiceError(
                f"{table.name}:{line}: {columns.day}: there is no day, and yet an amount or a quantity",
                hint="write its day; if it is a sum, write Total there; if it is a fee, name the column that says so: description=",
            )
        sums = sums[0] + (amount or 0), sums[1] + (quantity or 0)
        yield found


def _as_written(table: InvoiceTable, columns: Columns) -> Columns:
    """The columns in the letter case that the table has them in."""
    written = {column.casefold(): column for column in table.columns}
    found = {}
    for each in fields(Columns):
        wanted: str = getattr(columns, each.name)
        if wanted and not wanted.startswith("=") and each.name != "decimal":
            if wanted.casefold() not in written:
                hint = did_you_mean(wanted, table.columns) or f"it has {', '.join(table.columns)}"
                raise InvoiceError(f"{table.name}: there is no column {wanted!r}", hint=hint)
            wanted = written[wanted.casefold()]
        found[each.name] = wanted
    return Columns(**found)


def _mark(table: InvoiceTable, columns: Columns) -> DecimalMark:
    if columns.decimal in {".", ","}:
        return "," if columns.decimal == "," else "."
    names = [name for name in (columns.quantity, columns.amount) if name and not name.startswith("=")]
    mark = decimal_mark(row[name] for row in table.sample for name in names if row.get(name))
    if mark is None and table.delimiter == ";":
        raise InvoiceError(
            f"{table.name}: whether 1,234 is a little more than 1 or than 1,000 cannot be told",
            hint="add decimal=, or decimal=. to --columns",
        )
    return mark or "."


def _is_total(row: _Row) -> bool:
    """Whether a row says that it is one of totals: in place of its day, or, without a day, of what else tells rows apart."""
    if row.has_day_column and not row.lacks_day:
        labels = [row.text("day")]
    else:
        first = next((cell for cell in row.cells.values() if cell), "")
        labels = [first, row.text("model"), row.text("description")]
    return any(label.casefold().rstrip(":") in _TOTALS for label in labels)


def _has_figures(row: _Row) -> bool:
    named = (row.columns.amount, row.columns.quantity)
    return any(char.isdigit() for name in named for char in row.cells.get(name, ""))


def _is_sum(row: _Row, figures: tuple[Fraction | None, Fraction | None], sums: tuple[Fraction, Fraction]) -> bool:
    """Whether a row is nothing but the sums of those above it."""
    own = row.columns
    beside = row.cells.keys() - {own.amount, own.quantity, own.unit, own.currency}
    is_sum = all(figure in (None, total) for figure, total in zip(figures, sums, strict=True))
    return is_sum and not any(row.cells[name] for name in beside)


def _line(
    row: _Row, amount: Fraction | None, quantity: Fraction | None, provider: str | None, zone: str
) -> InvoiceLine:
    stage = row.text("stage") or None
    charge = charge_of(row.text("description"), amount)
    unit = None
    if quantity is not None and charge is Charge.USAGE:
        found = unit_of(row.text("unit"), stage)
        if found is None:
            hint = f"known are minutes, characters, input tokens, … and {', '.join(QUANTITIES)}"
            raise InvoiceError(
                f"{row.table.name}:{row.line}: {row.text('unit')!r} is no unit that a log counts in", hint=hint
            )
        unit, quantity = found[0], quantity * found[1]
    who = row.text("provider") or provider
    if not who:
        raise InvoiceError(
            f"{row.table.name}: whose invoice it is cannot be told", hint="add provider==NAME to --columns"
        )
    return InvoiceLine(
        provider=who.casefold(),
        stage=stage,
        model=row.text("model") or None,
        first_day=_day(row, "day", zone),
        last_day=_day(row, "last_day", zone),
        unit=unit,
        quantity=quantity if unit else None,
        amount=amount,
        currency=(row.text("currency") or "USD").upper(),
        charge=charge,
    )


def _day(row: _Row, name: str, zone: str) -> date | None:
    text = row.text(name)
    if not text:
        return None
    try:
        return read_day(text, zone)
    except ValueError as error:
        hint = "write days as 2026-11-02" if "first" in str(error) else None
        raise InvoiceError(f"{row.table.name}:{row.line}: {getattr(row.columns, name)}: {error}", hint=hint) from None
