"""What several providers' modules need of a table's fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reconcile.numbers import decimal_mark

if TYPE_CHECKING:
    from voicetel.reconcile.document import InvoiceTable
    from voicetel.reconcile.numbers import DecimalMark


def decimals_of(table: InvoiceTable, *columns: str) -> DecimalMark:
    """The decimal mark of some columns; a point where they do not tell."""
    return decimal_mark(row[name] for row in table.sample for name in columns if row.get(name)) or "."
