"""Invoices of tests: files of them, and logs to hold them against."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from support.logs import store_of
from voicetel.analyzers.prepare import analysis_context
from voicetel.pricing import parse_card
from voicetel.reconcile import InvoiceOptions, Reconciliation, read_invoices, reconcile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from support.logs import Event

CARD = """
currency = "USD"
[stt.deepgram]
usd_per_minute = 0.006
[llm.openai]
usd_per_1m_input_tokens = 0.4
usd_per_1m_cached_input_tokens = 0.1
usd_per_1m_output_tokens = 1.6
[tts.elevenlabs]
usd_per_1k_characters = 0.05
[transport.twilio]
usd_per_minute = 0.012
[transport.livekit]
usd_per_minute = 0.004
[stt.google]
usd_per_minute = 0.016
[platform.vapi]
usd_per_minute = 0.05
[transport.retell]
usd_per_minute = 0.06
[stt.groq]
usd_per_hour = 0.04
"""


def operation_at(ts: str, stage: str, provider: str, model: str | None = None, **used: Any) -> Event:
    """A line with one operation at a time; every one belongs to a call of its own."""
    operation = {"stage": stage, "provider": provider, "model": model, **used}
    known = {name: value for name, value in operation.items() if value is not None}
    call = f"c-{ts}-{stage}-{sorted(used.items())}"
    return {"v": 1, "event": "usage", "ts": ts, "call_id": call, "operations": [known]}


def write_invoice(folder: Path, content: Any, name: str = "invoice") -> Path:
    """A file with JSON, or with a text as it stands."""
    is_text = isinstance(content, str)
    path = folder / f"{name}.{'csv' if is_text else 'json'}"
    path.write_text(content if is_text else json.dumps(content), encoding="utf-8")
    return path


def reconciled(
    folder: Path, events: Iterable[Event], *invoices: Any, card: str = CARD, zone: str = "UTC", **options: Any
) -> Reconciliation:
    """Invoices against the calls of a log."""
    paths = [write_invoice(folder, each, f"invoice{i}") for i, each in enumerate(invoices)]
    sums = read_invoices(paths, InvoiceOptions(zone=zone, **options))
    with store_of(folder, events) as store:
        return reconcile(analysis_context(store), parse_card(card, source="card"), sums, zone=zone)


def cause_list(found: Reconciliation) -> list[tuple[str, str]]:
    """(cause, amount) of every difference, the greatest first."""
    parts = [part for line in found.lines for part in line.causes]
    return [(part.cause, f"{part.amount.normalize():f}") for part in parts]
