"""Invoices against logs: what a provider says it used and charged, beside what was logged and what the card makes of it."""

from __future__ import annotations

from voicetel.reconcile.invoice import Charge, InvoiceError, InvoiceLine
from voicetel.reconcile.read import InvoiceOptions, InvoiceSums, invoice_lines, read_invoices
from voicetel.reconcile.reconcile import reconcile
from voicetel.reconcile.results import Reconciliation

__all__ = [
    "Charge",
    "InvoiceError",
    "InvoiceLine",
    "InvoiceOptions",
    "InvoiceSums",
    "Reconciliation",
    "invoice_lines",
    "read_invoices",
    "reconcile",
]
