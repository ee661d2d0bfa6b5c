"""What asking may cost, what it did cost, and the promise that the one never exceeds the other."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Budget:
    """At most so many calls are asked about, for at most so much money in the card's currency. None: no limit."""

    calls: int | None = None
    amount: Decimal | None = None


@dataclass(slots=True)
class Spending:
    """What has been asked so far.

    ``asked`` calls, of which ``answered`` were; ``kept`` ones had been answered before and cost nothing. ``failures`` counts
    the others by reason. ``amount`` is what the tokens of all answers cost, None without a price. ``perhaps`` is the worst
    case of requests that got no answer, or one that does not say what it used: whether and how they are billed only the
    endpoint knows, so the budget counts them.
    """

    asked: int = 0
    answered: int = 0
    kept: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    amount: Decimal | None = None
    perhaps: Decimal = ZERO
    failures: Counter[str] = field(default_factory=Counter)


class BudgetGuard:
    """Lets a request go only when even its worst case fits into what is left of the budget."""

    def __init__(self, budget: Budget, spending: Spending) -> None:
        self._budget = budget
        self._spending = spending
        self._reserved = ZERO
        self._settled = asyncio.Condition()

    async def reserve(self, worst: Decimal) -> str | None:
        """Set ``worst`` aside for one more call; None, or why there is no room for it.

        Waits for requests under way where what they leave over might do.
        """
        async with self._settled:
            while True:
                if self._budget.calls is not None and self._spending.asked >= self._budget.calls:
                    return f"the budget of {self._budget.calls:,} calls is used up"
                if self._budget.amount is None or self._spent() + self._reserved + worst <= self._budget.amount:
                    self._spending.asked += 1
                    self._reserved += worst
                    return None
                if not self._reserved:
                    return f"the budget of {self._budget.amount} is used up"
                await self._settled.wait()

    async def charge(self, worst: Decimal, cost: Decimal | None, perhaps: Decimal = ZERO) -> None:
        """Give back what was set aside, and count what the request did cost, or perhaps did."""
        async with self._settled:
            self._reserved -= worst
            self._spending.perhaps += perhaps
            if cost is not None:
                self._spending.amount = (self._spending.amount or ZERO) + cost
            self._settled.notify_all()

    def _spent(self) -> Decimal:
        return (self._spending.amount or ZERO) + self._spending.perhaps
