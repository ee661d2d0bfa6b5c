"""The rows of a sample on their way into files, some calls after the others, and the sample that they make."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voicetel.analyzers.core.bounded_memory.row_file import BATCH_ROWS, RowFileWriter
from voicetel.analyzers.core.sql_files import quoted_name
from voicetel.events.metrics import TURN_LATENCY_NAMES
from voicetel.gate.details.columns import columns_of_detail, detail_rows, tool_duration_rows
from voicetel.gate.samples.sample import Sample, StoredTurns, TurnValues, mask_of
from voicetel.gate.samples.stored_columns import StoredColumns, stored_columns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb
    from numpy.typing import NDArray

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.groups import Grouping
    from voicetel.analyzers.priced_usage.rates import MatchedRate
    from voicetel.gate.metric import Metric, RowKind
    from voicetel.store import Store

MARKS = ("no_input_calls", "unheard_calls")
"""Columns that say of a call whether it has a mark of some kind."""

MEASURED_CALLS = ("first_word_ms", "caller_silence_ms", "handle_time_s")
"""What is measured once in a call."""


class SampleFiles:
    """Collects the rows of a sample. A context manager: what no sample was made of is gone at its end.

    ``by``: the dimensions that are columns of its calls. ``directory``: where the files are, None for the system's own place.
    """

    def __init__(self, by: Sequence[str], directory: Path | None = None) -> None:
        self._by = by
        self._directory = directory
        self._stack = ExitStack()
        self._calls, self._turns = self._new_file(), self._new_file()
        self._details: dict[tuple[RowKind, str | None], RowFileWriter] = {}
        self._durations: dict[str, RowFileWriter] = {}
        self._group_ids: dict[tuple[str | None, ...], int] = {}

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Delete the files, unless they are a sample's."""
        self._stack.close()

    def add(
        self, connection: duckdb.DuckDBPyConnection, group_values: Sequence[tuple[str | None, ...]] | None = None
    ) -> int:
        """Write the rows of ``sample_calls`` and ``sample_turns``, numbered from those of before on. Returns how many calls were before.

        ``group_values``: of the groups by their ``group_id``; None where these are the rows of all calls.
        """
        first = self._calls.num_rows
        calls = "sample_calls"
        if group_values is not None:
            places = [self._group_ids.setdefault(values, len(self._group_ids)) for values in group_values]
            _register_groups(connection, range(len(places)), place=pa.array(places, pa.int32()))
            calls = "(SELECT * EXCLUDE (place) REPLACE (place AS group_id) FROM sample_calls JOIN sample_groups USING (group_id))"
        rows = connection.sql(
            f"SELECT {_selected(connection, self._by)} REPLACE (number + {first} AS number) FROM {calls} ORDER BY number"
        )
        self._calls.add(rows.to_arrow_reader(BATCH_ROWS))
        turns = connection.sql(f"SELECT * REPLACE (CAST(number + {first} AS INTEGER) AS number) FROM sample_turns")
        self._turns.add(turns.to_arrow_reader(BATCH_ROWS))
        return first

    def add_details(
        self,
        store: Store,
        context: AnalysisContext,
        metrics: Sequence[Metric],
        matched: Sequence[MatchedRate],
        first: int,
    ) -> None:
        """Write what ``metrics`` need of the calls of ``sample_calls`` beside their rows. ``first``: how many calls were before."""
        for key, rows in detail_rows(store, context, metrics, matched):
            if key not in self._details:
                self._details[key] = self._new_file()
            self._details[key].add(rows)
        for name, rows in tool_duration_rows(store.connection, metrics, first):
            if name not in self._durations:
                self._durations[name] = self._new_file()
            self._durations[name].add(rows)

    def sample(
        self,
        connection: duckdb.DuckDBPyConnection,
        currency: str,
        lines: int,
        refused_lines: int,
        grouping: Grouping | None = None,
    ) -> Sample:
        """The sample that the rows make. ``grouping``: by what groups are put in order; None where they were those of all calls."""
        calls, turns = stored_columns(self._calls.finish()), stored_columns(self._turns.finish())
        unlogged = frozenset(name for name in MARKS if not pc.sum(calls.column(name)).as_py())
        loads = {
            **{name: partial(_values_of, turns, name) for name in TURN_LATENCY_NAMES},
            **{name: partial(_of_calls, calls, name) for name in MEASURED_CALLS},
            **{
                name: partial(_values_of, stored_columns(file.finish()), "duration_ms")
                for name, file in self._durations.items()
            },
        }
        if grouping is not None:
            calls = calls.joined({"group_id": partial(self._ordered_groups, calls, self._ranks(connection, grouping))})
        for (detail, name), file in self._details.items():
            calls = calls.joined(columns_of_detail(file.finish(), detail, name))
        return Sample(calls, StoredTurns(loads), currency, lines, refused_lines, unlogged)

    def _new_file(self) -> RowFileWriter:
        return self._stack.enter_context(RowFileWriter(self._directory))

    def _ranks(self, connection: duckdb.DuckDBPyConnection, grouping: Grouping) -> NDArray[np.int32]:
        """The place of each group in the order of their values."""
        values = pa.array([list(values) for values in self._group_ids], pa.list_(pa.string()))
        _register_groups(connection, list(self._group_ids.values()), group_values=values)
        order = connection.execute(
            f"SELECT group_id FROM sample_groups ORDER BY {grouping.order_sql('group_values')}"
        ).fetchnumpy()["group_id"]
        ranks = np.empty(len(order), dtype=np.int32)
        ranks[order] = np.arange(len(order), dtype=np.int32)
        return ranks

    @staticmethod
    def _ordered_groups(calls: StoredColumns, ranks: NDArray[np.int32]) -> pa.ChunkedArray:
        return pa.chunked_array([ranks[calls.column("group_id").to_numpy()]])


def _register_groups(connection: duckdb.DuckDBPyConnection, group_ids: Sequence[int], **columns: pa.Array) -> None:
    """Make ``sample_groups``: a row for each group. In the text of a query, very many groups would take hundreds of megabytes."""
    connection.register("sample_groups", pa.table({"group_id": pa.array(group_ids, pa.int32()), **columns}))


def _selected(connection: duckdb.DuckDBPyConnection, by: Sequence[str]) -> str:
    """SQL for the columns of a sample: those of the dimensions that are none of ``sample_calls``, and all of these."""
    there = {name for (name, *_) in connection.execute("DESCRIBE FROM sample_calls").fetchall()}
    more = [
        f"group_values[{place}] AS {quoted_name(name)}" for place, name in enumerate(by, start=1) if name not in there
    ]
    return ", ".join([*more, "* EXCLUDE (group_values)"])


def _values_of(turns: StoredColumns, name: str) -> TurnValues:
    """The values of a column, where it has any, with the calls that they are of."""
    values = turns.column(name)
    calls = turns.column("number").filter(pc.is_valid(values))
    return TurnValues(calls.to_numpy(), pc.drop_null(values).to_numpy())


def _of_calls(calls: StoredColumns, name: str) -> TurnValues:
    """A figure of calls as the one value of each call that has it."""
    column = calls.column(name)
    numbers = np.flatnonzero(mask_of(pc.is_valid(column))).astype(np.int32)
    return TurnValues(numbers, pc.drop_null(column).to_numpy())
