"""(stage, provider, model) → the rates that apply to it, dated: the one matcher, for agents and analyses alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from voicetel.pricing.units import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Written:
    """A rate as its card states it, for people: ``key = value``, before ``multiplier``; ``column`` is where it went."""

    key: str
    value: Decimal
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What one table of a card charges while it is in force, in the card's currency per base unit.

    Every ``per_…`` is a fraction, exact as the card has it (``money.rate_of``), with ``multiplier`` folded in and the
    fallbacks of ``units.FALLBACKS`` applied; None is no rate, which is not the same as 0. In force from the UTC day
    ``effective_from`` (None: always has been) up to, without, ``effective_to`` (None: still is).
    """

    key: str
    stage: str
    effective_from: date | None = None
    effective_to: date | None = None
    per_second: Fraction | None = None
    per_character: Fraction | None = None
    per_input_token: Fraction | None = None
    per_cached_input_token: Fraction | None = None
    per_cache_write_token: Fraction | None = None
    per_input_audio_token: Fraction | None = None
    per_cached_input_audio_token: Fraction | None = None
    per_output_token: Fraction | None = None
    per_output_audio_token: Fraction | None = None
    per_request: Fraction | None = None
    per_call: Fraction | None = None
    round_up_to_s: Decimal | None = None
    multiplier: Decimal = Decimal(1)
    list_check: bool = True
    source: str | None = None
    as_of: date | None = None
    written: tuple[Written, ...] = ()

    def in_force(self, day: date) -> bool:
        """Whether the rate applies on this UTC day."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day < self.effective_to
        )


@dataclass(frozen=True, slots=True)
class ProviderRates:
    """One provider in one stage: the rates of its own table (() if it has none) and those of its models.

    ``models`` maps a model's name, or a pattern with ``*``, to its rates.
    """

    rates: tuple[Rate, ...] = ()
    models: Mapping[str, tuple[Rate, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RateCard:
    """A rate card that was read and found to make sense. ``source`` is the file it came from, for messages."""

    currency: str
    source: str
    tables: Mapping[tuple[str, str], ProviderRates]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def provider(self, name: str) -> str:
        """The provider's name on this card: lower case, and what ``[alias]`` says it is."""
        name = name.strip().lower()
        return self.aliases.get(name, name)

    def match(self, stage: str, provider: str | None, model: str | None) -> tuple[Rate, ...]:
        """The rates of this operation, ordered by ``effective_from``, their days never overlapping; () is unpriced.

        The model's own table, else the longest pattern that fits, else the provider's table. Whichever it is
        stands alone: nothing is inherited, and a day before its first entry has no rate.
        """
        provider_rates = self.tables.get((stage, self.provider(provider or "")))
        if provider_rates is None:
            return ()
        if model is None:
            return provider_rates.rates
        if model in provider_rates.models:
            return provider_rates.models[model]
        patterns = [name for name in provider_rates.models if fits(name, model)]
        if patterns:
            return provider_rates.models[min(patterns, key=_longest_first)]
        return provider_rates.rates

    def rate_on(self, day: date, stage: str, provider: str | None, model: str | None) -> Rate | None:
        """The rate of this operation on a UTC day; None is unpriced."""
        return next((rate for rate in self.match(stage, provider, model) if rate.in_force(day)), None)

    def rates(self) -> Iterator[Rate]:
        """Every rate of the card, by stage, provider, model and day."""
        for _, table in sorted(self.tables.items(), key=lambda item: (STAGES.index(item[0][0]), item[0][1])):
            yield from table.rates
            for model in sorted(table.models):
                yield from table.models[model]


def fits(pattern: str, name: str) -> bool:
    """Whether ``name`` is what ``pattern`` describes; ``*`` stands for any characters, also none."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == name
    *middle, last = rest
    if not name.startswith(first) or not name.endswith(last) or len(name) < len(first) + len(last):
        return False
    place, end = len(first), len(name) - len(last)
    for part in middle:
        found = name.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def _longest_first(pattern: str) -> tuple[int, str]:
    return -len(pattern.replace("*", "")), pattern
