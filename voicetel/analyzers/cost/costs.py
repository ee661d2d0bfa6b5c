"""What calls cost, in parts and in all, and what has no price."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.cost.results import COMPONENTS, Cost, Unpriced
from voicetel.analyzers.priced_usage.rates import used_names
from voicetel.pricing import exact_sum, list_outliers
from voicetel.pricing.money import RATE_PLACES, ZERO, round_fraction
from voicetel.store.column_types import quantity_names

if TYPE_CHECKING:
    from decimal import Decimal

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import RateCard


def costs(context: AnalysisContext, card: RateCard) -> dict[int | None, Cost]:
    """Group → cost; under None, all calls. Wants ``price_usage`` to have been called."""
    components: defaultdict[int | None, dict[str, Decimal | None]] = defaultdict(
        lambda: dict.fromkeys(COMPONENTS, ZERO)
    )
    billable: defaultdict[int | None, int] = defaultdict(int)
    covered: defaultdict[int | None, int] = defaultdict(int)
    for group_id, component, amount, used, priced in context.rows(load_sql(__name__, "cost_of_components.sql")):
        components[group_id][component] = amount if amount is not None or used else ZERO
        billable[group_id] += int(used)
        covered[group_id] += int(priced)
    unpriced = _unpriced(context) if billable[None] > covered[None] else defaultdict(list)
    charged = _other_currencies(context)
    notes = _notes(context, card)
    found = {}
    for group_id, calls, duration_s, unmetered in context.rows(load_sql(__name__, "billed_calls.sql")):
        total = _total(components[group_id], billable[group_id], covered[group_id])
        found[group_id] = Cost(
            currency=card.currency,
            total=total,
            components=components[group_id],
            per_call_avg=_ratio(total, calls),
            per_minute=_ratio(total, duration_s, 60),
            coverage=covered[group_id] / billable[group_id] if billable[group_id] else None,
            unpriced=tuple(unpriced[group_id]),
            billed_in_other_currencies=charged[group_id],
            unmetered_user_turns=int(unmetered or 0),
            card=card.source,
            notes=notes,
        )
    return found


def _total(components: dict[str, Decimal | None], billable: int, covered: int) -> Decimal | None:
    """The sum of the parts; None where nothing that was used has a price."""
    priced = [amount for amount in components.values() if amount is not None]
    return exact_sum(priced) if any(priced) or not billable or covered else None


def _notes(context: AnalysisContext, card: RateCard) -> tuple[str, ...]:
    """Sentences on the rates that price something and lie far off their list price."""
    keys = {key for (key,) in context.rows("SELECT DISTINCT key FROM rates")}
    return tuple(outlier.sentence for outlier in list_outliers(card) if outlier.rate.key in keys)


def _unpriced(context: AnalysisContext) -> defaultdict[int | None, list[Unpriced]]:
    found: defaultdict[int | None, list[Unpriced]] = defaultdict(list)
    for row in context.records(load_sql(__name__, "unpriced_usage.sql")):
        without_rate = None in row["unpriced"]
        wanted = used_names(row["used"]) if without_rate else {name for names in row["unpriced"] for name in names}
        quantities = {name: row[name] for name in quantity_names() if name in wanted and row[name] is not None}
        found[row["group_id"]].append(
            Unpriced(row["stage"], row["provider"], row["model"], int(row["operations"]), quantities)
        )
    return found


def _other_currencies(context: AnalysisContext) -> defaultdict[int | None, dict[str, Decimal]]:
    found: defaultdict[int | None, dict[str, Decimal]] = defaultdict(dict)
    for group_id, currency, amount in context.rows(load_sql(__name__, "other_currencies.sql")):
        found[group_id][currency] = amount
    return found


def _ratio(amount: Decimal | None, over: Decimal | int | None, times: int = 1) -> Decimal | None:
    """``amount`` × ``times`` ÷ ``over`` to the places of a rate; None where there is nothing to divide."""
    if not over or amount is None:
        return None
    return round_fraction(Fraction(amount) * times / Fraction(over), RATE_PLACES)
