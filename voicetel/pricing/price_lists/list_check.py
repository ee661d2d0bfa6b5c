"""A card against the published prices: rates so far off that a unit was probably mistaken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.pricing.load import list_prices, packaged_list_prices
from voicetel.pricing.match import Rate, RateCard, Written, fits
from voicetel.pricing.units import RATE_KEYS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from fractions import Fraction

FACTOR = 10
"""A rate more than this many times above or below the published one is an outlier."""

LIKELY_FACTOR = 2
"""Under another unit, a rate this near to the published one is probably meant in that unit."""


@dataclass(frozen=True, slots=True)
class Outlier:
    """One rate of a card and the published one that it was probably meant to be, both per the same base unit."""

    rate: Rate
    written: Written
    per_unit: Fraction
    listed: Rate
    listed_as: Written
    listed_per_unit: Fraction

    @property
    def times(self) -> Fraction:
        """How many times the rate is the published one: above 10, or below 1/10."""
        return self.per_unit / self.listed_per_unit

    @property
    def sentence(self) -> str:
        """All that is known: both figures, where the published one comes from, and the unit that was probably meant."""
        ratio = f"{_short(self.times)} times" if self.times > 1 else f"1/{_short(1 / self.times)} of"
        text = (
            f"{self.rate.key}: {self.written.key} = {self.written.value:f} is {ratio} the list price "
            f"({self.listed.key}: {self.listed_as.key} = {self.listed_as.value:f}"
        )
        text += f", {self.listed.as_of}" if self.listed.as_of else ""
        text += f", {self.listed.source})" if self.listed.source else ")"
        key, distance = self.likely
        return f"{text}; was {key} meant?" if distance <= LIKELY_FACTOR else f"{text}."

    @property
    def short_sentence(self) -> str:
        """Both figures alone, for a report: it stands above the amounts, and on one line of a narrow terminal."""
        ratio = f"{_short(self.times)} times" if self.times > 1 else f"1/{_short(1 / self.times)} of"
        return f"{self.rate.key}: {_figure(self.written)} is {ratio} the list price, {_figure(self.listed_as)}"

    @property
    def likely(self) -> tuple[str, Fraction]:
        """The key under which the same number comes nearest to the published price, and how many times off it is."""
        currency, suffix = self.written.key.split("_", 1)
        units = {key.suffix: key.units for key in RATE_KEYS if key.column == self.written.column}
        distances = {key: _distance(self.times * units[suffix] / units[key]) for key in units}
        nearest = min(distances, key=distances.__getitem__)
        return f"{currency}_{nearest}", distances[nearest]


def outliers_from_price_list(
    card: RateCard, listed: RateCard | None = None, *, keys: Collection[str] | None = None
) -> tuple[Outlier, ...]:
    """Rates of ``card`` more than 10 times off the published price of the same stage, provider and model.

    A table for a whole provider, or for a pattern of models, is an outlier if it is one for every published model
    that it could stand for. Left out: what has no published price, what is free on either side, ``list_check = false``, and
    every card in another currency than the published prices; with ``keys`` rates of other keys, too.
    """
    listed = listed or _list_for(card)
    if card.currency != listed.currency:
        return ()
    found: list[Outlier] = []
    for stage, provider, model, rates in _tables(card):
        published = _published(listed, stage, provider, model)
        for rate in rates:
            if rate.list_check and (keys is None or rate.key in keys):
                found.extend(outlier for written in rate.written if (outlier := _outlier(rate, written, published)))
    return tuple(found)


def _list_for(card: RateCard) -> RateCard:
    """The list prices that a card is held against: the catalogue is loaded only where this package's do not reach."""
    packaged = packaged_list_prices()
    return packaged if card.tables.keys() <= packaged.tables.keys() else list_prices()


def _tables(card: RateCard) -> Iterator[tuple[str, str, str | None, tuple[Rate, ...]]]:
    for (stage, provider), table in card.tables.items():
        yield stage, provider, None, table.rates
        for model, rates in table.models.items():
            yield stage, provider, model, rates


def _published(listed: RateCard, stage: str, provider: str, model: str | None) -> list[Rate]:
    """The published rates that a table of a card could stand for."""
    if model is not None and "*" not in model:
        return list(listed.match(stage, provider, model))
    table = listed.tables.get((stage, listed.provider(provider)))
    if table is None:
        return []
    if model is None:
        return [*table.rates, *(rate for rates in table.models.values() for rate in rates)]
    named = [rate for name, rates in table.models.items() if fits(model, name) for rate in rates]
    return named or list(listed.match(stage, provider, model.replace("*", "")))


def _outlier(rate: Rate, written: Written, published: list[Rate]) -> Outlier | None:
    per_unit: Fraction = getattr(rate, written.column)
    candidates = [
        Outlier(rate, written, per_unit, listed, as_listed, getattr(listed, as_listed.column))
        for listed in published
        for as_listed in listed.written
        if as_listed.column == written.column and getattr(listed, as_listed.column) and per_unit
    ]
    if any(_distance(outlier.times) <= FACTOR for outlier in candidates):
        return None
    return min(candidates, key=lambda outlier: outlier.likely[1], default=None)


def _distance(times: Fraction) -> Fraction:
    """How many times off, in either direction: 1 is equal."""
    return max(times, 1 / times)


def _figure(written: Written) -> str:
    """A rate in words, its currency left out: 0.0043 per second."""
    return f"{written.value:f} {written.key.split('_', 1)[1].replace('_', ' ')}"


def _short(number: Fraction) -> str:
    """A factor above 10 as people say it: 54, 1,200."""
    return f"{round(number):,}"
