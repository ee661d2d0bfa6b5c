"""Tokens and prices of ElevenLabs' LLM usage. Its input kinds are disjoint; ours is the whole with its parts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from voicetel.events.operation import Operation

if TYPE_CHECKING:
    from voicetel.importers.calls.record import Record

_INPUTS: Final = ("input", "input_cache_read", "input_cache_write")


def llm_operations(usage: Record) -> list[Operation]:
    """One operation for each model that was used."""
    return [operation for model, used in usage.entries() if (operation := _operation(model, used)).quantities]


def _operation(model: str, used: Record) -> Operation:
    tokens = {name: int(used.record(name).positive("tokens") or 0) for name in (*_INPUTS, "output_total")}
    quantities = {
        "input_tokens": sum(tokens[name] for name in _INPUTS),
        "cached_input_tokens": tokens["input_cache_read"],
        "cache_write_tokens": tokens["input_cache_write"],
        "output_tokens": tokens["output_total"],
    }
    prices = (used.record(name).amount("price") or Decimal(0) for name in (*_INPUTS, "output_total"))
    cost = sum(prices, Decimal(0))
    return Operation(
        "llm",
        "elevenlabs",
        model,
        quantities={name: value for name, value in quantities.items() if value},
        cost=cost or None,
        currency="USD" if cost else None,
    )
