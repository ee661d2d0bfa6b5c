"""Vapi: its calls with what each part of them cost.

Source: the ``Call`` of the package vapi-server-sdk 3.0: ``costs`` is a list by ``type`` (transport, transcriber, model, voice,
vapi) with ``minutes``, ``characters``, ``promptTokens``, ``completionTokens`` and ``cost`` in US dollars; ``startedAt`` is UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.reconcile.document import InvoiceJson, InvoiceTable
from voicetel.reconcile.invoice import InvoiceLine
from voicetel.reconcile.numbers import read_day, read_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

NAME = "vapi"

_STAGES = {"transport": "transport", "transcriber": "stt", "model": "llm", "voice": "tts", "vapi": "platform"}


def recognises(document: InvoiceTable | InvoiceJson) -> bool:
    """Whether a document is a list of Vapi's calls."""
    return isinstance(document, InvoiceJson) and any(
        "costBreakdown" in each or "assistantId" in each for each in document.objects()
    )


def lines(document: InvoiceTable | InvoiceJson, zone: str) -> Iterator[InvoiceLine]:
    """What it says of each part of each call."""
    if isinstance(document, InvoiceJson):
        for call in document.objects():
            if started := call.get("startedAt") or call.get("createdAt"):
                day = read_day(started, zone)
                for cost in call.get("costs") or ():
                    yield from _of_part(cost, day)
            elif any(read_number(cost.get("cost")) for cost in call.get("costs") or ()):
                raise ValueError("a call has a cost and neither startedAt nor createdAt")


def _of_part(cost: Mapping[str, Any], day: date) -> Iterator[InvoiceLine]:
    stage = _STAGES.get(str(cost.get("type")))
    if stage is None:
        amount = read_number(cost.get("cost"))
        if amount:
            yield InvoiceLine(NAME, "platform", None, day, amount=amount)
        return
    if stage == "llm":
        yield InvoiceLine(NAME, stage, None, day, amount=read_number(cost.get("cost")))
        return
    minutes, characters = read_number(cost.get("minutes")), read_number(cost.get("characters"))
    time = "audio_s" if stage == "stt" else "session_s"
    yield InvoiceLine(
        NAME,
        stage,
        None,
        day,
        unit="characters" if characters is not None else time,
        quantity=characters if characters is not None else None if minutes is None else minutes * 60,
        amount=read_number(cost.get("cost")),
    )
