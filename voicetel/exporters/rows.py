"""A store's calls, turns and operations as the rows of tables.py, on the store's own connection."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicetel.analyzers.calls.call_rows import call_rows
from voicetel.analyzers.core.bounded_memory.memory_limit import IDLE_BYTES, limited_memory
from voicetel.analyzers.core.bounded_memory.time_slices import time_slices_of
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.analyzers.cost.rate_notes import notes_on_rates, priced_rates
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import prepare_rates, price_usage
from voicetel.analyzers.turns.turn_rows import operation_rows, turn_rows
from voicetel.exporters.tables import CALL_LOGS, CALL_METRICS, OPERATIONS
from voicetel.exporters.transcripts import TURNS_WITH_TEXTS, copy_rows, private_database, read_texts
from voicetel.private_folder import private_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    import duckdb

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.core.selection import Selection
    from voicetel.exporters.columns import Column, Table
    from voicetel.pricing import RateCard
    from voicetel.store import Store

_TURNS_WITHOUT_TEXTS = (
    "SELECT *, CAST(NULL AS VARCHAR) AS user_text, CAST(NULL AS VARCHAR) AS agent_text FROM turn_rows"
)

ROW_RELATIONS = ("call_rows", "turn_rows", "operation_rows")
"""On the store's connection: what exports are made of."""

TURNS_WITH_TEXTS_AT_ONCE = 200_000
"""Two databases are at work on these."""

_DUCKDB_TYPES = {"integer": "BIGINT", "float": "DOUBLE", "text": "VARCHAR", "json": "VARCHAR", "boolean": "BOOLEAN"}
"""Kinds whose type in an export is not left to the expression."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is to be exported: the views ``export_call_metrics``, ``export_call_logs`` and ``export_operations``.

    They have the columns of tables.py, those of the key as text that PostgreSQL can hold; ``export_turns`` has the
    turns' own names. ``has_text`` says whether the texts of turns are among them: then ``connection`` is that of a
    private database, otherwise the store's.
    """

    connection: duckdb.DuckDBPyConnection
    has_text: bool

    def count(self, table: Table) -> int:
        """How many rows a table has."""
        return int(self.connection.sql(f"SELECT count(*) FROM export_{table.name}").fetchall()[0][0])


@dataclass(frozen=True, slots=True)
class Parts:
    """The rows of the selected calls, some calls at a time, oldest first: there is at least one part.

    They can be gone through more than once; the views are made anew for each part. ``rates`` are the keys of the rates that priced the
    parts that were gone through.
    """

    store: Store
    card: RateCard
    selection: Selection
    has_text: bool
    rates: set[str] = field(default_factory=set)

    @property
    def rate_notes(self) -> tuple[str, ...]:
        """Sentences on those of ``rates`` that lie far off their list price."""
        return notes_on_rates(self.card, self.rates)

    def __iter__(self) -> Iterator[Rows]:
        """Make the views of one part after the other, the texts of its turns read from the logs."""
        slices = time_slices_of(self.store, self.selection, TURNS_WITH_TEXTS_AT_ONCE if self.has_text else None)
        # Files and rows on their way to a database are in memory beside it.
        with limited_memory(self.store.connection, slices.is_bounded):
            yield from (self._with_texts if self.has_text else self._without_texts)(slices.selections)

    def _without_texts(self, slices: Iterable[Selection]) -> Iterator[Rows]:
        for slice_ in slices:
            self._make_rows(slice_)
            yield _create_views(self.store.connection, self.card, _TURNS_WITHOUT_TEXTS, has_text=False)

    def _with_texts(self, slices: Iterable[Selection]) -> Iterator[Rows]:
        with private_database() as private:
            for slice_ in slices:
                with limited_memory(private, memory_bytes=IDLE_BYTES):
                    self._make_rows(slice_)
                    read_texts(self.store, private)
                    copy_rows(self.store, private)
                with limited_memory(self.store.connection, memory_bytes=IDLE_BYTES):
                    yield _create_views(private, self.card, TURNS_WITH_TEXTS, has_text=True)

    def _make_rows(self, selection: Selection) -> None:
        context = analysis_context(self.store, selection, card=self.card)
        self.rates.update(create_rows(context, self.card, ROW_RELATIONS))


def create_rows(context: AnalysisContext, card: RateCard, relations: Collection[str]) -> frozenset[str]:
    """Make those of ROW_RELATIONS and ``priced_usage`` that are asked for, and work out nothing for others.

    Gives back the keys of the rates that price something, where one of them has amounts.
    """
    rates: frozenset[str] = frozenset()
    if not {"call_rows", "priced_usage"}.isdisjoint(relations):
        price_usage(context, card)
        rates = priced_rates(context.connection)
    elif "operation_rows" in relations:  # each is priced by itself
        prepare_rates(context, card)
        rates = priced_rates(context.connection)
    if "call_rows" in relations:
        context.connection.register("call_rows", call_rows(context))
    if not {"turn_rows", "operation_rows"}.isdisjoint(relations):
        turn_rows(context)
    if "operation_rows" in relations:
        operation_rows(context, card)
    return rates


def parts_of(store: Store, card: RateCard, selection: Selection = ALL_CALLS, *, with_text: bool = False) -> Parts:
    """What there is to export of a store; texts of turns only ``with_text``."""
    return Parts(store, card, selection, with_text)


def _create_views(connection: duckdb.DuckDBPyConnection, card: RateCard, turns: str, *, has_text: bool) -> Rows:
    connection.execute(f"CREATE OR REPLACE TEMP VIEW export_turns AS {turns}")
    sources = {
        CALL_METRICS: "call_rows",
        CALL_LOGS: "export_turns",
        OPERATIONS: "operation_rows",
    }
    for table, source in sources.items():
        columns = ", ".join(f"{_expression(column, card)} AS {column.name}" for column in table.columns)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW export_{table.name} AS SELECT {columns} FROM {source}")
    return Rows(connection, has_text)


@contextmanager
def scratch(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """A database in a private temporary file, attached under the name it gives: for more rows than memory should hold."""
    with private_folder() as folder:
        file = str(folder / "rows.duckdb").replace("'", "''")
        connection.execute(f"ATTACH '{file}' AS scratch")
        try:
            yield "scratch"
        finally:
            connection.execute("DETACH scratch")


@contextmanager
def joins_as_written(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let every join look up in its right side.

    How many operations a row unnests to is not known to the planner. It would keep millions of them in memory to look up
    a hundred thousand calls, and give them back in no order, so that every batch lay in every part of the file.
    """
    connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    try:
        yield
    finally:
        connection.execute("RESET disabled_optimizers")


def _expression(column: Column, card: RateCard) -> str:
    quoted = card.currency.replace("'", "''")
    expression = column.expression.replace("$currency", f"'{quoted}'")
    kind = _DUCKDB_TYPES.get(column.kind)
    return f"CAST({expression} AS {kind})" if kind else expression
