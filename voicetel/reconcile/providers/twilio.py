"""Twilio: usage records and the list of calls, as JSON and as CSV.

Source: the ``Usage/Records/Daily`` and ``Calls`` resources as in the package twilio 9.13 (``DailyInstance``,
``CallInstance``): days are GMT; a call's price is below 0, in ``price_unit``; ``duration`` is in whole seconds, while minutes
are billed: a record of category ``calls`` counts ``usage`` in minutes, each call's rounded up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.reconcile.document import InvoiceJson, InvoiceTable
from voicetel.reconcile.invoice import InvoiceLine, charge_of
from voicetel.reconcile.numbers import read_day, read_number
from voicetel.reconcile.providers.fields import decimals_of
from voicetel.reconcile.units import unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = "twilio"

_TOTAL_CATEGORIES = ("totalprice", "calls")
"""Categories that add up others: they count only where the others are not there."""


def recognises(document: InvoiceTable | InvoiceJson) -> bool:
    """Whether a document is one of Twilio's."""
    if isinstance(document, InvoiceTable):
        return document.has("category", "usage_unit", "price") or document.has("sid", "price", "duration")
    return any("usage_records" in value or _are_calls(value) for value in document.objects())


def lines(document: InvoiceTable | InvoiceJson, zone: str) -> Iterator[InvoiceLine]:
    """What it says of each day."""
    if isinstance(document, InvoiceTable):
        mark = decimals_of(document, "usage", "price")
        found: Iterator[Mapping[str, Any]] = (
            {key.casefold(): cell for key, cell in row.items()} for _, row in document.rows()
        )
        rows = list(found) if document.has("category") else found
        yield from _records(rows, zone, mark) if isinstance(rows, list) else _calls(rows, zone, mark)
        return
    for value in document.objects():
        yield from _records(list(value.get("usage_records") or ()), zone, ".")
        yield from _calls(iter(value.get("calls") or ()), zone, ".")


def _are_calls(value: Mapping[str, Any]) -> bool:
    calls = value.get("calls")
    return isinstance(calls, list) and any(isinstance(each, dict) and "price_unit" in each for each in calls)


def _records(records: list[Mapping[str, Any]], zone: str, mark: Any) -> Iterator[InvoiceLine]:
    categories = {str(each.get("category")) for each in records}
    detailed = categories - set(_TOTAL_CATEGORIES)
    for record in records:
        category = str(record.get("category"))
        if category == "totalprice" and len(categories) > 1:
            continue
        if category == "calls" and any(name.startswith("calls-") for name in detailed):
            continue
        unit = unit_of(str(record.get("usage_unit") or ""), "transport")
        used, amount = read_number(record.get("usage"), mark), read_number(record.get("price"), mark)
        if not used and not amount:
            continue
        first = read_day(record.get("start_date"), zone)
        end = record.get("end_date")
        yield InvoiceLine(
            NAME,
            "transport" if category.startswith("calls") else None,
            None,
            first,
            read_day(end, zone) if end else None,
            unit[0] if unit else None,
            used * unit[1] if unit and used is not None else None,
            amount,
            str(record.get("price_unit") or "usd").upper(),
            charge_of(str(record.get("description") or category), amount),
        )


def _calls(calls: Iterator[Mapping[str, Any]], zone: str, mark: Any) -> Iterator[InvoiceLine]:
    for call in calls:
        seconds, price = read_number(call.get("duration"), mark), read_number(call.get("price"), mark)
        started = call.get("start_time") or call.get("date_created")
        if started and (seconds or price):
            yield InvoiceLine(
                NAME,
                "transport",
                None,
                read_day(started, zone),
                unit="session_s",
                quantity=seconds,
                amount=None if price is None else abs(price),
                currency=str(call.get("price_unit") or "usd").upper(),
            )
