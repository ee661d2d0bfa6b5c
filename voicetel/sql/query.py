"""A query over the selected calls: their relations in a file of its own, which a process without access to anything else reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicetel.analyzers.cost.rate_notes import notes_on_rates
from voicetel.private_folder import private_folder
from voicetel.sql.database import write_database
from voicetel.sql.relations import named_in, names_amounts
from voicetel.sql.run import run_query

if TYPE_CHECKING:
    from voicetel.analyzers.request import Request
    from voicetel.sql.run import Limits, QueryResult


def query_calls(request: Request, query: str, limits: Limits) -> QueryResult:
    """The answer to ``query`` over the relations that it names. Raises as ``run_query``; nothing is left on disk."""
    with private_folder() as folder:
        database = folder / "relations.duckdb"
        rates = write_database(request, named_in(query), database)
        found = run_query(query, database, folder, limits)
        if not names_amounts(query, found.table.column_names):
            return found
        return replace(found, rate_notes=notes_on_rates(request.rate_card, rates))
