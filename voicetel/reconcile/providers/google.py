"""Google Cloud: the billing export, as JSON lines or CSV out of BigQuery.

Source: cloud.google.com/billing/docs/how-to/export-data-bigquery-tables: ``service.description``, ``sku.description``,
``usage_start_time``, ``usage.amount`` in ``usage.unit``, ``cost`` in ``currency`` and ``credits``, a list whose amounts are
below 0 and not part of ``cost``. Times are UTC. A SKU names no model: its stage is all that is taken of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.reconcile.document import InvoiceJson, InvoiceTable
from voicetel.reconcile.invoice import Charge, InvoiceLine, charge_of
from voicetel.reconcile.numbers import read_day, read_number
from voicetel.reconcile.providers.columns import Columns, table_lines
from voicetel.reconcile.units import stage_of, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = "google"

_COLUMNS = Columns(day="usage_start_time", amount="cost", currency="currency", description="sku_description")


def recognises(document: InvoiceTable | InvoiceJson) -> bool:
    """Whether a document is a billing export of Google Cloud."""
    if isinstance(document, InvoiceTable):
        return document.has("usage_start_time", "cost", "sku_description")
    return any("sku" in value and "usage_start_time" in value for value in document.objects())


def lines(document: InvoiceTable | InvoiceJson, zone: str) -> Iterator[InvoiceLine]:
    """What it says of each SKU and time."""
    if isinstance(document, InvoiceTable):
        yield from table_lines(document, _COLUMNS, provider=NAME, zone=zone)
        return
    for value in document.objects():
        yield from _of_row(value, zone)


def _of_row(row: Mapping[str, Any], zone: str) -> Iterator[InvoiceLine]:
    sku = str((row.get("sku") or {}).get("description") or "")
    used = row.get("usage") or {}
    stage = stage_of(sku)
    unit = unit_of(str(used.get("unit") or ""), stage)
    quantity, amount = read_number(used.get("amount")), read_number(row.get("cost"))
    day, currency = read_day(row.get("usage_start_time"), zone), str(row.get("currency") or "USD").upper()
    yield InvoiceLine(
        NAME,
        stage,
        None,
        day,
        unit=unit[0] if unit and quantity is not None else None,
        quantity=quantity * unit[1] if unit and quantity is not None else None,
        amount=amount,
        currency=currency,
        charge=charge_of(sku, amount),
    )
    for credit in row.get("credits") or ():
        if (given := read_number(credit.get("amount"))) is not None:
            yield InvoiceLine(NAME, first_day=day, amount=given, currency=currency, charge=Charge.CREDIT)
