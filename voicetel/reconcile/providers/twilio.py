"""Twilio: usage records and the list of calls, as JSON and as CSV.

Source: the ``Usage/Records/Daily`` and ``Calls`` resources as in the package twilio 9.13 (``DailyInstance``,
``CallInstance``): days are GMT; a call's price is below 0, in ``price_unit``; ``duration`` is in whole seconds, while minutes
are billed: a record of category ``calls`` counts ``usage`` in minutes, each call's rounded up. Categories are nested by their
names: ``calls`` has what ``calls-inbound`` and ``calls-outbound`` have, ``calls-inbound`` what ``calls-inbound-local`` has.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from voicetel.reconcile.causes import ROUNDED
from voicetel.reconcile.document import InvoiceJson, InvoiceTable
from voicetel.reconcile.invoice import InvoiceLine, charge_of
from voicetel.reconcile.numbers import read_day, read_number
from voicetel.reconcile.providers.fields import decimals_of
from voicetel.reconcile.units import unit_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from voicetel.reconcile.numbers import DecimalMark

NAME = "twilio"

_TOTAL = "totalprice"
"""The category that adds up all others: it counts only where no other is there."""


@dataclass(frozen=True, slots=True)
class _Usage:
    """What the records of a category on the same days add up to: ``used`` in the unit of ``record``, which is one of them."""

    record: Mapping[str, Any]
    used: Fraction | None
    amount: Fraction | None

    def without(self, part: _Usage) -> _Usage:
        """What is left of it beside a subcategory's. Another unit is no part of its quantity."""
        same_unit = self.record.get("usage_unit") == part.record.get("usage_unit")
        used = _difference(self.used, part.used) if same_unit else self.used
        return replace(self, used=used, amount=_difference(self.amount, part.amount))


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
        yield from _calls(iter(value.get("calls") or ()), zone, ".")
    pages = [record for value in document.objects() for record in value.get("usage_records") or ()]
    yield from _records(pages, zone, ".")


def _are_calls(value: Mapping[str, Any]) -> bool:
    calls = value.get("calls")
    return isinstance(calls, list) and any(isinstance(each, dict) and "price_unit" in each for each in calls)


def _records(records: list[Mapping[str, Any]], zone: str, mark: DecimalMark) -> Iterator[InvoiceLine]:
    is_total_alone = all(record.get("category") == _TOTAL for record in records)
    for categories in _by_days(records, mark):
        for category, usage in _each_once(categories).items():
            if (usage.used or usage.amount) and (category != _TOTAL or is_total_alone):
                yield _line(category, usage, zone)


def _by_days(records: Iterable[Mapping[str, Any]], mark: DecimalMark) -> Iterator[dict[str, _Usage]]:
    """The usage of each category: those of the same days, account and currency together."""
    days: defaultdict[tuple[object, ...], dict[str, _Usage]] = defaultdict(dict)
    for record in records:
        categories = days[tuple(record.get(name) for name in ("account_sid", "start_date", "end_date", "price_unit"))]
        category = str(record.get("category"))
        used, amount = (read_number(record.get(name), mark) for name in ("usage", "price"))
        if known := categories.get(category):
            used, amount = _sum(known.used, used), _sum(known.amount, amount)
        categories[category] = _Usage(record, used, amount)
    yield from days.values()


def _each_once(categories: Mapping[str, _Usage]) -> dict[str, _Usage]:
    """Every category without what its subcategories have.

    A category is not left out for having some: what they do not add up to would be in no line. Where they add up to more than it
    has, not all of them are part of it, and nothing is left.
    """
    left = dict(categories)
    for category, usage in categories.items():
        above = category
        while above := above.rpartition("-")[0]:
            if above in categories:
                left[above] = left[above].without(usage)
                break
    return {
        category: replace(
            usage,
            used=_rest(usage.used, categories[category].used),
            amount=_rest(usage.amount, categories[category].amount),
        )
        for category, usage in left.items()
    }


def _rest(left: Fraction | None, whole: Fraction | None) -> Fraction | None:
    """What is left of a figure without its parts: nothing where they are more, or it is but rounded."""
    if left is None or whole is None:
        return None
    return left if whole and left / whole > ROUNDED else Fraction(0)


def _difference(whole: Fraction | None, part: Fraction | None) -> Fraction | None:
    return None if whole is None else whole - (part or 0)


def _sum(total: Fraction | None, more: Fraction | None) -> Fraction | None:
    return total if more is None else more if total is None else total + more


def _line(category: str, usage: _Usage, zone: str) -> InvoiceLine:
    record = usage.record
    unit, end = unit_of(str(record.get("usage_unit") or ""), "transport"), record.get("end_date")
    return InvoiceLine(
        NAME,
        "transport" if category.startswith("calls") else None,
        None,
        read_day(record.get("start_date"), zone),
        read_day(end, zone) if end else None,
        unit[0] if unit else None,
        usage.used * unit[1] if unit and usage.used is not None else None,
        usage.amount,
        str(record.get("price_unit") or "usd").upper(),
        charge_of(str(record.get("description") or category), usage.amount),
    )


def _calls(calls: Iterator[Mapping[str, Any]], zone: str, mark: DecimalMark) -> Iterator[InvoiceLine]:
    for call in calls:
        seconds, price = read_number(call.get("duration"), mark), read_number(call.get("price"), mark)
        started = call.get("start_time") or call.get("date_created")
        if not started and price:
            raise ValueError("a call has a price and neither start_time nor date_created")
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
