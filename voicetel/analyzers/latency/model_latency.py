"""How long each model took: the latencies of the stages, by the provider and model that produced them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import Statistics, statistics_of
from voicetel.analyzers.latency.results import ModelLatency
from voicetel.analyzers.latency.stage_latencies import STAGE_LATENCIES, create_latencies_with_model
from voicetel.events.metrics import TURN_LATENCY_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.context import AnalysisContext

MODEL_DIMENSIONS = ("stage", "provider", "model")


def model_latency(
    context: AnalysisContext, by: Sequence[str], latencies: Sequence[str] = STAGE_LATENCIES
) -> list[ModelLatency]:
    """Statistics per group, latency of a stage and ``by``, which is any of MODEL_DIMENSIONS; of some ``latencies`` alone."""
    create_latencies_with_model(context)
    rows = context.records(
        load_sql(__name__, "model_latency.sql"),
        latencies=list(latencies),
        by_stage="stage" in by,
        by_provider="provider" in by,
        by_model="model" in by,
    )
    found = [
        ModelLatency(
            row["group_id"],
            row["latency"],
            tuple(row[name] for name in by),
            statistics_of(row["n"], row["sum_ms"], row["min_ms"], row["max_ms"], row["percentiles"])
            if row["n"]
            else Statistics(),
            row["impossible"],
        )
        for row in rows
    ]
    found.sort(key=lambda each: (each.group_id, TURN_LATENCY_NAMES.index(each.name)))
    return found
