"""ElevenLabs: characters (credits) along a time axis, and the CSV of the usage page.

Source: ``UsageCharactersResponseModel`` of ``GET /v1/usage/character-stats`` in the package elevenlabs 2.78: ``time`` has the
days in seconds (or ms) since 1970, UTC, and ``usage`` for each breakdown a number per day. Ask for
``breakdown_type=model``. It states no amounts: ElevenLabs sells credits by subscription.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from voicetel.reconcile.document import InvoiceJson, InvoiceTable
from voicetel.reconcile.invoice import InvoiceError, InvoiceLine
from voicetel.reconcile.numbers import read_moment, read_number
from voicetel.reconcile.providers.columns import Columns, table_lines
from voicetel.reconcile.providers.fields import bucket_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

NAME = "elevenlabs"

_COLUMNS = Columns(day="date", model="model", quantity="characters", unit="=characters", stage="=tts")

_ALL = "All"
"""What the only breakdown is called where none was asked for."""


def recognises(document: InvoiceTable | InvoiceJson) -> bool:
    """Whether a document is ElevenLabs' usage."""
    if isinstance(document, InvoiceTable):
        return document.has("date", "model", "characters")
    return any(
        isinstance(value.get("time"), list) and isinstance(value.get("usage"), dict) for value in document.objects()
    )


def lines(document: InvoiceTable | InvoiceJson, zone: str) -> Iterator[InvoiceLine]:
    """What it says of each model and day."""
    if isinstance(document, InvoiceTable):
        yield from table_lines(document, _COLUMNS, provider=NAME, zone=zone)
        return
    for value in document.objects():
        days = _days(document.name, value.get("time") or (), zone)
        for model, used in (value.get("usage") or {}).items():
            if len(used) != len(days):
                raise InvoiceError(f"{document.name}: usage of {model!r} has {len(used)} numbers for {len(days)} days")
            for day, characters in zip(days, used, strict=True):
                if quantity := read_number(characters):
                    named = None if model == _ALL else model
                    yield InvoiceLine(NAME, "tts", named, day, unit="characters", quantity=quantity)


def _days(name: str, times: Sequence[object], zone: str) -> list[date]:
    """The days along the axis; steps that are shorter than a day are hours, and begin at any of them."""
    moments = [read_moment(each) for each in times]
    step = min((later - earlier for earlier, later in pairwise(moments)), default=timedelta(days=1))
    return [bucket_day(name, each, zone, step) for each in times]
