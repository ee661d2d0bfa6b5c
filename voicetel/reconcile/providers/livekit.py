"""LiveKit Cloud: the sessions of its Analytics API.

Source: docs.livekit.io/deploy/admin/analytics-api: ``GET /api/project/{id}/sessions`` lists sessions with ``sessionId``,
``createdAt``, ``endedAt`` and ``connectionMinutes`` (of all participants). It states no amounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.reconcile.document import InvoiceJson, InvoiceTable
from voicetel.reconcile.invoice import InvoiceLine
from voicetel.reconcile.numbers import read_day, read_number
from voicetel.reconcile.providers.columns import Columns, table_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "livekit"

_COLUMNS = Columns(day="createdAt", quantity="connectionMinutes", unit="=minutes", stage="=transport")


def recognises(document: InvoiceTable | InvoiceJson) -> bool:
    """Whether a document lists LiveKit's sessions."""
    if isinstance(document, InvoiceTable):
        return document.has("createdAt", "connectionMinutes")
    return any(
        isinstance(session, dict) and "connectionMinutes" in session
        for value in document.objects()
        for session in value.get("sessions") or ()
    )


def lines(document: InvoiceTable | InvoiceJson, zone: str) -> Iterator[InvoiceLine]:
    """What it says of each session."""
    if isinstance(document, InvoiceTable):
        yield from table_lines(document, _COLUMNS, provider=NAME, zone=zone)
        return
    for value in document.objects():
        for session in value.get("sessions") or ():
            minutes = read_number(session.get("connectionMinutes"))
            if minutes is not None:
                day = read_day(session.get("createdAt"), zone)
                yield InvoiceLine(NAME, "transport", None, day, unit="session_s", quantity=minutes * 60)
