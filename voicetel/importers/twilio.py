"""Twilio's list of calls: what the carrier knows, to be joined by CallSid to the calls of a platform.

Fields as in twilio 9.13.0, and the page ``GET /2010-04-01/Accounts/{sid}/Calls.json``. Prices are negative strings.
"""

from __future__ import annotations

import re
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from voicetel.events.operation import Operation
from voicetel.importers.calls.endings import Ending
from voicetel.importers.calls.imported_call import ImportedCall
from voicetel.importers.calls.record import epoch_s
from voicetel.importers.source import Gives, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.record import Record

_SID: Final = re.compile(r"CA[0-9a-zA-Z]{8,64}")
_PRICE: Final = re.compile(r"-?\d{1,9}(\.\d{1,12})?")
UNFINISHED: Final = frozenset({"queued", "initiated", "ringing", "in-progress"})
ENDINGS: Final = {
    "completed": Ending(),
    "busy": Ending("not_connected", "busy", 0.95),
    "no-answer": Ending("not_connected", "no_answer", 0.95),
    "failed": Ending("not_connected", "fail", 0.9),
    "canceled": Ending("not_connected"),
}
"""What a final status means."""

ANSWERED_BY: Final = {
    "human": "human",
    "machine_start": "machine-vm",
    "machine_end_beep": "machine-vm",
    "machine_end_silence": "machine-vm",
    "machine_end_other": "machine-vm",
    "fax": "machine-unavailable",
    "unknown": "uncertain",
}
_CHILD: Final = "outbound-dial"


def recognise(document: Mapping[str, object]) -> bool:
    """One call of the list."""
    sid = document.get("sid")
    return isinstance(sid, str) and bool(_SID.fullmatch(sid)) and {"status", "direction"} <= document.keys()


def read_call(document: Record, notes: Notes) -> ImportedCall | None:
    """Read the call; None where it is not over. A leg that another call dialled belongs to that call."""
    sid, status = document.text("sid") or "", document.text("status") or ""
    if status in UNFINISHED:
        notes.add("calls of Twilio that are not over were left out")
        return None
    started_s = _time(document, "start_time") or _time(document, "date_created")
    if started_s is None:
        notes.add("a call without any timestamp cannot be placed in time")
        return None
    direction = document.text("direction") or ""
    parent = document.text("parent_call_sid") if direction == _CHILD else None
    call = ImportedCall(
        "twilio",
        parent or sid,
        started_s,
        notes,
        source_id=sid,
        delivered_s=_time(document, "date_updated"),
        carrier_call_id=parent or sid,
    )
    ended_s = _time(document, "end_time") or started_s
    seconds = _seconds(document)
    if parent is None:
        _add_started(call, document, direction)
    call.add_usage(ended_s, _billed(document, seconds, notes), int(sid[-6:], 36) if sid[-6:].isalnum() else 0)
    if parent is None:
        answered_by = ANSWERED_BY.get(document.text("answered_by") or "")
        ending = ENDINGS.get(status, Ending()).fields(f"Twilio: {status}")
        fields: dict[str, object] = {"duration_s": seconds, "amd": answered_by, **ending}
        call.add_ended(ended_s, fields, {"twilio.status": status or None})
    return call


def _add_started(call: ImportedCall, document: Record, direction: str) -> None:
    fields: dict[str, object] = {
        "direction": "inbound" if direction.startswith("inbound") else "outbound" if direction else None,
        "source": "twilio",
    }
    call.add_started(fields, {"carrier": "twilio", "carrier_call_id": document.text("sid")})


def _billed(document: Record, seconds: float | None, notes: Notes) -> list[Operation]:
    """Connectivity; recordings and answering-machine detection are billed apart. No price for minutes after a call."""
    price = document.text("price")
    if price is None:
        if seconds is not None:
            notes.add("Twilio has no price for a call until minutes after its end: import the list again later")
        return []
    if not _PRICE.fullmatch(price):
        document.passed_over("price")
        return []
    currency = (document.text("price_unit") or "USD").upper()
    quantities = {} if seconds is None else {"session_s": seconds}
    cost = abs(Decimal(price))
    return [Operation("transport", "twilio", quantities=quantities, cost=cost, currency=currency)] if cost else []


def _seconds(document: Record) -> float | None:
    """A string of seconds, empty where nobody answered."""
    text = document.word("duration")
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,7}", text):
        document.passed_over("duration")
        return None
    return float(text) or None


def _time(document: Record, name: str) -> float | None:
    """RFC 2822, as the API has it, or ISO 8601."""
    text = document.text(name)
    if text is None:
        return None
    try:
        return epoch_s(Decimal(str(parsedate_to_datetime(text).timestamp())))
    except (ValueError, OverflowError, IndexError):
        return document.time(name)


SOURCE = Source(
    name="twilio",
    title="Twilio call list",
    exports="GET /2010-04-01/Accounts/{sid}/Calls.json",
    recognise=recognise,
    read_call=read_call,
    is_carrier=True,
    gives=Gives(
        response="",
        stages="",
        transcript="",
        times="when the call began and ended, whole seconds",
        interruptions="",
        cost="the carrier's price, joined to the platform's call by CallSid",
        outcome="busy, no answer, failed; human or machine",
        missing="everything that was said; recordings and answering-machine detection are billed apart",
    ),
)
