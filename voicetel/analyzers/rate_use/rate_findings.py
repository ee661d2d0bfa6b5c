"""What the logs say against a rate card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.rate_use.rate_use import rate_uses, unused_rates
from voicetel.pricing.price_lists.catalog import is_withdrawn

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.rate_use.rate_use import RateUse
    from voicetel.pricing import RateCard


def rate_findings(context: AnalysisContext, card: RateCard) -> list[tuple[str, str]]:
    """(kind, sentence): usage without a price, models that are withdrawn, tables that price nothing."""
    uses = rate_uses(context, card)
    found = [
        ("unpriced", f"{_name(use)}: {', '.join(use.unpriced)}, {_operations(use)}") for use in uses if use.unpriced
    ]
    found += [
        ("withdrawn", f"{_name(use)}: the provider no longer offers it")
        for use in uses
        if is_withdrawn(use.provider, use.model)
    ]
    found += [("unused", f"{key}: nothing in the logs is priced by it") for key in unused_rates(card, uses)]
    return found


def _name(use: RateUse) -> str:
    return " ".join([use.stage, "/".join(part for part in (use.provider, use.model) if part)])


def _operations(use: RateUse) -> str:
    return "1 operation" if use.operations == 1 else f"{use.operations:,} operations"
