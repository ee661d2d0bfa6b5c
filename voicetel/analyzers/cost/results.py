"""What the cost analyzers give back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from voicetel.events.fields import QUANTITIES
from voicetel.pricing.units import COMPONENTS
from voicetel.results import CellFormat, figure, result

QUANTITY_KEYS = {quantity.name: f"{quantity.doc} {quantity.unit}." for quantity in QUANTITIES}
"""Every quantity that can be logged, with its meaning."""


@result
class Unpriced:
    """Operations for which the card has no rate, or that say a quantity or a cost which cannot be read."""

    stage: str = figure("Their stage.")
    provider: str | None = figure("Their provider.")
    model: str | None = figure("Their model.")
    operations: int = figure("How many.")
    quantities: Mapping[str, Decimal] = figure("What they used.", keys=QUANTITY_KEYS, keys_optional=True, minimum=0)
    unreadable_operations: int = figure("Those with a quantity or a cost that cannot be read.", default=0)


@result
class Cost:
    """What calls cost, and what of it is not known.

    ``components`` has every one of COMPONENTS and adds up to ``total``; one that was used and has no price at all is None,
    and so is ``total`` where nothing that was used has one. Where nothing billable was logged, all are None, and ``coverage`` too. ``billed_in_other_currencies`` is what providers charged in
    another currency than the card's: never converted, never added. ``notes`` are sentences for the foot of the table:
    rates far off their list price.
    """

    currency: str = figure("Of every amount.")
    total: Decimal | None = figure(
        "The sum of the components, exact. Null: nothing that was used has a price, or nothing billable was logged.",
        unit="money",
    )
    components: Mapping[str, Decimal | None] = figure(
        "Null: nothing of it has a price, or nothing billable was logged at all.",
        unit="money",
        keys=COMPONENTS,
        inline=True,
    )
    per_call_avg: Decimal | None = figure("total ÷ calls.", unit="money")
    per_minute: Decimal | None = figure("What the calls whose length is known cost ÷ their minutes.", unit="money")
    coverage: float | None = figure(
        "Share of the billable operations that have a price. Null: nothing billable was logged.", unit="share"
    )
    per_success: Decimal | None = figure(
        "total ÷ calls that succeeded: what a success costs, with all that failed.", unit="money", default=None
    )
    per_answered: Decimal | None = figure("total ÷ calls that somebody answered.", unit="money", default=None)
    unpriced: tuple[Unpriced, ...] = figure("What has no price.", default=())
    billed_in_other_currencies: Mapping[str, Decimal] = figure(
        "Charged by providers in other currencies, not in the total.", unit="money", default_factory=dict
    )
    unmetered_user_turns: int | None = figure("Turns of a caller with no STT quantity logged.", default=0)
    card: str = figure("Where the rates come from.", default="")
    notes: tuple[str, ...] = figure("Rates far off their list price.", default=())


@result
class CostLine:
    """One row of a bill: ``key`` has a value for each thing it is grouped by, None where the log does not say.

    ``amount`` is None where not one of the operations has a price. ``share`` is of the total.
    """

    key: Mapping[str, str | None] = figure("One member for each name in `by`.", inline=True)
    amount: Decimal | None = figure("Null: not one of the operations has a price.", unit="money")
    share: float | None = figure("Of the total.", unit="share")
    operations: int = figure("Calls to providers.")
    unpriced_operations: int = figure("Those that a card could price and this one does not, wholly or in part.")
    quantities: Mapping[str, Decimal] = figure(
        "What they used.", keys=QUANTITY_KEYS, keys_optional=True, minimum=0, prefix="", format=CellFormat.QUANTITY
    )


@result
class CostTable:
    """A bill by component, provider, model, day, agent or several of them; the lines add up to ``cost.total``."""

    by: tuple[str, ...] = figure("What the lines are grouped by.")
    lines: tuple[CostLine, ...] = figure("The most expensive first.", rows=True)
    cost: Cost = figure("All of it.")

    @property
    def rate_notes(self) -> tuple[str, ...]:
        """Rates far off their list price."""
        return self.cost.notes


@result
class ExpensiveCall:
    """A call that cost much, and the component that cost most of it."""

    call_id: str = figure("The call.")
    cost: Decimal = figure("All of it.", unit="money")
    component: str = figure("The component that cost most.", choices=COMPONENTS)
    component_cost: Decimal = figure("What that cost.", unit="money")
