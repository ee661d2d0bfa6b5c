"""Which rates of a card apply to what was logged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.priced_usage.rates import quantities_of_bits
from voicetel.pricing import unpriced_quantities

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import Rate, RateCard


@dataclass(frozen=True, slots=True)
class RateUse:
    """One model of the logs with the rates in force on the UTC days of its use.

    ``charged_operations`` came with the provider's own charge, which beats the card. ``unpriced`` names quantities that
    a rate, or a day without one, leaves uncovered.
    """

    stage: str
    provider: str | None
    model: str | None
    first_day: date
    last_day: date
    operations: int
    charged_operations: int
    rates: tuple[Rate, ...]
    unpriced: tuple[str, ...]


def rate_uses(context: AnalysisContext, card: RateCard) -> list[RateUse]:
    """Every model of the selected calls of which something billable was logged, by stage, provider and model."""
    found = []
    for stage, provider, model, first, last, operations, charged_operations, quantity_bits in context.rows(
        load_sql(__name__, "used_models.sql")
    ):
        matched = card.match(stage, provider, model)
        rates = tuple(
            rate
            for rate in matched
            if (rate.effective_from or first) <= last and (rate.effective_to is None or first < rate.effective_to)
        )
        names = quantities_of_bits(quantity_bits)
        begins_late = not rates or (rates[0].effective_from is not None and rates[0].effective_from > first)
        gaps = {name for rate in rates for name in unpriced_quantities(rate, names)} | set(names if begins_late else ())
        if names or charged_operations or any(rate.per_call is not None for rate in rates):
            unpriced = tuple(name for name in names if name in gaps)
            found.append(RateUse(stage, provider, model, first, last, operations, charged_operations, rates, unpriced))
    return found


def unused_rates(card: RateCard, uses: Sequence[RateUse]) -> tuple[str, ...]:
    """The tables of a card that nothing in the logs is priced by."""
    used = {rate.key for use in uses for rate in use.rates}
    return tuple(dict.fromkeys(rate.key for rate in card.rates() if rate.key not in used))
