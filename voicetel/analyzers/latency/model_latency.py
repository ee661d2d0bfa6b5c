"""How long each model took: the latencies of the stages, by the provider and model that produced them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import PLACES, Statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.context import AnalysisContext

MODEL_DIMENSIONS = ("provider", "model")

_OPERATIONS = {
    "endpointing_ms": "eot",
    "stt_ttfb_ms": "stt",
    "llm_ttft_ms": "llm",
    "llm_latency_ms": "any_llm",
    "tts_ttfb_ms": "tts",
    "realtime_ttfb_ms": "realtime",
}
"""Latency of one stage → the operation of model_latency.sql that it is of.

``llm_latency_ms`` sums over a turn's LLM operations and counts for the model of the first that was not cancelled, so
that the counts of all models add up to the count over all turns.
"""


@dataclass(frozen=True, slots=True)
class ModelLatency:
    """One latency of one group of calls and one provider or model; ``key`` runs along what was asked for."""

    part: int
    name: str
    key: tuple[str | None, ...]
    statistics: Statistics
    impossible: int


def model_latency(context: AnalysisContext, by: Sequence[str]) -> list[ModelLatency]:
    """Statistics per group of ``context``, latency and ``by``, which is any of MODEL_DIMENSIONS."""
    latencies = " UNION ALL ".join(
        f"SELECT part, '{name}' AS latency, {name} AS ms, list_contains(impossible, '{name}') AS is_impossible,"
        f" {operation}.provider AS provider, {operation}.model AS model FROM turn"
        for name, operation in _OPERATIONS.items()
    )
    keys = "".join(f", {name}" for name in by)
    text = load_sql(__name__, "model_latency.sql").replace("{latencies}", latencies).replace("{keys}", keys)
    found = []
    for part, name, *rest in context.sql(text):
        key, (n, total, lowest, highest, percentiles, impossible) = rest[: len(by)], rest[len(by) :]
        statistics = Statistics()
        if n:
            p50, p90, p95, p99 = (round(value, PLACES) for value in percentiles)
            average = round(float(total) / n, PLACES)
            statistics = Statistics(n, average, float(lowest), p50, p90, p95, p99, float(highest))
        found.append(ModelLatency(part, name, tuple(key), statistics, impossible))
    order = {name: place for place, name in enumerate(_OPERATIONS)}
    return sorted(found, key=lambda each: (each.part, order[each.name]))
