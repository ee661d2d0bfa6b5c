"""The relations as a DuckDB file of its own, which a process without access to anything else can open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.exporters.rows import parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicetel.analyzers.request import Request
    from voicetel.sql.relations import Relation


def write_database(request: Request, relations: Sequence[Relation], file: Path) -> set[str]:
    """Write the rows of the selected calls into a new file. Calls go in spans, so that memory does not grow with the logs.

    Returns the keys of the rates that price something of them.
    """
    connection = request.store.connection
    name = str(file).replace("'", "''")
    connection.execute(f"ATTACH '{name}' AS relations")
    try:
        parts = parts_of(request.store, request.rate_card, request.selection)
        for number, _ in enumerate(parts):
            for relation in relations:
                make = "INSERT INTO" if number else "CREATE TABLE"
                link = "" if number else "AS "
                connection.execute(f"{make} relations.{relation.name} {link}{relation.query}")
        return parts.rates
    finally:
        connection.execute("DETACH relations")
