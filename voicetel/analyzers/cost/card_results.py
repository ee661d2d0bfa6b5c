"""What ``voicetel pricing`` answers: which rates apply, what is wrong with a card, what a minute costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from voicetel.pricing.units import RATE_KEYS
from voicetel.results import figure, result

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicetel.analyzers.rate_use.rate_use import RateUse
    from voicetel.pricing import Rate, RateCard

FINDINGS = ("far off", "old", "unpriced", "withdrawn", "unused")
"""Kinds of things that can be wrong with a rate card."""


@result
class AppliedRate:
    """A rate that applies to a model: the keys of its table in the card, as written."""

    key: str = figure("The table of the card.")
    effective_from: date | None = figure("The first UTC day; null: from the beginning.")
    effective_to: date | None = figure("The first UTC day on which it no longer applies.")
    written: Mapping[str, Decimal] = figure(
        "A price, as written in the card.",
        unit="money",
        inline=True,
        key_pattern=f"^[a-z]{{3}}_({'|'.join(key.suffix for key in RATE_KEYS)})$",
    )
    multiplier: Decimal = figure("What the prices are multiplied by.", unit="money")
    round_up_to_s: Decimal | None = figure("Times are rounded up to a multiple of this, s.", unit="money")
    source: str | None = figure("Where the price was read.")
    as_of: date | None = figure("When it was read.")


@result
class ModelRates:
    """One model of the logs with the rates that apply to it."""

    stage: str = figure("Its stage.")
    provider: str | None = figure("Who sends the bill.")
    model: str | None = figure("As logged.")
    first_day: date = figure("Of its use in the logs, UTC.")
    last_day: date = figure("Of its use in the logs, UTC.")
    operations: int = figure("Calls to it.")
    billed_operations: int = figure("Those whose provider said what it charged.")
    unpriced: tuple[str, ...] = figure("Quantities that a rate, or a day without one, leaves uncovered.")
    rates: tuple[AppliedRate, ...] = figure("In the order of their days.")


@result
class RateTable:
    """Which rate applies to each model of the logs."""

    card: str = figure("Where the rates come from.")
    currency: str = figure("Of every price.")
    models: tuple[ModelRates, ...] = figure("By stage, provider and model.")


@result
class CardFinding:
    """One thing that is wrong with a rate card."""

    kind: str = figure("What kind of finding.", choices=FINDINGS, title="finding")
    text: str = figure("Where and what.", title="where and what")


@result
class CardFindings:
    """What is wrong with a rate card."""

    card: str = figure("Where the rates come from.")
    findings: tuple[CardFinding, ...] = figure("What is wrong.", rows=True)


@result
class MinuteComponent:
    """What a minute of one component costs."""

    component: str = figure("The component.")
    what: str = figure("The provider and model that were assumed; empty where the logs say.")
    per_minute: Decimal | None = figure("Null: it has no price.", unit="money")


@result
class MinuteCost:
    """What a minute costs, from the logs or from assumptions; ``basis`` says which."""

    card: str = figure("Where the rates come from.")
    currency: str = figure("Of every amount.")
    per_minute: Decimal | None = figure("Null: nothing has a price, or no call a length.", unit="money")
    components: tuple[MinuteComponent, ...] = figure("Those that are used.")
    basis: str = figure(hidden=True)
    rate_notes: tuple[str, ...] = figure("Rates far off their list price.", default=())


def rate_table(uses: Iterable[RateUse], card: RateCard) -> RateTable:
    """The rates of ``card`` that apply to each use."""
    return RateTable(card.source, card.currency, tuple(_model_rates(use) for use in uses))


def minute_cost(
    lines: Sequence[tuple[str, str, Decimal | None]],
    total: Decimal | None,
    card: RateCard,
    basis: str,
    rate_notes: tuple[str, ...],
) -> MinuteCost:
    """(component, what it is, cost of a minute) for each component, with their total and a sentence on where they come from."""
    components = tuple(MinuteComponent(*line) for line in lines)
    return MinuteCost(card.source, card.currency, total, components, basis, rate_notes)


def _model_rates(use: RateUse) -> ModelRates:
    return ModelRates(
        stage=use.stage,
        provider=use.provider,
        model=use.model,
        first_day=use.first_day,
        last_day=use.last_day,
        operations=use.operations,
        billed_operations=use.charged_operations,
        unpriced=use.unpriced,
        rates=tuple(_applied_rate(rate) for rate in use.rates),
    )


def _applied_rate(rate: Rate) -> AppliedRate:
    return AppliedRate(
        key=rate.key,
        effective_from=rate.effective_from,
        effective_to=rate.effective_to,
        written={each.key: each.value for each in rate.written},
        multiplier=rate.multiplier,
        round_up_to_s=rate.round_up_to_s,
        source=rate.source,
        as_of=rate.as_of,
    )
