"""What a minute of a call costs, by a card and by assumptions about what happens in a minute."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from voicetel.errors import UsageError
from voicetel.pricing.money import exact_sum, rounded_to_sum
from voicetel.pricing.price import Quantities, price
from voicetel.pricing.units import STAGES
from voicetel.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from voicetel.pricing.match import RateCard


@dataclass(frozen=True, slots=True)
class Minute:
    """What is used in one minute of a call.

    As shipped: four turns with a prompt of 1,000 tokens, an agent that speaks half of the time at 15 characters a
    second, and audio that streams to the recogniser all the while.
    """

    input_tokens: int = 4000
    output_tokens: int = 160
    characters: int = 450

    def quantities(self, stage: str) -> Quantities:
        """What a provider of ``stage`` would bill."""
        match stage:
            case "llm":
                return Quantities(input_tokens=Decimal(self.input_tokens), output_tokens=Decimal(self.output_tokens))
            case "tts":
                return Quantities(characters=Decimal(self.characters), audio_s=Decimal(30))
            case "stt":
                return Quantities(audio_s=Decimal(60))
            case _:
                return Quantities(session_s=Decimal(60))


def assumed_minute(
    stack: Sequence[str], card: RateCard, day: date, minute: Minute
) -> tuple[list[tuple[str, str, Decimal | None]], Decimal | None]:
    """([(stage, provider/model, amount or None where it has no price)], their total) of one minute.

    ``stack`` names what is used as ``stage=provider/model``. Raises UsageError for anything else.
    """
    names, exact = [], []
    for item in stack:
        stage, provider, model = _parsed(item)
        priced = price(card.rate_on(day, stage, provider, model), minute.quantities(stage), stage=stage)
        names.append((stage, "/".join(part for part in (provider, model) if part)))
        exact.append(priced.exact if priced.lines else None)
    amounts = iter(rounded_to_sum([amount for amount in exact if amount is not None]))
    lines = [(*name, None if amount is None else next(amounts)) for name, amount in zip(names, exact, strict=True)]
    known = [amount for *_, amount in lines if amount is not None]
    return lines, exact_sum(known) if known else None


def assumed_rates(stack: Sequence[str], card: RateCard, day: date) -> frozenset[str]:
    """The keys of the rates that price ``stack``."""
    rates = (card.rate_on(day, *_parsed(item)) for item in stack)
    return frozenset(rate.key for rate in rates if rate is not None)


def _parsed(item: str) -> tuple[str, str, str | None]:
    stage, equals, name = item.partition("=")
    provider, _, model = name.partition("/")
    if not equals or not provider:
        raise UsageError(f"{item!r} names no model", hint="write it as llm=groq/llama-3.1-8b-instant")
    if stage not in STAGES:
        raise UsageError(
            f"no stage is called {stage!r}", hint=did_you_mean(stage, STAGES) or f"one of {', '.join(STAGES)}"
        )
    return stage, provider, model or None
