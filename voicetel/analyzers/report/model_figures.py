"""What the page says of each model: what ``models`` says of its requests, and how long callers waited for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.latency.model_latency import MODEL_DIMENSIONS, model_latency
from voicetel.analyzers.models import models
from voicetel.analyzers.report.results import ModelFigures, Wait

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.pricing import RateCard

LATENCY_OF_STAGE = {
    "stt": "stt_ttfb_ms",
    "llm": "llm_ttft_ms",
    "tts": "tts_ttfb_ms",
    "realtime": "realtime_ttfb_ms",
    "eot": "endpointing_ms",
}
"""Stage → the latency that a model of it is judged by: to its first byte, or to its decision."""


def model_figures(context: AnalysisContext, card: RateCard) -> tuple[ModelFigures, ...]:
    """A line per stage, provider and model of ``context``, which has no groups, in the order of ``models``."""
    uses = models.model_uses(context, card).lines
    found = {
        each.key: each.statistics
        for each in model_latency(context, MODEL_DIMENSIONS, tuple(LATENCY_OF_STAGE.values()))
        if each.name == LATENCY_OF_STAGE.get(each.key[0] or "")
    }
    figures = []
    for line in uses:
        use = line.figures
        known = found.get((use.stage, use.provider, use.model))
        wait = (
            Wait(LATENCY_OF_STAGE[use.stage], known.n, known.p50, known.p95) if known is not None and known.n else None
        )
        figures.append(ModelFigures(use, wait))
    return tuple(figures)
