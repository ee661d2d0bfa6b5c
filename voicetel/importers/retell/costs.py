"""What Retell charged, in cents: per product, or as one sum where the products do not add up to it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from voicetel.events.operation import Operation

if TYPE_CHECKING:
    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.record import Record

_CENTS: Final = 100
_TOLERANCE_CENTS: Final = Decimal("0.01")
_VOICE: Final = re.compile(r"_tts|^tts|voice", re.IGNORECASE)
_MODEL: Final = re.compile(r"gpt|claude|gemini|llama|deepseek|qwen|grok|mistral|realtime|^llm", re.IGNORECASE)


def billed(cost: Record, notes: Notes) -> list[Operation]:
    """The operations that were billed. Retell sends the one bill, so the provider of each is Retell."""
    seconds = cost.positive("total_duration_seconds")
    products = cost.records("product_costs")
    amounts = [(product.text("product") or "", product.amount("cost") or Decimal(0), product) for product in products]
    operations = [
        _charged(stage_of(name), name or None, cents, seconds if product.has("unit_price") else None)
        for name, cents, product in amounts
        if cents
    ]
    combined = cost.amount("combined_cost") or Decimal(0)
    parts = sum((cents for _, cents, _ in amounts), Decimal(0))
    if not combined or (operations and abs(combined - parts) <= _TOLERANCE_CENTS * len(operations)):
        return operations
    if operations:
        notes.add("Retell's products do not add up to the cost of the call: the cost of the call is written instead")
    return [_charged("platform", None, combined, seconds)]


def stage_of(product: str) -> str:
    """Which stage a product belongs to, by its name; ``platform`` where the name does not say."""
    if "telephony" in product:
        return "transport"
    if _VOICE.search(product) and "engine" not in product:
        return "tts"
    return "llm" if _MODEL.search(product) else "platform"


def _charged(stage: str, model: str | None, cents: Decimal, seconds: float | None) -> Operation:
    quantities = {} if seconds is None else {"session_s": seconds}
    return Operation(stage, "retell", model, quantities=quantities, cost=cents / _CENTS, currency="USD")
