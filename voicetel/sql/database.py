"""The relations as a DuckDB file of its own, which a process without access to anything else can open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.bounded_memory.memory_limit import limited_memory
from voicetel.analyzers.core.bounded_memory.time_slices import time_slices_of
from voicetel.analyzers.prepare import analysis_context
from voicetel.exporters.rows import create_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicetel.analyzers.request import Request
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
        with limited_memory(connection, slices.is_bounded):
            for number, selection in enumerate(slices.selections):
                context = analysis_context(request.store, selection, card=card)
                rates |= create_rows(context, card, sources)
                for relation in relations:
                    make = "INSERT INTO" if number else "CREATE TABLE"
                    link = "" if number else "AS "
                    connection.execute(f"{make} relations.{relation.name} {link}{relation.query}")
    finally:
        connection.execute("DETACH relations")
    return rates
