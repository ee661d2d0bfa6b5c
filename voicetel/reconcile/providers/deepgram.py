"""Deepgram: the breakdowns of usage (hours, characters, tokens) and of billing (dollars).

Source: the types of ``GET /v1/projects/{id}/usage/breakdown`` and ``/billing/breakdown`` in the package deepgram-sdk 7.17
(``UsageBreakdownV1Response``, ``BillingBreakdownV1Response``); developers.deepgram.com/reference/manage/usage/breakdown/get.
Days are UTC. Ask for ``grouping=models`` and ``grouping=line_item``. The console's CSV has the same names as columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.reconcile.document import InvoiceJson, InvoiceTable
from voicetel.reconcile.invoice import InvoiceLine, charge_of
from voicetel.reconcile.numbers import read_day, read_number
from voicetel.reconcile.providers.fields import decimals_of
from voicetel.reconcile.units import stage_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = "deepgram"

_SECONDS_AN_HOUR = 3600


def recognises(document: InvoiceTable | InvoiceJson) -> bool:
    """Whether a document is one of Deepgram's breakdowns."""
    if isinstance(document, InvoiceTable):
        return document.has("total_hours", "tts_characters") or document.has("dollars", "line_item")
    return any("total_hours" in result or "dollars" in result for result in _results(document))


def lines(document: InvoiceTable | InvoiceJson, zone: str) -> Iterator[InvoiceLine]:
    """What it says of each model and day."""
    if isinstance(document, InvoiceTable):
        mark = decimals_of(document, "hours", "total_hours", "dollars")
        for _, row in document.rows():
            yield from _lines(row, row, zone, mark)
        return
    for result in _results(document):
        yield from _lines(result, result.get("grouping") or {}, zone, ".")


def _results(document: InvoiceJson) -> Iterator[Mapping[str, Any]]:
    for value in document.objects():
        yield from (each for each in value.get("results") or () if isinstance(each, dict))


def _lines(result: Mapping[str, Any], about: Mapping[str, Any], zone: str, mark: Any) -> Iterator[InvoiceLine]:
    first = read_day(about.get("start"), zone)
    if (dollars := read_number(result.get("dollars"), mark)) is not None:
        item = str(about.get("line_item") or "")
        model = item.rpartition("::")[2] or None
        yield InvoiceLine(NAME, stage_of(item), model, first, amount=dollars, charge=charge_of(item, dollars))
        return
    models = about.get("models") or about.get("model")
    model = (models[0] if models else None) if isinstance(models, list) else models or None
    hours = read_number(result.get("total_hours"), mark)
    for stage, unit, quantity in (
        ("stt", "audio_s", None if hours is None else hours * _SECONDS_AN_HOUR),
        ("tts", "characters", read_number(result.get("tts_characters"), mark)),
    ):
        if quantity:
            yield InvoiceLine(NAME, stage, model, first, unit=unit, quantity=quantity)
