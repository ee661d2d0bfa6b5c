"""What the cost analyzers give back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal


COMPONENTS = ("stt", "llm", "tts", "realtime", "transport", "other")
"""The parts that a cost is shown in. Every stage without a part of its own is in ``other``; the parts add up to the total."""


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Operations for which the card has no rate, with what they used (quantity name → amount)."""

    stage: str
    provider: str | None
    model: str | None
    operations: int
    quantities: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Cost:
    """What calls cost.

    ``components`` has every one of COMPONENTS and adds up to ``total``; one that was used and has no price at all is None,
    and so is ``total`` where nothing that was used has one. ``per_call_avg`` is per call that is counted,
    ``per_minute`` per minute of calls whose length is known. ``coverage`` is the share of billable operations that have a
    price, None where nothing is billable. ``billed_in_other_currencies`` is what providers charged in another currency
    than the card's: never converted, never added. ``unmetered_user_turns`` counts turns in which the caller spoke and no
    STT quantity was logged. ``notes`` are sentences for the foot of the table: rates far off their list price.
    """

    currency: str
    total: Decimal | None
    components: Mapping[str, Decimal | None]
    per_call_avg: Decimal | None
    per_minute: Decimal | None
    coverage: float | None
    unpriced: tuple[Unpriced, ...] = ()
    billed_in_other_currencies: Mapping[str, Decimal] = field(default_factory=dict)
    unmetered_user_turns: int = 0
    card: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CostLine:
    """One row of a bill: ``key`` has a value for each thing it is grouped by, None where the log does not say.

    ``amount`` is None where not one of the operations has a price. ``share`` is of the total.
    """

    key: tuple[str | None, ...]
    amount: Decimal | None
    share: float | None
    operations: int
    unpriced_operations: int
    quantities: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class CostTable:
    """A bill by component, provider, model, day, agent or several of them; the lines add up to ``cost.total``."""

    by: tuple[str, ...]
    lines: tuple[CostLine, ...]
    cost: Cost
