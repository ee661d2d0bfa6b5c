"""Brings a rate card's file up to date: a price that changed is added with its day, and none is ever overwritten."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from voicetel.pricing.card import parse_card
from voicetel.pricing.errors import PricingError
from voicetel.pricing.price_lists.published import Published, published_price, stanza
from voicetel.pricing.units import RATE_KEYS
from voicetel.toml_document import line_of, path_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.pricing.match import Rate, RateCard

OLD_AFTER_DAYS = 90
"""A price that nobody looked at for longer is old."""

_NEAR = Fraction(1, 1000)
"""Prices this near to each other are the same: published ones are rounded."""

_SUFFIXES = {key.suffix: key for key in RATE_KEYS}


@dataclass(frozen=True, slots=True)
class Change:
    """A list price that is another than the card's newest: ``path`` is (stage, provider, model)."""

    path: tuple[str, str, str]
    rate: Rate
    published: Published
    since: date


def changes(card: RateCard, listed: RateCard, today: date) -> list[Change]:
    """The models of a card whose newest rate is another than the list price of today."""
    return [change for path, rates in _models(card) if (change := _change(path, rates[-1], listed, today))]


def old_rates(card: RateCard, today: date) -> list[tuple[Rate, int]]:
    """The newest rate of each table that says when it was looked at, if that is too long ago; and how many days it is."""
    newest = [rates[-1] for _, rates in _tables(card) if rates]
    aged = [(rate, (today - rate.as_of).days) for rate in newest if rate.as_of is not None]
    return [(rate, days) for rate, days in aged if days > OLD_AFTER_DAYS]


def updated(text: str, found: list[Change], added: list[str], *, source: str) -> str:
    """The text of a card with an entry for each change and the stanzas of ``added``; what stood in it still stands.

    A table that had one rate becomes an array of tables: its header gets a second pair of brackets. Raises PricingError
    where a table is not written with a header of its own, and where what comes out is no card.
    """
    lines = text.splitlines()
    for change in found:
        number = _header_line(text, change.path)
        if number is None:
            raise PricingError(
                f"{source}: {path_text(change.path)}: has no header of its own", hint="write it as a [table] first"
            )
        header = lines[number - 1]
        if not header.lstrip().startswith("[["):
            lines[number - 1] = re.sub(r"\[(.+)\]", r"[[\1]]", header, count=1)
    kept = "\n".join(lines).rstrip("\n")
    entries = [_entry(change) for change in found]
    whole = "\n\n".join([part for part in (kept, *entries, *added) if part]) + "\n"
    parse_card(whole, source=source)
    return whole


def _change(path: tuple[str, str, str], rate: Rate, listed: RateCard, today: date) -> Change | None:
    stage, provider, model = path
    published = published_price(listed, stage, provider, model, today)
    if published is None or rate.multiplier != 1:
        return None
    theirs = {_SUFFIXES[key.partition("_")[2]].column: _per_unit(key, value) for key, value in published.rates.items()}
    if all(_same(getattr(rate, column), value) for column, value in theirs.items()):
        return None
    begun = rate.effective_from or date.min
    since = next((day for day in (published.effective_from, published.as_of) if day and begun < day <= today), today)
    return Change(path, rate, published, max(since, begun + timedelta(days=1)) if begun > date.min else since)


def _per_unit(key: str, value: object) -> Fraction:
    return Fraction(str(value)) / _SUFFIXES[key.partition("_")[2]].units


def _same(own: Fraction | None, listed: Fraction) -> bool:
    return own is not None and abs(own - listed) <= listed * _NEAR


def _entry(change: Change) -> str:
    stage, provider, model = change.path
    head, *rest = stanza(stage, provider, model, change.published).splitlines()
    return "\n".join([f"[{head}]", *rest, f"effective_from = {change.since}"])


def _header_line(text: str, path: tuple[str, str, str]) -> int | None:
    """The line of a table's last header."""
    found = None
    for index in range(len(text.splitlines())):
        number = line_of(text, (*path, index))
        if number is None or number == found or not text.splitlines()[number - 1].lstrip().startswith("["):
            break
        found = number
        if not text.splitlines()[number - 1].lstrip().startswith("[["):
            break
    number = found or line_of(text, path)
    lines = text.splitlines()
    return (
        number
        if number and lines[number - 1].lstrip().startswith("[") and _is_header_of(lines[number - 1], path)
        else None
    )


def _is_header_of(line: str, path: tuple[str, str, str]) -> bool:
    written = line.split("#", maxsplit=1)[0].strip().strip("[]").strip()
    return written.replace("'", '"').casefold().endswith((path[2].casefold(), f'"{path[2].casefold()}"'))


def _models(card: RateCard) -> Iterator[tuple[tuple[str, str, str], tuple[Rate, ...]]]:
    """The tables of single models: a pattern stands for many, and has no list price of its own."""
    for (stage, provider), table in card.tables.items():
        for model, rates in table.models.items():
            if "*" not in model and rates:
                yield (stage, provider, model), rates


def _tables(card: RateCard) -> Iterator[tuple[str, tuple[Rate, ...]]]:
    for (stage, provider), table in card.tables.items():
        yield f"{stage}.{provider}", table.rates
        for model, rates in table.models.items():
            yield f"{stage}.{provider}.{model}", rates
