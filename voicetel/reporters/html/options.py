"""How a page is made: in which language and zone, with which limits, and beside which earlier calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from voicetel.analyzers.report.response import SLOW_MS
from voicetel.reporters.html.translator import Translator

if TYPE_CHECKING:
    from voicetel.gate.results import CheckedLimit, Comparison, Difference, Limit


@dataclass(frozen=True, slots=True)
class PageOptions:
    """How a page is made.

    ``made_at`` stands in the footer; without it the same figures give the same bytes. ``limits`` are those of slo.toml: the
    ones on all calls are drawn; ``checked`` is what became of those of ``judgeable_limits``. ``comparison`` holds these calls, as NEW, against earlier ones. ``with_text``: what callers
    and agents said is in the page. ``other_turns``: how others of a call are asked for where some are left out.
    """

    language: str = "en"
    zone: tzinfo = UTC
    made_at: datetime | None = None
    limits: tuple[Limit, ...] = ()
    comparison: Comparison | None = None
    with_text: bool = False
    other_turns: str = "voicetel call --turns {turns}"
    checked: tuple[CheckedLimit, ...] = ()

    @property
    def translate(self) -> Translator:
        """Writes the texts of the page in its language."""
        return Translator(self.language)

    def limits_on(self, metric: str, statistic: str) -> tuple[Limit, ...]:
        """The limits on a figure over all calls."""
        return tuple(
            limit
            for limit in self.limits
            if (limit.measure.metric.name, limit.measure.statistic) == (metric, statistic) and not limit.where
        )

    def checked_on(self, metric: str, statistics: tuple[str, ...] = ()) -> tuple[CheckedLimit, ...]:
        """What became of the limits on a metric over all calls, of each of its statistics unless some are named."""
        return tuple(
            each
            for each in self.checked
            if each.limit.measure.metric.name == metric
            and (not statistics or each.limit.measure.statistic in statistics)
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


def judgeable_limits(limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """The limits that a page judges: over all calls, of what needs no look at single tools, models, states or words."""
    return tuple(limit for limit in limits if not limit.where and limit.measure.metric.needs_rows_of is None)


def slow_ms(limits: tuple[Limit, ...]) -> float:
    """Above which a response is slow: the lowest upper limit on its p95 over all calls where there is one, else SLOW_MS."""
    found = PageOptions(limits=limits).limits_on("eou_latency_ms", "p95")
    return min((float(round(limit.bound, 3)) for limit in found if limit.operator in {"<", "<="}), default=SLOW_MS)
