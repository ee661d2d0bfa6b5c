"""What a metric of the gate is: its statistics, and the sums over calls that they are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

RowKind = Literal["tools", "models", "states", "words"]
"""What a metric is counted from where rows of calls do not say it; ``NAME.PART`` is the metric of one tool, model or state alone."""

Unit = Literal["ms", "money", "share", "score", "count", "s"]
"""``share`` goes from 0 to 1, ``score`` from −1 to 1; money is in the currency of the rate card."""

PERCENTILES: Mapping[str, float] = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
OF_TURNS = ("avg", "min", *PERCENTILES, "max")

KNOWN_RESPONSES = "known_responses"
SLOW_RESPONSES = "responses_over_"
"""Columns of a sample: turns whose response is known, and those of them that took longer than so many ms."""

_THRESHOLD = re.compile("over_[0-9]{1,5}")

PEAK = "peak"
"""The most at the same time."""

INCOMPARABLE = ("min", "max", "total", PEAK)
"""Statistics of which two samples cannot be compared: one value decides them, or how many calls there happened to be."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """``factor`` × a sum over calls, divided by another one; undivided where ``denominator`` is None. Both name columns of a sample.

    Where ``known`` is a column, there is no figure unless its sum is above 0.
    """

    numerator: str
    denominator: str | None
    factor: int = 1
    known: str | None = None


def slow_ratio(threshold: str) -> Ratio:
    """Responses that took longer than so many ms ÷ all that are known."""
    return Ratio(f"{SLOW_RESPONSES}{threshold}", KNOWN_RESPONSES)


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of the report.

    ``ratios`` says how each statistic comes from sums over calls; it is empty for what is measured turn by turn. ``better``
    is the direction that a release wants, None where neither is. ``compared`` are the statistics that ``compare`` looks at
    unless told otherwise. Of a metric that ``needs_rows_of`` tools, models, states or words a sample has the columns only where it was taken with
    it; ``part`` is the one tool, model or state that it is about.
    """

    name: str
    title: str
    doc: str
    unit: Unit
    better: Literal["lower", "higher"] | None
    ratios: Mapping[str, Ratio] = field(default_factory=dict, hash=False)
    compared: tuple[str, ...] = ()
    needs_rows_of: RowKind | None = None
    part: str | None = None

    @property
    def has_parts(self) -> bool:
        """Whether it can be asked of one tool, model or state as well."""
        return self.needs_rows_of in {"tools", "models", "states"}

    def of_part(self, name: str) -> Metric:
        """The same of one tool, model or state."""
        ratios = {
            statistic: replace(
                ratio,
                numerator=f"{ratio.numerator}.{name}",
                denominator=ratio.denominator
                if ratio.denominator in {None, "calls"}
                else f"{ratio.denominator}.{name}",
                known=ratio.known and f"{ratio.known}.{name}",
            )
            for statistic, ratio in self.ratios.items()
        }
        return replace(self, name=f"{self.name}.{name}", ratios=ratios, part=name)

    @property
    def statistics(self) -> tuple[str, ...]:
        """What can be asked of it; of slow turns, any other threshold as well."""
        return tuple(self.ratios) or OF_TURNS

    def has(self, statistic: str | None) -> bool:
        """Whether there is such a statistic."""
        is_threshold = self.name == "slow_turns" and _THRESHOLD.fullmatch(statistic or "") is not None
        return is_threshold or statistic in self.statistics

    def ratio(self, statistic: str) -> Ratio:
        """How a statistic comes from sums over calls."""
        return self.ratios.get(statistic) or slow_ratio(statistic.removeprefix("over_"))


@dataclass(frozen=True, slots=True)
class Measure:
    """One statistic of one metric: what a limit is set on and what two samples are compared by."""

    metric: Metric
    statistic: str

    def __str__(self) -> str:
        return f"{self.metric.name} {self.statistic}"
