"""How a page is made: in which language and zone, with which limits, and beside which earlier calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from voicetel.reporters.html.words import Words

if TYPE_CHECKING:
    from voicetel.gate.results import Comparison, Difference, Limit


@dataclass(frozen=True, slots=True)
class PageOptions:
    """How a page is made.

    ``made_at`` stands in the footer; without it the same figures give the same bytes. ``limits`` are those of slo.toml: the
    ones on all calls are drawn. ``comparison`` holds these calls, as NEW, against earlier ones. ``with_text``: what callers
    and agents said is in the page. ``other_turns``: how others of a call are asked for where some are left out.
    """

    language: str = "en"
    zone: tzinfo = UTC
    made_at: datetime | None = None
    limits: tuple[Limit, ...] = ()
    comparison: Comparison | None = None
    with_text: bool = False
    other_turns: str = "voicetel call --turns {turns}"

    @property
    def say(self) -> Words:
        """The words of the page."""
        return Words(self.language)

    def limits_on(self, metric: str, statistic: str) -> tuple[Limit, ...]:
        """The limits on a figure over all calls."""
        return tuple(
            limit
            for limit in self.limits
            if (limit.measure.metric.name, limit.measure.statistic) == (metric, statistic) and not limit.where
        )

    def difference_of(self, metric: str, statistic: str) -> Difference | None:
        """What the comparison says of a figure; None where there is no comparison, or nothing about it."""
        if self.comparison is None:
            return None
        return next(
            (
                each
                for each in self.comparison.differences
                if (each.measure.metric.name, each.measure.statistic) == (metric, statistic)
            ),
            None,
        )


SLOW_MS = 1500.0


def slow_ms(limits: tuple[Limit, ...]) -> float:
    """Above which a response is slow: the limit on its p95 over all calls where there is one, else SLOW_MS."""
    found = PageOptions(limits=limits).limits_on("eou_latency_ms", "p95")
    return float(found[0].bound) if found else SLOW_MS
