"""A query over the selected calls: their relations in a file of its own, which a process without access to anything else reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicetel.private_folder import private_folder
from voicetel.sql.database import write_database
from voicetel.sql.relations import named_in, names_money
from voicetel.sql.run import run_query

if TYPE_CHECKING:
    from voicetel.analyzers.request import Request
    from voicetel.sql.run import Limits, QueryResult


def query_calls(request: Request, query: str, limits: Limits) -> QueryResult:
    """The answer to ``query`` over the relations that it names. Raises as ``run_query``; nothing is left on disk."""
    with private_folder() as folder:
        database = folder / "relations.duckdb"
        doubtful = write_database(request, named_in(query), database)
        found = run_query(query, database, folder, limits)
        return replace(found, rate_notes=doubtful) if names_money(query, found.table.column_names) else found
