"""What models cost elsewhere: the genai-prices package for language models, else the list prices of this package."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from voicetel.pricing.load import list_prices
from voicetel.pricing.match import path_text
from voicetel.pricing.units import STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

CURRENCY = "USD"
"""That of all published prices."""

_TOKEN_STAGES = ("llm", "realtime")

_KEYS = {
    "input_mtok": "usd_per_1m_input_tokens",
    "cache_read_mtok": "usd_per_1m_cached_input_tokens",
    "cache_write_mtok": "usd_per_1m_cache_write_tokens",
    "input_audio_mtok": "usd_per_1m_input_audio_tokens",
    "cache_audio_read_mtok": "usd_per_1m_cached_input_audio_tokens",
    "output_mtok": "usd_per_1m_output_tokens",
    "output_audio_mtok": "usd_per_1m_output_audio_tokens",
}
"""What genai-prices calls a price → the key of a rate card."""

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
    tiered: bool = False


def has_genai_prices() -> bool:
    """Whether the package is installed: ``pip install 'voicetel[prices]'``."""
    return importlib.util.find_spec("genai_prices") is not None


def published_price(stage: str, provider: str | None, model: str | None, day: date) -> Published | None:
    """What this model costs on ``day`` for those who buy it at the published price; None where nobody says."""
    if (
        stage in _TOKEN_STAGES
        and provider
        and model
        and has_genai_prices()
        and (found := _genai_price(provider, model))
    ):
        return found
    rate = list_prices().rate_on(day, stage, provider, model)
    if rate is None:
        return None
    return Published({written.key: written.value for written in rate.written}, rate.source or "list prices", rate.as_of)


def is_withdrawn(provider: str | None, model: str | None) -> bool:
    """Whether genai-prices says that the provider no longer offers the model. False where it does not know."""
    found = _genai_model(provider, model) if provider and model and has_genai_prices() else None
    return bool(found is not None and found.model.deprecated)


def stanza(stage: str, provider: str | None, model: str | None, published: Published | None) -> str:
    """The table of a rate card for this model; where nobody says, all of it is a comment with rates to fill in."""
    path = [stage, provider or "?", *([model] if model else [])]
    if stage not in STAGES or not provider:
        return f"# {path_text(tuple(path))} cannot be priced: a rate needs a stage of the format and a provider."
    lines = [f"[{path_text(tuple(path))}]"]
    if published is None:
        lines += [f"{key} = ?" for key in _USUAL_KEYS.get(stage, ("usd_per_minute",))]
        return "\n".join(["# Nobody publishes a price: fill in what you pay.", *(f"# {line}" for line in lines)])
    if published.tiered:
        lines.insert(0, "# Long prompts cost more: the price is that of short ones.")
    lines += [f"{key} = {value:f}" for key, value in published.rates.items()]
    lines.append(f'source = "{published.source}"')
    if published.as_of is not None:
        lines.append(f"as_of = {published.as_of}")
    return "\n".join(lines)


def _genai_model(provider: str, model: str) -> Any:
    from genai_prices import Usage, calc_price  # noqa: PLC0415  an extra

    try:
        return calc_price(Usage(input_tokens=1), model, provider_id=provider)
    except LookupError:
        return None


def _genai_price(provider: str, model: str) -> Published | None:
    found = _genai_model(provider, model)
    if found is None:
        return None
    priced = {key: getattr(found.model_price, name, None) for name, key in _KEYS.items()}
    rates = {
        key: value if isinstance(value, Decimal) else value.base for key, value in priced.items() if value is not None
    }
    tiered = any(value is not None and not isinstance(value, Decimal) for value in priced.values())
    return Published(rates, f"genai-prices {version('genai-prices')}", _latest_day(), tiered) if rates else None


def _latest_day() -> date | None:
    """The latest day up to today that the package's data speaks of: on that day its prices were known to hold."""
    from genai_prices.data import providers  # noqa: PLC0415  an extra

    today = datetime.now(UTC).date()
    entries = [
        entry
        for provider in providers
        for model in provider.models
        if isinstance(model.prices, list)
        for entry in model.prices
    ]
    days = [day for entry in entries if (day := getattr(entry.constraint, "start_date", None)) and day <= today]
    return max(days, default=None)
