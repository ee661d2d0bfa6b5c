"""A rate card under which other models do the work of a stage: what the same tokens, characters and seconds would cost there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from voicetel.errors import UsageError
from voicetel.pricing.match import Rate, RateCard
from voicetel.pricing.units import STAGES
from voicetel.suggestion import did_you_mean_or_list
from voicetel.toml_document import path_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class SwappedCard(RateCard):
    """``swaps``: stage → the rates by which everything in it is priced, whatever provider and model did it."""

    swaps: Mapping[str, tuple[Rate, ...]] = field(default_factory=dict)

    def match(self, stage: str, provider: str | None, model: str | None) -> tuple[Rate, ...]:
        """See RateCard."""
        return self.swaps[stage] if stage in self.swaps else RateCard.match(self, stage, provider, model)


def swapped_card(card: RateCard, listed: RateCard, swaps: Sequence[str]) -> SwappedCard:
    """``card`` with each of ``swaps`` (``llm=openai/gpt-4.1-mini``) in force, by its own rates, else by list prices.

    Raises UsageError for what is no swap, and for a model that has no rate in either.
    """
    found: dict[str, tuple[Rate, ...]] = {}
    for swap in swaps:
        stage, equals, name = swap.partition("=")
        provider, _, model = name.partition("/")
        if not equals or not provider:
            raise UsageError(f"--swap: {swap!r} names no model", hint="write it as llm=openai/gpt-4.1-mini")
        if stage not in STAGES:
            raise UsageError(f"--swap: no stage is called {stage!r}", hint=did_you_mean_or_list(stage, STAGES))
        if stage in found:
            raise UsageError(f"--swap: two models for {stage}")
        rates = card.match(stage, provider, model or None)
        if not rates and card.currency == listed.currency:
            rates = listed.match(stage, provider, model or None)
        if not rates:
            table = path_text((stage, provider, *([model] if model else [])))
            raise UsageError(f"--swap: {swap} has no rate", hint=f"add [{table}] to {card.source}")
        # Of today's rates the one in force now prices all of the past: it is asked what the work would cost, not what it would have.
        found[stage] = (replace(rates[-1], effective_from=None, effective_to=None),)
    tables = {key: table for key, table in card.tables.items() if key[0] not in found}
    source = f"with {', '.join(swaps)}"
    return SwappedCard(card.currency, source, tables, card.aliases, found)
