"""Cartesia: credits and agents' minutes along a time axis.

Source: docs.cartesia.ai/api-reference/usage/credits and …/usage/agents: ``GET /usage/credits`` and ``GET /usage/agents`` give
``data``, buckets with ``start_ts`` and ``end_ts`` (RFC 3339) of whole UTC days, weeks or months; those of credits have ``credits``,
those of agents ``minutes``, ``calls`` and ``cents``. A character of speech is a credit, and transcription is billed in credits
as well: ask with the ``api_key_id`` of a key that is used for speech alone. Credits have no amount: they are sold by subscription.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from voicetel.reconcile.document import InvoiceJson, InvoiceTable
from voicetel.reconcile.invoice import InvoiceLine
from voicetel.reconcile.numbers import read_number
from voicetel.reconcile.providers.fields import bucket_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = "cartesia"

_CENTS = Fraction(1, 100)


def recognises(document: InvoiceTable | InvoiceJson) -> bool:
    """Whether a document is one of Cartesia's."""
    return isinstance(document, InvoiceJson) and any("start_ts" in bucket for bucket in _buckets(document))


def lines(document: InvoiceTable | InvoiceJson, zone: str) -> Iterator[InvoiceLine]:
    """What it says of each bucket."""
    if not isinstance(document, InvoiceJson):
        return
    for bucket in _buckets(document):
        first = bucket_day(document.name, bucket.get("start_ts"), zone)
        last = bucket_day(document.name, bucket.get("end_ts"), zone) - timedelta(days=1)
        yield from _of_bucket(bucket, first, last if last > first else None)


def _of_bucket(bucket: Mapping[str, Any], first: date, last: date | None) -> Iterator[InvoiceLine]:
    if credits_used := read_number(bucket.get("credits")):
        yield InvoiceLine(NAME, "tts", None, first, last, "characters", credits_used)
    minutes, cents = read_number(bucket.get("minutes")), read_number(bucket.get("cents"))
    if minutes or cents:
        yield InvoiceLine(
            NAME,
            "platform",
            None,
            first,
            last,
            "session_s",
            None if minutes is None else minutes * 60,
            None if cents is None else cents * _CENTS,
        )


def _buckets(document: InvoiceJson) -> Iterator[Mapping[str, Any]]:
    for value in document.objects():
        data = value.get("data")
        yield from (each for each in (data if isinstance(data, list) else ()) if isinstance(each, dict))
