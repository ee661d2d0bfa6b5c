"""What agents give to hooks, brought to what hooks measure with. Nothing here raises."""

from __future__ import annotations

from voicetel.events.scalars import plain_number, plain_text


def text_of(value: object) -> str:
    """A text as it is, a value with one plain spelling as that; "" for any other."""
    return name_of(value) or ""


def name_of(value: object) -> str | None:
    """A name (of a provider, a model, a request) as text; None where there is none."""
    return value if value is None or type(value) is str else plain_text(value)


def positive_amount(value: object) -> float | None:
    """A quantity; what is no number, or none above 0, is unknown."""
    amount = plain_number(value)
    return amount if amount is not None and amount > 0 else None


def token_count(value: object) -> int | None:
    """A count of tokens; what is no number, or none above 0, is unknown."""
    return int(positive_amount(value) or 0) or None
