"""What ``voicetel trend`` answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from voicetel.results import figure, result


@result
class TrendLine:
    """A metric in one bucket. Everything but ``calls`` and ``n`` is None where no call of it started then."""

    key: Mapping[str, str | None] = figure("One member for each dimension of --by.", inline=True)
    metric: str = figure("The metric.")
    statistic: str | None = figure("What of it `value` or `amount` is; null: `p50` and `p95` are of its values.")
    bucket: str = figure("The hour, day or ISO week in which the calls started, in the zone of --tz.")
    begin: datetime = figure("When it began. RFC 3339, UTC.")
    calls: int = figure("Calls that started in it.")
    n: int = figure("How many values count; of a share, its denominator.")
    p50: float | None = figure("The median.", unit="ms")
    p95: float | None = figure("The 95th percentile.", unit="ms")
    value: float | None = figure("The share (0 to 1), score, count or seconds.", signed=True)
    amount: Decimal | None = figure("The money.", unit="money")


@result
class Trend:
    """Metrics over time, for each group by itself: metric after metric, each from the first bucket to the last."""

    every: str = figure("hour, day or week.")
    currency: str = figure("Of every amount.")
    by: tuple[str, ...] = figure("What the lines are grouped by.")
    lines: tuple[TrendLine, ...] = figure("One per group, metric and bucket, empty buckets too.", rows=True)
    rate_notes: tuple[str, ...] = figure("Rates far off their list price, where a metric is money.", default=())
