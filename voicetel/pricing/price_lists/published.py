"""What models cost elsewhere, as tables to paste: list prices of this package and of voice-prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.pricing.units import STAGES
from voicetel.toml_document import path_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from voicetel.pricing.match import RateCard

CURRENCY = "USD"
"""That of all list prices."""

_USUAL_KEYS = {
    "stt": ("usd_per_minute",),
    "llm": ("usd_per_1m_input_tokens", "usd_per_1m_output_tokens"),
    "tts": ("usd_per_1k_characters",),
    "realtime": ("usd_per_1m_input_audio_tokens", "usd_per_1m_output_audio_tokens"),
}


@dataclass(frozen=True, slots=True)
class Published:
    """A published price: keys of a rate card with their values, and where they come from."""

    rates: Mapping[str, Decimal]
    source: str
    as_of: date | None
    effective_from: date | None = None


def published_price(
    listed: RateCard, stage: str, provider: str | None, model: str | None, day: date
) -> Published | None:
    """What this model costs on ``day`` for those who buy it at the list price; None where nobody says."""
    rate = listed.rate_on(day, stage, provider, model)
    if rate is None:
        return None
    rates = {written.key: written.value for written in rate.written}
    return Published(rates, rate.source or "list prices", rate.as_of, rate.effective_from)


def stanza(stage: str, provider: str | None, model: str | None, published: Published | None) -> str:
    """The table of a rate card for this model; where nobody says, all of it is a comment with rates to fill in."""
    path = [stage, provider or "?", *([model] if model else [])]
    if stage not in STAGES or not provider:
        return f"# {path_text(tuple(path))} cannot be priced: a rate needs a stage of the format and a provider."
    lines = [f"[{path_text(tuple(path))}]"]
    if published is None:
        lines += [f"{key} = ?" for key in _USUAL_KEYS.get(stage, ("usd_per_minute",))]
        return "\n".join(["# The list has no price of it: fill in what you pay.", *(f"# {line}" for line in lines)])
    lines += [f"{key} = {value:f}" for key, value in published.rates.items()]
    lines.append(f'source = "{published.source}"')
    if published.as_of is not None:
        lines.append(f"as_of = {published.as_of}")
    return "\n".join(lines)
