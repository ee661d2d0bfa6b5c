"""Transcripts of turns. The store holds none: they are read from the logs again, line by line, by the positions of the lines."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, NamedTuple

from voicetel.store.ingest.line_contents import LinePositions, hash_sql, read_lines, with_contents
from voicetel.store.store import PATHS_BY_STREAM_SQL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import duckdb
    import pyarrow as pa

    from voicetel.store.store import Store

LINES_AT_ONCE = 5000
BYTES_AT_ONCE = 1 << 22
"""Of their contents; what is taken out of them on the way is many times as much."""

POSITIONS_AT_ONCE = 500_000
"""Positions of lines that are in memory."""

_TEXTS_SQL = f"""
SELECT
    line_key, line_hash,
    CASE WHEN json_type(json, '$.user.text') = 'VARCHAR' THEN json_extract_string(json, '$.user.text') END AS user_text,
    CASE WHEN json_type(json, '$.agent.text') = 'VARCHAR' THEN json_extract_string(json, '$.agent.text') END AS agent_text,
    coalesce('true' IN (json -> '$.user.redacted', json -> '$.user.text_cut'), false) AS user_altered,
    coalesce('true' IN (json -> '$.agent.redacted', json -> '$.agent.text_cut'), false) AS agent_altered
FROM (SELECT line_key, line_hash, CAST(decode(parsable_content) AS JSON) AS json FROM lines_read WHERE {hash_sql("content")} = line_hash)"""
"""A line that is not what it was when it was read (hash) has no transcript."""


class TurnTranscript(NamedTuple):
    """The transcript of one turn, None where the log has none. Altered: shortened, or parts of it taken out."""

    line_key: int
    line_hash: int
    user_text: str | None
    agent_text: str | None
    user_altered: bool
    agent_altered: bool


NO_TRANSCRIPT = TurnTranscript(0, 0, None, None, user_altered=False, agent_altered=False)
"""Of a turn that has none."""


def transcripts_of_calls(store: Store, call_ids: Sequence[str]) -> dict[int, TurnTranscript]:
    """Line key of a turn of these calls → its transcript. A turn whose file went away meanwhile is left out."""
    where_sql = "call_id IN (SELECT unnest($call_ids)) AND event = 'turn'"
    return {each.line_key: each for some in _texts(store, where_sql, {"call_ids": list(call_ids)}) for each in some}


def transcripts_of_shown_turns(store: Store, call_ids: Sequence[str]) -> dict[int, TurnTranscript]:
    """The same of those turns alone that stand in the table ``shown_turns`` (stream_id, line_key)."""
    where_sql = (
        "call_id IN (SELECT unnest($call_ids)) AND event = 'turn'"
        " AND (stream_id, line_key) IN (SELECT (stream_id, line_key) FROM shown_turns)"
    )
    return {each.line_key: each for some in _texts(store, where_sql, {"call_ids": list(call_ids)}) for each in some}


def transcripts_of_turns(
    store: Store, turns_table: str | None = None, progress: Callable[[int], None] = lambda read_bytes: None
) -> Iterator[list[TurnTranscript]]:
    """The transcripts of the turns in the table ``turns_table`` (stream_id, line_hash), of all where there is none; some at once.

    A turn whose file went away meanwhile does not come, and that is warned of. ``progress`` is told how many bytes were just read.
    """
    yield from _texts(store, _turns_of_sql(turns_table), {}, progress)


def transcript_bytes(store: Store, turns_table: str) -> int:
    """How many bytes ``transcripts_of_turns`` will read for the same table."""
    row = store.connection.execute(
        f"SELECT coalesce(sum(bytes), 0) FROM events WHERE {_turns_of_sql(turns_table)}"
    ).fetchone()
    return int(row[0]) if row else 0


def _turns_of_sql(table: str | None) -> str:
    """SQL for the turns of which ``table`` has stream_id and line_hash; for all turns where it is None."""
    return "event = 'turn'" + (
        f" AND (stream_id, line_hash) IN (SELECT (stream_id, line_hash) FROM {table})" if table else ""
    )


def _texts(
    store: Store, where_sql: str, values: dict[str, object], progress: Callable[[int], None] = lambda read_bytes: None
) -> Iterator[list[TurnTranscript]]:
    connection = store.connection
    table = f"line_positions_{secrets.token_hex(4)}"  # whoever reads may ask for other transcripts meanwhile
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT row_number() OVER (ORDER BY stream_id, byte_offset) - 1 AS nth,"
        f" stream_id, byte_offset, bytes, line_key, line_hash FROM events WHERE {where_sql}",
        values or None,
    )
    try:
        ((count,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
        path_of_stream = paths_by_stream(store) if count else {}
        for begin in range(0, count, POSITIONS_AT_ONCE):
            positions = connection.sql(
                f"SELECT * EXCLUDE (nth) FROM {table} WHERE nth >= $begin AND nth < $end ORDER BY nth",
                params={"begin": begin, "end": begin + POSITIONS_AT_ONCE},
            ).to_arrow_table()
            for texts, lines in _texts_at(connection.cursor(), positions, path_of_stream, progress):
                if len(texts) < lines:
                    store.warn_of_changed_lines()
                yield texts
    finally:
        connection.execute(f"DROP TABLE {table}")


def _texts_at(
    cursor: duckdb.DuckDBPyConnection,
    positions: pa.Table,
    path_of_stream: dict[int, str],
    progress: Callable[[int], None],
) -> Iterator[tuple[list[TurnTranscript], int]]:
    """Some transcripts at a time, and of how many lines they are: of one that has changed there is none."""
    for first, contents in read_lines(LinePositions.of(positions), path_of_stream, LINES_AT_ONCE, BYTES_AT_ONCE):
        lines = positions.slice(first, len(contents)).select(["line_key", "line_hash"])
        cursor.register("lines_read", with_contents(lines, contents))
        rows = cursor.execute(_TEXTS_SQL).fetchall()
        cursor.unregister("lines_read")
        yield [TurnTranscript(*row) for row in rows], len(contents)
        progress(sum(len(content or b"") for content in contents))


def paths_by_stream(store: Store) -> dict[int, str]:
    """Log stream → the longest of the files that hold it."""
    rows = store.connection.execute(f"FROM {PATHS_BY_STREAM_SQL}").fetchall()
    return {stream_id: os.fsdecode(path) for stream_id, path in rows}
