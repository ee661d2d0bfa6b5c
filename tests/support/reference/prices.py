"""Money once more, in fractions: a rate card as plain values, and what the rules of prices make of an operation.

Written from the rules, not from the package. ``card_toml`` writes the same values as a rate card.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from support.reference.definitions import QUANTITIES, rounded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNITS = {
    "per_second": ("second", 1),
    "per_minute": ("second", 60),
    "per_hour": ("second", 3600),
    "per_1k_characters": ("characters", 1000),
    "per_1m_characters": ("characters", 1_000_000),
    "per_1m_input_tokens": ("input", 1_000_000),
    "per_1m_cached_input_tokens": ("cached", 1_000_000),
    "per_1m_cache_write_tokens": ("written", 1_000_000),
    "per_1m_input_audio_tokens": ("audio", 1_000_000),
    "per_1m_cached_input_audio_tokens": ("cached_audio", 1_000_000),
    "per_1m_output_tokens": ("output", 1_000_000),
    "per_1m_output_audio_tokens": ("output_audio", 1_000_000),
    "per_request": ("requests", 1),
    "per_call": ("call", 1),
}
"""Key of a card without its currency → what it prices, and how many units of it."""

TOKENS = ("input", "cached", "written", "audio", "cached_audio", "output", "output_audio")


@dataclass(frozen=True)
class Entry:
    """One table of a card: rates by key, and what else it says."""

    rates: Mapping[str, Decimal]
    multiplier: Decimal | None = None
    round_up_to_s: Decimal | None = None
    effective_from: date | None = None

    def per_unit(self) -> dict[str, Fraction]:
        """What is priced → currency per unit of it, to a ninth of the 18th place half up; with what stands in for missing rates."""
        made = {}
        for key, value in self.rates.items():
            what, units = UNITS[key]
            exact = Fraction(value) * Fraction(self.multiplier or 1) / units
            made[what] = Fraction(math.floor(exact * 9 * 10**18 + Fraction(1, 2)), 9 * 10**18)
        for missing, instead in (("cached", "input"), ("written", "input"), ("cached_audio", "audio")):
            if instead in made:
                made.setdefault(missing, made[instead])
        return made


@dataclass(frozen=True)
class Card:
    """(stage, provider, model or None) → its history; and the aliases of providers."""

    currency: str
    tables: Mapping[tuple[str, str, str | None], Sequence[Entry]]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def entry(self, operation: Mapping[str, Any], day: date) -> tuple[tuple[str, str, str | None], Entry] | None:
        """The table that applies on a day: the model's, the longest pattern's, the provider's; nothing is inherited."""
        provider = (operation.get("provider") or "").lower()
        stage, provider = operation["stage"], self.aliases.get(provider, provider)
        model = operation.get("model")
        fitting = [
            key
            for key in self.tables
            if key[:2] == (stage, provider)
            and (key[2] is None or (model is not None and re.fullmatch(re.escape(key[2]).replace(r"\*", ".*"), model)))
        ]
        if not fitting:
            return None
        best = max(
            fitting,
            key=lambda key: (key[2] == model and key[2] is not None, len(key[2] or "") - ("*" in (key[2] or ""))),
        )
        begun = [each for each in self.tables[best] if each.effective_from is None or each.effective_from <= day]
        return (best, max(begun, key=lambda each: each.effective_from or date.min)) if begun else None


@dataclass(frozen=True)
class Bill:
    """One operation: ``amount`` in the card's currency (None: no price), whether it counts, and whether all has a price."""

    amount: Fraction | None
    billable: bool
    covered: bool
    elsewhere: tuple[str, Fraction] | None = None


def bill(operation: Mapping[str, Any], card: Card, day: date, begun: set[object]) -> Bill:
    """Price one operation. ``begun`` holds the tables that have charged their call already, and is added to."""
    if operation.get("cost") is not None and operation.get("currency") is not None:
        charged, currency = Fraction(operation["cost"]), operation["currency"].upper()
        if currency == card.currency:
            return Bill(charged, billable=True, covered=True)
        return Bill(None, billable=True, covered=True, elsewhere=(currency, charged))
    found = card.entry(operation, day)
    rates = found[1].per_unit() if found else {}
    step = found[1].round_up_to_s if found else None
    used = {name: amount for name, amount in billed(operation).items() if amount > 0}
    if step is not None and "second" in used:
        used["second"] = -(-used["second"] // Fraction(step)) * Fraction(step)
    amounts = [amount * rates[name] for name, amount in used.items() if name in rates]
    if found and "call" in rates:
        amounts.append(rates["call"] if found[0] not in begun else Fraction(0))
        begun.add(found[0])
    # A cost in no currency cannot be read: whatever the card makes of the quantities, not all of it has a price.
    is_unreadable = operation.get("cost") is not None
    billable = bool(used) or "call" in rates or is_unreadable
    gaps = [name for name in used if name in TOKENS and name not in rates]
    if any(name in rates for name in TOKENS) and gaps:
        covered = False
    else:
        bases = {"tokens" if name in TOKENS else name for name in rates}
        covered = "call" in rates or bool(bases & {"tokens" if name in TOKENS else name for name in used})
    return Bill(sum(amounts, Fraction(0)) if amounts else None, billable, covered and not is_unreadable)


def billed(operation: Mapping[str, Any]) -> dict[str, Fraction]:
    """What is billed of an operation's quantities, each token once."""
    logged = {name: Fraction(rounded(operation[name], 6)) for name in QUANTITIES if operation.get(name) is not None}
    cached_audio = logged.get("cached_input_audio_tokens", Fraction(0))
    cached = max(logged.get("cached_input_tokens", Fraction(0)) - cached_audio, Fraction(0))
    audio = max(logged.get("input_audio_tokens", Fraction(0)) - cached_audio, Fraction(0))
    written = logged.get("cache_write_tokens", Fraction(0))
    spoken = logged.get("output_audio_tokens", Fraction(0))
    seconds = logged.get("session_s", Fraction(0))
    if operation["stage"] in ("stt", "tts"):
        seconds = logged.get("audio_s", seconds)
    return {
        "cached_audio": cached_audio,
        "cached": cached,
        "audio": audio,
        "written": written,
        "input": max(logged.get("input_tokens", Fraction(0)) - cached_audio - cached - audio - written, Fraction(0)),
        "output_audio": spoken,
        "output": max(logged.get("output_tokens", Fraction(0)) - spoken, Fraction(0)),
        "second": seconds,
        "characters": logged.get("characters", Fraction(0)),
        "requests": logged.get("requests", Fraction(0)),
    }


def card_toml(card: Card) -> str:
    """The card as people would write it."""
    lines = [f'currency = "{card.currency}"']
    for (stage, provider, model), history in sorted(
        card.tables.items(), key=lambda item: (*item[0][:2], item[0][2] or "")
    ):
        name = f"{stage}.{provider}" + (f'."{model}"' if model is not None else "")
        for entry in history:
            lines.append(f"[{name}]" if len(history) == 1 else f"[[{name}]]")
            lines += [f"{card.currency.lower()}_{key} = {value:f}" for key, value in entry.rates.items()]
            for key in ("multiplier", "round_up_to_s", "effective_from"):
                if (value := getattr(entry, key)) is not None:
                    lines.append(f"{key} = {value}")
    lines += ["[alias]", *(f'"{alias}" = "{provider}"' for alias, provider in card.aliases.items())]
    return "\n".join(lines)


def is_amount_of(money: Decimal | None, exact: Fraction | None) -> bool:
    """Whether money is an exact amount as a decimal: the same where it has a last digit, else to the 24th place."""
    if money is None or exact is None:
        return money is None and exact is None
    return money == Decimal(math.floor(exact * 10**24 + Fraction(1, 2))).scaleb(-24, context=Context(prec=400))


def is_part_of(money: Decimal | None, exact: Fraction | None) -> bool:
    """The same for a part, which may be a unit of that place off, so that parts add up; what has a last digit is not."""
    if money is None or exact is None:
        return money is None and exact is None
    return abs(Fraction(money) - exact) < Fraction(2, 10**24)
