"""Random draws that the simulator makes often enough to be worth preparing."""

from __future__ import annotations

import math
from bisect import bisect
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Weighted(Generic[T]):
    """One of ``items``, each as likely as its share of the last of ``totals``, the running sums of the weights."""

    items: tuple[T, ...]
    totals: tuple[float, ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[T, float]]) -> Weighted[T]:
        items, weights = zip(*pairs, strict=True)
        return cls(tuple(items), tuple(accumulate(weights)))

    def draw(self, rng: Random) -> T:
        return self.items[bisect(self.totals, rng.random() * self.totals[-1], 0, len(self.items) - 1)]


@dataclass(frozen=True, slots=True)
class Latency:
    """A latency in ms: ``floor_ms`` plus a lognormal value, ``tail_factor`` times longer in ``tail_share`` of draws."""

    mu: float
    sigma: float
    floor_ms: float = 0
    tail_share: float = 0
    tail_factor: float = 1

    @classmethod
    def of(
        cls, median_ms: float, sigma: float, floor_ms: float = 0, tail_share: float = 0, tail_factor: float = 1
    ) -> Latency:
        """Take the median of the whole latency; the floor is part of it."""
        return cls(
            math.log(median_ms - floor_ms if median_ms > floor_ms else median_ms),
            sigma,
            floor_ms,
            tail_share,
            tail_factor,
        )

    def slowed(self, factor: float) -> Latency:
        """Return a latency that is ``factor`` times as long."""
        return replace(self, mu=self.mu + math.log(factor), floor_ms=self.floor_ms * factor)

    def draw(self, rng: Random) -> int:
        value = math.exp(rng.gauss(self.mu, self.sigma))
        if self.tail_share and rng.random() < self.tail_share:
            value *= self.tail_factor
        return int(self.floor_ms + value)
