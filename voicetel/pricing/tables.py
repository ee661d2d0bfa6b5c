"""What a card says of one provider in one stage → its dated rates and those of its models."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from voicetel.pricing.match import ProviderRates, Rate, Written
from voicetel.pricing.money import RATE_PLACES, rate_of
from voicetel.pricing.units import FALLBACKS, RATE_KEYS, RateKey
from voicetel.suggestion import did_you_mean
from voicetel.toml_document import entries, path_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.pricing.document import CardDocument
    from voicetel.toml_document import KeyPath, Table

MAX_RATE = 10_000
"""A rate per base unit is below this, so that nine times its product with the largest quantity is a DECIMAL(38,24)."""

MAX_FEE = 100_000
"""A fee per call is below this: there is one of it in a call."""

MAX_ROUND_UP_S = 86_400

OPTIONS = ("round_up_to_s", "multiplier", "effective_from", "list_check", "source", "as_of")
"""What a table may say beside its rates. ``source`` and ``as_of`` are where and when a price was read."""

_SUFFIXES = {key.suffix for key in RATE_KEYS}


@dataclass(frozen=True, slots=True)
class ProviderReader:
    """Reads the tables of one provider: ``path`` is (stage, provider)."""

    document: CardDocument
    currency: str
    list_check: bool
    path: tuple[str, str]

    def read(self, tables: list[tuple[KeyPath, Table]]) -> ProviderRates:
        """The provider's own rates and its models', each in the order of their days."""
        known = {*rate_keys(self.currency), *OPTIONS}
        own: list[tuple[KeyPath, Table]] = []
        models: dict[str, list[tuple[KeyPath, Table]]] = {}
        for place, table in tables:
            found = {key: subs for key, value in table.items() if key not in known and (subs := entries(value))}
            for model, model_tables in found.items():
                path = (*self.path, *place, model)
                if model in models:
                    self.document.fail(path, "the same model twice", "keep one of them")
                models[model] = [((*path, *index), model_table) for index, model_table in model_tables]
            rest = {key: value for key, value in table.items() if key not in found}
            if rest or not found:
                own.append(((*self.path, *place), rest))
        return ProviderRates(self._history(own), {model: self._history(found) for model, found in models.items()})

    def _history(self, tables: list[tuple[KeyPath, Table]]) -> tuple[Rate, ...]:
        dated = [(path, self._rate(path, table)) for path, table in tables]
        dated.sort(key=lambda item: item[1].effective_from or date.min)
        for (_, earlier), (path, later) in pairwise(dated):
            if earlier.effective_from == later.effective_from:
                day = later.effective_from
                problem = f"a second rate from {day}" if day else "a second rate without effective_from"
                self.document.fail(path, problem, "give each rate of a history a day of its own")
        rates = [rate for _, rate in dated]
        ends = [rate.effective_from for rate in rates[1:]]
        return tuple(replace(rate, effective_to=end) for rate, end in zip(rates, [*ends, None], strict=False))

    def _rate(self, path: KeyPath, table: Table) -> Rate:
        document = self.document
        self._refuse_unknown(path, table)
        multiplier = document.positive(path, table, "multiplier") or Decimal(1)
        written, columns = self._columns(path, table, multiplier)
        return Rate(
            key=path_text(path),
            stage=self.path[0],
            effective_from=document.day(path, table, "effective_from"),
            round_up_to_s=self._round_up(path, table, columns),
            multiplier=multiplier,
            list_check=self.list_check and document.boolean(path, table, "list_check", default=True),
            source=document.string(path, table, "source"),
            as_of=document.day(path, table, "as_of"),
            written=written,
            per_second=columns.get("per_second"),
            per_character=columns.get("per_character"),
            per_input_token=columns.get("per_input_token"),
            per_cached_input_token=columns.get("per_cached_input_token"),
            per_cache_write_token=columns.get("per_cache_write_token"),
            per_input_audio_token=columns.get("per_input_audio_token"),
            per_cached_input_audio_token=columns.get("per_cached_input_audio_token"),
            per_output_token=columns.get("per_output_token"),
            per_output_audio_token=columns.get("per_output_audio_token"),
            per_request=columns.get("per_request"),
            per_call=columns.get("per_call"),
        )

    def _columns(
        self, path: KeyPath, table: Table, multiplier: Decimal
    ) -> tuple[tuple[Written, ...], dict[str, Fraction]]:
        """The rates as written, and per base unit under their columns, fallbacks applied."""
        written: dict[str, Written] = {}
        columns: dict[str, Fraction] = {}
        for name, key in rate_keys(self.currency).items():
            if name not in table:
                continue
            if key.column in written:
                self.document.fail((*path, name), f"prices the same as {written[key.column].key}", "keep one of them")
            value = self.document.number((*path, name), table[name])
            written[key.column] = Written(name, value, key.column)
            columns[key.column] = self._per_base_unit((*path, name), value, multiplier, key)
        if not columns:
            hint = f"add one, such as {self.currency.lower()}_per_minute, or drop the table"
            self.document.fail(path, "has no rate", hint)
        for column, instead in FALLBACKS.items():
            if instead in columns:
                columns.setdefault(column, columns[instead])
        return tuple(written.values()), columns

    def _per_base_unit(self, path: KeyPath, value: Decimal, multiplier: Decimal, key: RateKey) -> Fraction:
        rate = rate_of(Fraction(value) * Fraction(multiplier) / key.units)
        most = MAX_FEE if key.column == "per_call" else MAX_RATE
        if rate >= most:
            unit = key.column.removeprefix("per_").replace("_", " ")
            self.document.fail(path, f"is {most} {self.currency} or more for a single {unit}", "check its unit")
        if value and not rate:
            hint = "check its unit; what is free has the rate 0"
            self.document.fail(path, f"is nothing when rounded to {RATE_PLACES} places", hint)
        return rate

    def _round_up(self, path: KeyPath, table: Table, columns: Mapping[str, Fraction]) -> Decimal | None:
        seconds = self.document.positive(path, table, "round_up_to_s")
        if seconds is None:
            return None
        path = (*path, "round_up_to_s")
        if "per_second" not in columns:
            self.document.fail(path, "rounds time, but the table has no rate for time", "add one or drop it")
        if seconds > MAX_ROUND_UP_S or seconds * 1_000_000 % 1:
            problem = f"is not a number of microseconds up to {MAX_ROUND_UP_S} seconds"
            self.document.fail(path, problem, "60 bills whole minutes")
        return seconds

    def _refuse_unknown(self, path: KeyPath, table: Table) -> None:
        for key, value in table.items():
            if key not in rate_keys(self.currency) and key not in OPTIONS:
                self._unknown((*path, key), key, value)

    def _unknown(self, path: KeyPath, key: str, value: object) -> NoReturn:
        foreign = re.fullmatch(r"([a-z]{3})_(per_.+)", key)
        if foreign and foreign[2] in _SUFFIXES:
            code, own = foreign[1].upper(), f"{self.currency.lower()}_{foreign[2]}"
            hint = f'write {own}, or currency = "{code}" for the whole card: amounts are never converted'
            self.document.fail(path, f"is in {code}, but the card is in {self.currency}", hint)
        if entries(value):
            name = ".".join(part for part in path[2:] if isinstance(part, str))
            hint = f"dots in a model's name need quotes: [{path_text((*path[:2], name))}]"
            self.document.fail(path, "a table inside of a model's table", hint)
        hint = did_you_mean(key, (*rate_keys(self.currency), *OPTIONS)) or "docs/pricing.md lists every key"
        self.document.fail(path, "unknown key", hint)


def rate_keys(currency: str) -> dict[str, RateKey]:
    """Every rate key of a card in this currency: ``usd_per_second`` → its unit and column."""
    return {f"{currency.lower()}_{key.suffix}": key for key in RATE_KEYS}
