"""The limits of slo.toml on figures of the last minutes: those without ``where``, on what such a short time can say."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from voicetel.analyzers.live.results import LimitBroken
from voicetel.gate.expectations import holds
from voicetel.results import digits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.live.results import LiveFigures
    from voicetel.gate.results import Limit

_OF_TURNS = {
    ("eou_latency_ms", "p50"): "eou_latency_ms_p50",
    ("eou_latency_ms", "p95"): "eou_latency_ms_p95",
    ("eou_latency_ms", "max"): "eou_latency_ms_max",
    ("endpointing_ms", "p95"): "endpointing_ms_p95",
    ("stt_ttfb_ms", "p95"): "stt_ttfb_ms_p95",
    ("llm_ttft_ms", "p95"): "llm_ttft_ms_p95",
    ("tts_ttfb_ms", "p95"): "tts_ttfb_ms_p95",
    ("realtime_ttfb_ms", "p95"): "realtime_ttfb_ms_p95",
    ("interruption_rate", "rate"): "interruption_rate",
}
_OF_ENDED_CALLS = {("cost", "per_minute"): "cost_per_minute", ("coverage", "share"): "coverage"}
"""(metric, statistic) → the figure that the limit is held to."""


def broken_limits(figures: LiveFigures, limits: Sequence[Limit]) -> tuple[LimitBroken, ...]:
    """Those that are broken. Of fewer calls than ``min_calls`` nothing is said."""
    return tuple(filter(None, (_broken(figures, limit) for limit in limits if not limit.where)))


def _broken(figures: LiveFigures, limit: Limit) -> LimitBroken | None:
    named = (limit.measure.metric.name, limit.measure.statistic)
    calls = figures.calls if named in _OF_TURNS else figures.ended_calls
    field = _OF_TURNS.get(named) or _OF_ENDED_CALLS.get(named)
    value: float | Decimal | None = getattr(figures, field) if field else None
    if value is None or calls < limit.min_calls or holds(value, limit.operator, limit.bound):
        return None
    is_money = isinstance(value, Decimal)
    return LimitBroken(
        name=limit.name,
        metric=limit.measure.metric.name,
        statistic=limit.measure.statistic,
        operator=limit.operator,
        bound=digits(limit.bound) if is_money else float(limit.bound),
        value=digits(value) if isinstance(value, Decimal) else value,
        level=limit.level,
    )
