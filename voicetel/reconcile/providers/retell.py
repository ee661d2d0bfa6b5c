"""Retell: its calls with what each product of them cost.

Source: ``call_cost`` of a call in the package retell-sdk 6.2: ``combined_cost`` and ``product_costs`` (``product``, ``cost``,
``unit_price``) are in US cents, ``total_duration_seconds`` is billed; ``start_timestamp`` is in ms since 1970, UTC.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from voicetel.reconcile.document import InvoiceJson, InvoiceTable
from voicetel.reconcile.invoice import InvoiceLine, charge_of
from voicetel.reconcile.numbers import read_day, read_number
from voicetel.reconcile.units import stage_of

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "retell"

_CENTS = Fraction(1, 100)


def recognises(document: InvoiceTable | InvoiceJson) -> bool:
    """Whether a document is a list of Retell's calls."""
    return isinstance(document, InvoiceJson) and any("call_cost" in each for each in document.objects())


def lines(document: InvoiceTable | InvoiceJson, zone: str) -> Iterator[InvoiceLine]:
    """What it says of each product of each call."""
    if isinstance(document, InvoiceJson):
        for call in document.objects():
            cost, started = call.get("call_cost") or {}, call.get("start_timestamp")
            if not started:
                if read_number(cost.get("combined_cost")):
                    raise ValueError("a call has a cost and no start_timestamp")
                continue
            day, seconds = read_day(started, zone), read_number(cost.get("total_duration_seconds"))
            for product in cost.get("product_costs") or ():
                name, cents = str(product.get("product") or ""), read_number(product.get("cost"))
                stage = "transport" if "telephony" in name else stage_of(name) or "platform"
                timed = seconds is not None and product.get("unit_price") is not None and stage == "transport"
                yield InvoiceLine(
                    NAME,
                    stage,
                    name or None,
                    day,
                    unit="session_s" if timed else None,
                    quantity=seconds if timed else None,
                    amount=None if cents is None else cents * _CENTS,
                    charge=charge_of(name, cents),
                )
