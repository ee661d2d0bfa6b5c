"""Whose invoices are read: one module a provider, and the table of them.

A module has ``NAME``, ``recognises(document)`` and ``lines(document, zone)``; its docstring names the source of the format.
Groq documents no export of usage or cost (console.groq.com/docs has rates per minute, for Prometheus, and nothing by day): what its
console shows is read by ``--columns``, as every other's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from voicetel.reconcile.providers import cartesia, deepgram, elevenlabs, google, livekit, openai, retell, twilio, vapi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.reconcile.document import InvoiceJson, InvoiceTable
    from voicetel.reconcile.invoice import InvoiceLine


class InvoiceFormat(Protocol):
    """What a provider's module has."""

    NAME: str

    def recognises(self, document: InvoiceTable | InvoiceJson) -> bool:
        """Whether a document is one of this provider's."""

    def lines(self, document: InvoiceTable | InvoiceJson, zone: str) -> Iterator[InvoiceLine]:
        """What it says, its days in ``zone``. Raises InvoiceError and ValueError for what cannot be read."""


PROVIDERS = tuple(
    cast("InvoiceFormat", module)
    for module in (openai, deepgram, elevenlabs, cartesia, twilio, livekit, google, vapi, retell)
)
"""In the order in which a document is shown to them."""
