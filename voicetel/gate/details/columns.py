"""Columns and values of a sample that only metrics of tools, models and states of the dialogue need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

from voicetel.analyzers.core.bounded_memory.row_file import BATCH_ROWS
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.dropoff.dropoff import create_state_steps
from voicetel.analyzers.models.models import create_request_costs
from voicetel.gate.samples.stored_columns import loads_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import duckdb
    import pyarrow as pa

    from voicetel.analyzers.core.bounded_memory.row_file import RowFile
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.priced_usage.rates import MatchedRate
    from voicetel.gate.metric import Metric, RowKind
    from voicetel.store import Store


_FILES: Mapping[RowKind, str] = {
    "tools": "tools.sql",
    "models": "models.sql",
    "states": "states.sql",
    "words": "words.sql",
}


def detail_rows(
    store: Store, context: AnalysisContext, metrics: Iterable[Metric], matched: Sequence[MatchedRate]
) -> Iterator[tuple[tuple[RowKind, str | None], pa.RecordBatchReader]]:
    """(what is finer than a call, the one tool, model or state) → the columns that ``metrics`` are made of, with the rows of ``sample_calls``.

    Wants ``sample_calls``, and the rates that were matched. Each has to be read before the next is asked for.
    """
    wanted = list(dict.fromkeys((metric.needs_rows_of, metric.part) for metric in metrics if metric.needs_rows_of))
    details = {detail for detail, _ in wanted}
    if "models" in details:
        create_request_costs(context, matched)
    if "states" in details:
        create_state_steps(context)
    if "words" in details:
        from voicetel.analyzers.speaking_rate.speaking_rate import count_words  # noqa: PLC0415  only where words are asked for

        count_words(store, context)
    for detail, name in wanted:
        params = {} if detail == "words" else {"name": name}
        rows = context.connection.sql(load_sql(__name__, _FILES[detail]), params=params)
        yield (detail, name), rows.to_arrow_reader(BATCH_ROWS)


def columns_of_detail(rows: RowFile, detail: RowKind, name: str | None) -> dict[str, Callable[[], pa.ChunkedArray]]:
    """What gives each of these columns, of all calls; of one tool, model or state it is called ``COLUMN.NAME``."""
    loads = loads_of(rows)
    if detail == "states" and not pc.sum(rows.column("ended_there")).as_py():
        # Why calls end in a state in which none did is no question.
        loads["explained_ends"] = loads["reached"]
    return {column if name is None else f"{column}.{name}": load for column, load in loads.items()}


def tool_duration_rows(
    connection: duckdb.DuckDBPyConnection, metrics: Iterable[Metric], first: int
) -> Iterator[tuple[str, pa.RecordBatchReader]]:
    """Of each metric of lengths, its name and how long tool calls took (``duration_ms``, in thousandths of a ms), with the ``number`` of the calls that they were in.

    ``first``: the number of the first of ``sample_calls``. Each has to be read before the next is asked for.
    """
    for metric in metrics:
        if metric.needs_rows_of == "tools" and not metric.ratios:
            values = {"name": metric.part, "first": first}
            yield (
                metric.name,
                connection.sql(load_sql(__name__, "tool_durations.sql"), params=values).to_arrow_reader(BATCH_ROWS),
            )
