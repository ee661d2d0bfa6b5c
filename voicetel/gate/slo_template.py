"""``voicetel check --init``: a first slo.toml out of the figures that there are, with room to breathe."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from voicetel.gate.check import interval_of
from voicetel.gate.metric import Measure
from voicetel.gate.metrics import METRICS
from voicetel.gate.slo import DEFAULT_MIN_CALLS
from voicetel.gate.statistics.bootstrap import Bootstrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.gate.samples.sample import Sample
    from voicetel.gate.statistics.bootstrap import BootstrapDistribution

HEADROOM = Decimal("0.2")
"""How far a limit stays off the figure of today: 20 % of it, of a share above a half 20 % of what it lacks to 1.

Where calls are so few that chance alone may move the figure further, the limit stands at the end of its interval.
"""

TEMPLATE_LIMITS = (
    ("eou_latency_ms", "p50", "fail"),
    ("eou_latency_ms", "p95", "fail"),
    ("llm_ttft_ms", "p95", "warn"),
    ("tts_ttfb_ms", "p95", "warn"),
    ("stt_ttfb_ms", "p95", "warn"),
    ("realtime_ttfb_ms", "p95", "warn"),
    ("cost", "per_call", "fail"),
    ("cost", "per_minute", "warn"),
    ("coverage", "share", "warn"),
    ("interruption_rate", "rate", "warn"),
    ("success_rate", "rate", "fail"),
    ("outcome.fail", "share", "warn"),
    ("outcome.unknown", "share", "warn"),
    ("incomplete_share", "share", "warn"),
    ("refused_share", "share", "fail"),
    ("sentiment", "avg", "warn"),
)
"""What a team usually wants to hold: metric, statistic, level."""


def slo_template(sample: Sample) -> str:
    """The text of a slo.toml that these calls keep to. What they have no figure for is left out."""
    min_calls = max(1, min(DEFAULT_MIN_CALLS, len(sample)))
    bootstrap = Bootstrap(sample)
    lines = [
        "# Limits for `voicetel check`, set from today's figures with a fifth of room. Move them to what you promise.",
        "",
        "[defaults]",
        f"min_calls = {min_calls}",
    ]
    for name, statistic, level in TEMPLATE_LIMITS:
        measure = Measure(METRICS[name], statistic)
        distribution = bootstrap.distribution(measure)
        if distribution.observed.value is not None:
            lines += _limit(measure, distribution, level, min_calls, sample.currency)
    return "\n".join(lines) + "\n"


def _limit(
    measure: Measure, distribution: BootstrapDistribution, level: str, min_calls: int, currency: str
) -> Iterator[str]:
    value = Decimal(str(distribution.observed.value))
    unit = {"ms": " ms", "money": f" {currency}"}.get(measure.metric.unit, "")
    statistic = f"{measure.statistic} " if len(measure.metric.statistics) > 1 else ""
    sign = ">=" if measure.metric.better == "higher" else "<="
    yield ""
    yield "[[limit]]"
    yield f'metric = "{measure.metric.name}"'
    yield f'expect = "{statistic}{sign} {_plain(_bound(measure, distribution))}"  # now {_plain(_three_figures(value))}{unit}'
    if level != "fail":
        yield f'level = "{level}"'
    if distribution.observed.calls < min_calls:
        yield f"min_calls = {max(1, distribution.observed.calls)}"


def _bound(measure: Measure, distribution: BootstrapDistribution) -> Decimal:
    """The limit: two figures, rounded away from the figure of today."""
    value = Decimal(str(distribution.observed.value))
    unit, upward = measure.metric.unit, measure.metric.better == "higher"
    match unit:
        case "share":
            room = max(min(value, 1 - value) * HEADROOM, Decimal("0.01"))
        case "score":
            room = HEADROOM
        case _:
            room = value * HEADROOM
    if interval := interval_of(unit, distribution):
        room = max(room, Decimal(str(value - Decimal(interval.low) if upward else Decimal(interval.high) - value)))
    bound = value - room if upward else value + room
    rounding = ROUND_FLOOR if upward else ROUND_CEILING
    if unit == "share":
        return min(max(bound, Decimal(0)), Decimal(1)).quantize(Decimal("0.01"), rounding)
    if unit == "score":
        return max(bound, Decimal(-1)).quantize(Decimal("0.1"), rounding)
    return bound.quantize(Decimal(1).scaleb(bound.adjusted() - 1), rounding) if bound else bound


def _three_figures(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1).scaleb(min(value.adjusted() - 2, 0))) if value else value


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
