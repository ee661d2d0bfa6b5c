"""The words of all turns. A store keeps none, so they are read from the logs again, in one pass over those that it has read."""

from __future__ import annotations

import contextlib
import json
import os
from importlib.resources import files
from typing import TYPE_CHECKING

from voicetel.store.content import Content
from voicetel.store.slices import slices

if TYPE_CHECKING:
    import duckdb

    from voicetel.store import Store

TURNS_WITH_WORDS = (
    "SELECT turn_rows.*, user_text, agent_text FROM turn_rows"
    " JOIN (SELECT source, line_key, line_hash FROM events WHERE event = 'turn') AS line USING (source, line_key)"
    " LEFT JOIN words USING (line_hash)"
)
TURNS_WITHOUT_WORDS = "SELECT *, CAST(NULL AS VARCHAR) AS user_text, CAST(NULL AS VARCHAR) AS agent_text FROM turn_rows"

_STRUCTURE = json.dumps({"event": "VARCHAR", "user": {"text": "VARCHAR"}, "agent": {"text": "VARCHAR"}})


def read_words(store: Store) -> None:
    """Make ``words``, one row per line (line_hash, user_text, agent_text). A file that went away meanwhile has none."""
    connection = store.connection
    connection.execute("CREATE OR REPLACE TEMP TABLE words (line_hash UBIGINT, user_text VARCHAR, agent_text VARCHAR)")
    for path, length in connection.execute(
        "SELECT arg_max(path, length), max(length) FROM paths WHERE source IS NOT NULL GROUP BY source ORDER BY source"
    ).fetchall():
        with contextlib.suppress(FileNotFoundError):
            _read(connection, os.fsdecode(path), length)
    # A line that stands in the logs twice counts once.
    connection.execute(
        "DELETE FROM words WHERE rowid NOT IN (SELECT min(rowid) FROM words GROUP BY line_hash)"
        " AND (SELECT count(*) <> count(DISTINCT line_hash) FROM words)"
    )


def _read(connection: duckdb.DuckDBPyConnection, path: str, length: int) -> None:
    text = files("voicetel.exporters").joinpath("words.sql").read_text(encoding="utf-8")
    for slice_ in slices(Content(path), 0, length):
        try:
            connection.execute(text, {"file": slice_.name, "structure": _STRUCTURE})
        finally:
            slice_.close()
