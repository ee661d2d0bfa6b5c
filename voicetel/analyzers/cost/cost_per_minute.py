"""What a minute of the logged calls costs."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from voicetel.analyzers.cost.costs import costs
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.pricing.money import NINTHS, RATE_PLACES, rounded_to_sum

if TYPE_CHECKING:
    from decimal import Decimal

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import RateCard


def cost_per_minute(
    context: AnalysisContext, card: RateCard
) -> tuple[list[tuple[str, str, Decimal | None]], Decimal | None, str]:
    """([(component, what it is, cost of a minute or None where it has no price)], their total, a sentence on its basis).

    Components that were not used are left out.
    """
    price_usage(context, card, of_each_call=False)
    cost = costs(context, card)[None]
    per_minute = cost.per_minute
    lines: list[tuple[str, str, Decimal | None]] = []
    ((duration_s, calls),) = context.rows("SELECT sum(duration_s), count(duration_s) FROM selected_calls")
    untimed = dict(context.rows("SELECT component, ninths FROM untimed_costs WHERE group_id IS NULL"))
    exact = [
        (Fraction(amount) - Fraction(untimed.get(name) or 0) / NINTHS) * 60 / Fraction(duration_s)
        for name, amount in cost.components.items()
        if amount and per_minute is not None
    ]
    shares = iter(rounded_to_sum(exact, per_minute, RATE_PLACES) if exact else ())
    for name, amount in cost.components.items():
        if amount is None and cost.coverage is not None:
            lines.append((name, "", None))
        elif amount and exact:
            lines.append((name, "", next(shares)))
    minutes = f"{duration_s / 60:,.1f} minutes" if duration_s else "no time"
    share = "" if cost.coverage is None else f", {100 * cost.coverage:.1f} % of the billable operations have a price"
    counted = "1 call" if calls == 1 else f"{calls:,} calls"
    return lines, per_minute, f"From {counted} of {minutes}{share}."
