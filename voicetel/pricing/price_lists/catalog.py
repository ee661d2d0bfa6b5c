"""List prices that others keep: the catalogue of the package voice-prices, as tables of a rate card.

The package (MIT, the extra ``prices``) has models of speech, language, telephony and platforms with the day on which each
price was last seen. It is imported only where a list price is asked for.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from voicetel.pricing.match import ProviderRates, Rate, RateCard, Written
from voicetel.pricing.money import rate_of
from voicetel.pricing.units import FALLBACKS, RATE_KEYS
from voicetel.toml_document import path_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PACKAGE = "voice-prices"

_ONE = Fraction(1)

_KEYS: dict[str, tuple[str, Fraction]] = {
    "input_mtok": ("per_1m_input_tokens", _ONE),
    "cache_read_mtok": ("per_1m_cached_input_tokens", _ONE),
    "cache_write_mtok": ("per_1m_cache_write_tokens", _ONE),
    "input_audio_mtok": ("per_1m_input_audio_tokens", _ONE),
    "cache_audio_read_mtok": ("per_1m_cached_input_audio_tokens", _ONE),
    "output_mtok": ("per_1m_output_tokens", _ONE),
    "output_audio_mtok": ("per_1m_output_audio_tokens", _ONE),
    "input_kchars": ("per_1k_characters", _ONE),
    "input_audio_kseconds": ("per_minute", Fraction(60, 1000)),
    "output_audio_kseconds": ("per_minute", Fraction(60, 1000)),
    "telephony_kminutes": ("per_minute", Fraction(1, 1000)),
    "agent_kminutes": ("per_minute", Fraction(1, 1000)),
}
"""What the package calls a price → the key of a rate card, and how many of the one unit are in the other."""

_UNITS = {key.suffix: key for key in RATE_KEYS}

_STAGES = {
    "telephony_kminutes": "transport",
    "agent_kminutes": "platform",
    "input_audio_kseconds": "stt",
    "input_kchars": "tts",
    "output_audio_kseconds": "tts",
    "output_audio_mtok": "realtime",
}
"""What only models of a stage have a price for; all others are language models."""


def has_catalog() -> bool:
    """Whether the package is installed: ``pip install 'voicetel[prices]'``."""
    return importlib.util.find_spec("voice_prices") is not None


def catalog_version() -> str:
    """The package's version and the latest day on which it says that it looked at a price."""
    days = [day for provider in _providers() for model in provider.models if (day := _verified(model))]
    return f"{PACKAGE} {version(PACKAGE)} of {max(days)}" if days else f"{PACKAGE} {version(PACKAGE)}"


@dataclass(frozen=True, slots=True)
class ListCard(RateCard):
    """List prices: those of this package, then those of the catalogue.

    A name of a model that neither has is looked up as the catalogue does it: with the date of an edition, for one.
    """

    def match(self, stage: str, provider: str | None, model: str | None) -> tuple[Rate, ...]:
        """See RateCard. What the card has no table of its own for is looked up in the catalogue."""
        own = RateCard.match(self, stage, provider, model)
        table = self.tables.get((stage, self.provider(provider or "")))
        if model is None or (own and (table is None or own is not table.rates)):
            return own
        known = find_model(self.provider(provider or ""), model)
        if known is None or table is None:
            return own
        return table.models.get(known, own)


def with_catalog(card: RateCard) -> RateCard:
    """``card`` with every table of the catalogue that it has not; without the package the card itself."""
    if not has_catalog():
        return card
    tables = dict(card.tables)
    for key, models in _tables().items():
        own = tables.get(key, ProviderRates())
        tables[key] = replace(own, models={**models, **own.models})
    return ListCard(card.currency, f"{card.source} ({catalog_version()})", tables, card.aliases)


def find_model(provider: str, model: str) -> str | None:
    """The catalogue's name of a model; None where it knows none."""
    found = next((each for each in _providers() if each.id == provider), None)
    known = found.find_model(model) if found else None
    return None if known is None else known.id


def is_withdrawn(provider: str | None, model: str | None) -> bool:
    """Whether the catalogue says that the provider no longer offers the model. False where it does not know."""
    if not provider or not model or not has_catalog():
        return False
    found = next((each for each in _providers() if each.id == provider.lower()), None)
    known = found.find_model(model) if found else None
    return bool(known is not None and known.deprecated)


@cache
def _providers() -> tuple[Any, ...]:
    from voice_prices.data import providers  # noqa: PLC0415  an extra

    return tuple(providers)


@cache
def _tables() -> Mapping[tuple[str, str], Mapping[str, tuple[Rate, ...]]]:
    found: dict[tuple[str, str], dict[str, tuple[Rate, ...]]] = {}
    for provider in _providers():
        for model in provider.models:
            dated = sorted(_dated_prices(model), key=lambda each: each[0] or date.min)
            stage = next((_stage(prices) for _, prices in reversed(dated)), "llm")
            rates = [rate for since, prices in dated if (rate := _rate(stage, provider, model, since, prices))]
            ends = [rate.effective_from for rate in rates[1:]]
            history = tuple(replace(rate, effective_to=end) for rate, end in zip(rates, [*ends, None], strict=False))
            if history:
                found.setdefault((stage, provider.id), {})[model.id] = history
    return found


def _dated_prices(model: Any) -> Iterator[tuple[date | None, Any]]:
    """(first day, prices) of a model. Of prices that go by the time of day only the usual one is taken."""
    if not isinstance(model.prices, list):
        yield None, model.prices
        return
    seen: set[date | None] = set()
    for entry in reversed(model.prices):
        since = getattr(entry.constraint, "start_date", None)
        stamp = getattr(entry.constraint, "start_timestamp", None)
        day = since or (stamp.date() if stamp else None)
        if (entry.constraint is None or day is not None) and day not in seen:
            seen.add(day)
            yield day, entry.prices


def _stage(prices: Any) -> str:
    return next((stage for name, stage in _STAGES.items() if getattr(prices, name, None) is not None), "llm")


def _rate(stage: str, provider: Any, model: Any, since: date | None, prices: Any) -> Rate | None:
    written = tuple(_written(prices))
    columns = {
        each.column: rate_of(Fraction(each.value) / _UNITS[each.key.partition("_")[2]].units) for each in written
    }
    for column, instead in FALLBACKS.items():
        if instead in columns:
            columns.setdefault(column, columns[instead])
    if not columns:
        return None
    pages = provider.pricing_urls or []
    rate = Rate(
        key=path_text((stage, provider.id, model.id)),
        stage=stage,
        effective_from=since,
        source=model.pricing_source_url or (pages[0] if pages else PACKAGE),
        as_of=_verified(model),
        written=written,
    )
    values: dict[str, Any] = dict(columns)
    return replace(rate, **values)


def _written(prices: Any) -> Iterator[Written]:
    told: set[str] = set()
    for name, (suffix, of) in _KEYS.items():
        value = getattr(prices, name, None)
        column = _UNITS[suffix].column
        if value is not None and column not in told:
            told.add(column)
            yield Written(f"usd_{suffix}", _in_unit(getattr(value, "base", value), of), column)


def _in_unit(value: Decimal, of: Fraction) -> Decimal:
    """A price in another unit: the shortest one that comes to the same, since the package rounds those of a second."""
    if of == 1:
        return value
    exact = Fraction(value) * of
    for places in range(12):
        step = Decimal(1).scaleb(-places)
        rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(step, rounding=ROUND_HALF_UP)
        if abs(Fraction(rounded) / of - Fraction(value)) <= Fraction(1, 2 * 10**6) and (rounded or not exact):
            return rounded
    return rounded


def _verified(model: Any) -> date | None:
    day = model.provenance.last_verified if model.provenance else None
    return day if isinstance(day, date) else None
