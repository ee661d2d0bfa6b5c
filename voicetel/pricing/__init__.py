"""Money: read a rate card, find the rate of an operation, price it exactly.

``load_card`` reads; ``RateCard.match`` finds the dated rates of a (stage, provider, model); ``price`` multiplies.
Standard library only, so that an agent prices its calls with the very code that analyses them.
"""

from __future__ import annotations

from voicetel.pricing.card import parse_card
from voicetel.pricing.errors import PricingError
from voicetel.pricing.load import list_prices, load_card
from voicetel.pricing.match import Rate, RateCard
from voicetel.pricing.money import amount_of, exact_sum, round_half_up, rounded_to_sum
from voicetel.pricing.operation import OperationCost, charged_cost, cost_of
from voicetel.pricing.price import LineItem, Priced, Quantities, billed_quantities, price, unpriced_quantities
from voicetel.pricing.price_lists.list_check import Outlier, outliers_from_price_list

__all__ = [
    "LineItem",
    "OperationCost",
    "Outlier",
    "Priced",
    "PricingError",
    "Quantities",
    "Rate",
    "RateCard",
    "amount_of",
    "billed_quantities",
    "charged_cost",
    "cost_of",
    "exact_sum",
    "list_prices",
    "load_card",
    "outliers_from_price_list",
    "parse_card",
    "price",
    "round_half_up",
    "rounded_to_sum",
    "unpriced_quantities",
]
