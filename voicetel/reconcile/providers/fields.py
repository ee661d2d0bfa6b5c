"""What several providers' modules need of a table's fields, and of buckets of days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from voicetel.reconcile.invoice import InvoiceError
from voicetel.reconcile.numbers import decimal_mark, read_moment

if TYPE_CHECKING:
    from datetime import date

    from voicetel.reconcile.document import InvoiceTable
    from voicetel.reconcile.numbers import DecimalMark


def decimals_of(table: InvoiceTable, *columns: str) -> DecimalMark:
    """The decimal mark of some columns; a point where they do not tell."""
    return decimal_mark(row[name] for row in table.sample for name in columns if row.get(name)) or "."


def bucket_day(name: str, start: object, zone: str, length: timedelta = timedelta(days=1)) -> date:
    """The day of ``zone`` on which a bucket of an export begins. ``name`` is the file's.

    Whole days that begin at another time than midnight of ``zone`` are days of another zone: InvoiceError. ValueError for no
    time.
    """
    begins = read_moment(start, zone)
    if length >= timedelta(days=1) and (begins.hour or begins.minute):
        raise InvoiceError(
            f"{name}: its days begin at {begins:%H:%M} in {zone}: they are those of another zone",
            hint="leave --tz out, or name the zone of its days",
        )
    return begins.date()
