"""The relations as a DuckDB file of its own, which a process without access to anything else can open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.calls.call_rows import call_rows
from voicetel.analyzers.core.bounded_memory.memory_limit import limited_memory
from voicetel.analyzers.core.bounded_memory.time_slices import time_slices_of
from voicetel.analyzers.cost.rate_notes import priced_rates
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import apply_rates, price_usage
from voicetel.analyzers.turns.turn_rows import operation_rows, turn_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.request import Request
    from voicetel.pricing import RateCard
    from voicetel.sql.relations import Relation


def write_database(request: Request, relations: Sequence[Relation], file: Path) -> set[str]:
    """Write the rows of the selected calls into a new file. Calls go in slices of time, so that memory does not grow with the logs.

    Returns the keys of the rates that price something of them, where a relation has amounts.
    """
    connection, card = request.store.connection, request.rate_card
    sources = {relation.source for relation in relations}
    rates: set[str] = set()
    name = str(file).replace("'", "''")
    slices = time_slices_of(request.store, request.selection)
    connection.execute(f"ATTACH '{name}' AS relations")
    try:
        with limited_memory(connection, slices.bounded):
            for number, selection in enumerate(slices.selections):
                context = analysis_context(request.store, selection, card=card)
                rates |= _create_sources(context, card, sources)
                for relation in relations:
                    make = "INSERT INTO" if number else "CREATE TABLE"
                    link = "" if number else "AS "
                    connection.execute(f"{make} relations.{relation.name} {link}{relation.query}")
    finally:
        connection.execute("DETACH relations")
    return rates


def _create_sources(context: AnalysisContext, card: RateCard, sources: set[str]) -> frozenset[str]:
    """Make the sources of relations, and work out nothing for those that are not asked for. Gives back the keys of the rates that price something."""
    rates: frozenset[str] = frozenset()
    if sources & {"call_rows", "priced_usage", "operation_rows"}:
        # Operations are priced one by one: what calls used need not be.
        (apply_rates if sources.isdisjoint({"call_rows", "priced_usage"}) else price_usage)(context, card)
        rates = priced_rates(context.connection)
    if "call_rows" in sources:
        context.connection.register("call_rows", call_rows(context))
    if sources & {"turn_rows", "operation_rows"}:
        turn_rows(context)
    if "operation_rows" in sources:
        operation_rows(context, card)
    return rates
