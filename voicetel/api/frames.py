"""Figures as Polars frames: their columns have these types, whatever is in them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import polars as pl

from voicetel.analyzers.latency.latency import LATENCY_VALUES_SQL, latency
from voicetel.analyzers.latency.latency_values import create_latency_values
from voicetel.analyzers.latency.model_latency import model_latency
from voicetel.analyzers.value_statistics.value_statistics import value_statistics
from voicetel.store.column_types import quantity_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.statistics import Statistics
    from voicetel.analyzers.cost.results import CostTable

_STATISTICS: dict[str, type[pl.DataType]] = {
    "n": pl.Int64,
    **dict.fromkeys(("avg", "min", "p50", "p90", "p95", "p99", "max"), pl.Float64),
    "impossible": pl.Int64,
}
_BILL: dict[str, pl.DataType | type[pl.DataType]] = {
    "amount": pl.Decimal(38, 24),
    "share": pl.Float64,
    "operations": pl.Int64,
    "unpriced_operations": pl.Int64,
    **dict.fromkeys(quantity_names(), pl.Float64),
}


def latency_frame(context: AnalysisContext, names: Sequence[str], of_models: Sequence[str]) -> pl.DataFrame:
    """One row per group and latency. ``of_models``: those of ``names`` that are of the operation that took the time."""
    if of_models:
        found = [
            (context.group_values[each.group_id], each.key, each.name, each.statistics, each.impossible)
            for each in model_latency(context, of_models)
        ]
    else:
        create_latency_values(context)
        measured = latency(context, value_statistics(context, LATENCY_VALUES_SQL), histograms=False)
        found = [
            (
                () if group_id is None else context.group_values[group_id],
                (),
                each.name,
                each.statistics,
                each.impossible,
            )
            for group_id, summaries in measured.items()
            if (group_id is None) is not context.is_grouped
            for each in summaries.values()
        ]
    rows = [
        {
            **dict(zip(context.selection.by, values, strict=True)),
            **dict(zip(of_models, key, strict=True)),
            "latency": name,
            **_statistics(statistics, impossible),
        }
        for values, key, name, statistics, impossible in found
    ]
    keys: dict[str, type[pl.DataType]] = dict.fromkeys((*names, "latency"), pl.String)
    return pl.DataFrame(rows, schema={**keys, **_STATISTICS})


def cost_frame(table: CostTable, names: Sequence[str]) -> pl.DataFrame:
    """One row per line of the bill, by ``names``."""
    rows = [
        {
            **line.key,
            "amount": line.amount,
            "share": line.share,
            "operations": line.operations,
            "unpriced_operations": line.unpriced_operations,
            **{name: None if (used := line.quantities.get(name)) is None else float(used) for name in quantity_names()},
        }
        for line in table.lines
    ]
    return pl.DataFrame(rows, schema={**dict.fromkeys(names, pl.String), **_BILL})


def _statistics(statistics: Statistics, impossible: int) -> dict[str, float | int | None]:
    return {**asdict(statistics), "impossible": impossible}
