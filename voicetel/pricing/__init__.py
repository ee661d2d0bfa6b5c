"""Money: read a rate card, find the rate of an operation, price it exactly.

``load_card`` reads; ``RateCard.match`` finds the dated rates of a (stage, provider, model); ``price`` multiplies.
Standard library only, so that an agent prices its calls with the very code that analyses them.
"""

from __future__ import annotations

from voicetel.pricing.card import parse_card
from voicetel.pricing.errors import PricingError
from voicetel.pricing.load import load_card
from voicetel.pricing.match import Rate, RateCard
from voicetel.pricing.money import exact_sum, round_half_up
from voicetel.pricing.price import Priced, Quantities, price

__all__ = [
    "Priced",
    "PricingError",
    "Quantities",
    "Rate",
    "RateCard",
    "exact_sum",
    "load_card",
    "parse_card",
    "price",
    "round_half_up",
]
