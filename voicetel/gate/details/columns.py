"""Columns and values of a sample that only metrics of tools, models and states of the dialogue need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.dropoff.dropoff import create_state_steps
from voicetel.analyzers.models.models import create_request_amounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.priced_usage.rates import MatchedRate
    from voicetel.gate.metric import Detail, Metric
    from voicetel.store import Store


_FILES: Mapping[Detail, str] = {
    "tools": "tools.sql",
    "models": "models.sql",
    "states": "states.sql",
    "words": "words.sql",
}


def add_details(
    store: Store, context: AnalysisContext, calls: pa.Table, metrics: Iterable[Metric], applied: Sequence[MatchedRate]
) -> pa.Table:
    """The calls of a sample with the columns that ``metrics`` are made of, of one tool, model or state as ``COLUMN.NAME``.

    Wants ``sample_calls``, whose rows ``calls`` are in their order, and the rates that were applied.
    """
    wanted = list(dict.fromkeys((metric.detail, metric.of) for metric in metrics if metric.detail))
    details = {detail for detail, _ in wanted}
    if "models" in details:
        create_request_amounts(context, applied)
    if "states" in details:
        create_state_steps(context)
    if "words" in details:
        from voicetel.analyzers.speaking_rate.speaking_rate import count_words  # noqa: PLC0415  only where words are asked for

        count_words(store, context)
    for detail, name in wanted:
        params = {} if detail == "words" else {"name": name}
        columns = context.connection.sql(load_sql(__name__, _FILES[detail]), params=params).to_arrow_table()
        for column in columns.column_names:
            calls = calls.append_column(column if name is None else f"{column}.{name}", columns.column(column))
    return calls


def tool_durations(
    context: AnalysisContext, metrics: Iterable[Metric]
) -> dict[str, tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """Metric → the calls that tool calls were in, and how long they took, in thousandths of a ms, of each metric of lengths."""
    sql = load_sql(__name__, "tool_durations.sql")
    found = {}
    for metric in metrics:
        if metric.detail == "tools" and not metric.ratios:
            values = context.connection.execute(sql, {"name": metric.of}).fetchnumpy()
            found[metric.name] = (values["number"], values["duration_ms"])
    return found
