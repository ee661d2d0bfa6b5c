"""What agents give to hooks, brought to what hooks measure with. Nothing here raises."""

from __future__ import annotations

import math
from decimal import Decimal
from numbers import Real

from voicetel.events.scalars import plain_text


def text_of(value: object) -> str:
    """A text as it is, a value with one plain spelling as that; "" for any other."""
    return name_of(value) or ""


def name_of(value: object) -> str | None:
    """A name (of a provider, a model, a request) as text; None where there is none."""
    if value is None or type(value) is str:
        return value
    try:
        return plain_text(value)
    except Exception:  # noqa: BLE001 - the value is somebody else's object and may raise anything
        return None


def amount_of(value: object) -> float | None:
    """A quantity; what is no number, or none above 0, is unknown."""
    if isinstance(value, bool):
        return None
    try:
        amount = float(value) if isinstance(value, (int, float, Decimal, Real)) else 0.0
    except Exception:  # noqa: BLE001 - the value is somebody else's object and may raise anything
        return None
    return amount if math.isfinite(amount) and 0 < amount < 2**63 else None


def count_of(value: object) -> int | None:
    """A count of tokens; what is no number, or none above 0, is unknown."""
    amount = amount_of(value)
    return None if amount is None else int(amount) or None
