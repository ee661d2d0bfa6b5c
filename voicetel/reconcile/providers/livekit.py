"""LiveKit Cloud: sessions with the time that their participants were connected.

Source: docs.livekit.io/deploy/admin/analytics-api, whose ``GET /api/project/{id}/sessions/{session_id}`` gives ``roomId``, ``startTime``,
``endTime`` and ``connectionMinutes``; and docs.livekit.io/reference/api/projects/sessions, whose ``GET /v1/projects/{id}/sessions/{session_id}``
(``lk analytics session get --json``) gives ``session`` with ``startedAt`` and ``detail`` with ``connectionSeconds``; names of members as
livekit-cli 2.19 reads them. Both count every participant, the agent included. Lists of sessions have no minutes, and nothing states
amounts. Times are UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.reconcile.document import InvoiceJson, InvoiceTable
from voicetel.reconcile.invoice import InvoiceError, InvoiceLine
from voicetel.reconcile.numbers import read_day, read_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = "livekit"


def recognises(document: InvoiceTable | InvoiceJson) -> bool:
    """Whether a document has LiveKit's sessions, or lists them."""
    return isinstance(document, InvoiceJson) and any(_is_session(each) for each in _sessions(document))


def lines(document: InvoiceTable | InvoiceJson, zone: str) -> Iterator[InvoiceLine]:
    """What it says of each session. Raises InvoiceError for a list, which has no minutes."""
    if not isinstance(document, InvoiceJson):
        return
    found = False
    for each in _sessions(document):
        about = each.get("session") or each
        seconds = _connected_s(each)
        if seconds is not None:
            found = True
            day = read_day(about.get("startedAt") or about.get("startTime") or about.get("createdAt"), zone)
            yield InvoiceLine(NAME, "transport", None, day, unit="session_s", quantity=seconds)
    if not found:
        raise InvoiceError(
            f"{document.name}: these sessions of LiveKit state no minutes",
            hint="fetch each: lk analytics session get SESSION_ID --json",
        )


def _connected_s(each: Mapping[str, Any]) -> Any:
    minutes = read_number(each.get("connectionMinutes"))
    return read_number((each.get("detail") or {}).get("connectionSeconds")) if minutes is None else minutes * 60


def _sessions(document: InvoiceJson) -> Iterator[Mapping[str, Any]]:
    for value in document.objects():
        several = next((value[key] for key in ("sessions", "items") if isinstance(value.get(key), list)), [value])
        yield from (each for each in several if isinstance(each, dict))


def _is_session(each: Mapping[str, Any]) -> bool:
    about = each.get("session") if isinstance(each.get("session"), dict) else each
    known = {"sessionId", "roomName"} <= about.keys() if isinstance(about, dict) else False
    return known or "connectionMinutes" in each
