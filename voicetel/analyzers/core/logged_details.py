"""What call_started and call_ended say of a call that the store does not keep: its tags, and what wrote its log.

A tag can hold anything, a caller's name too, so these stay in the logs and are read again by those who ask for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.store.ingest.line_contents import LinePositions, hash_sql, read_lines
from voicetel.store.transcripts import paths_by_stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.store import Store

_SOURCE_POINTER = "/source"
_POSITIONS_SQL = """
SELECT stream_id, byte_offset, bytes, line_key, line_hash, event, ts, call_id
FROM events SEMI JOIN filtered_calls USING (call_id)
WHERE event IN ('call_started', 'call_ended')
ORDER BY stream_id, byte_offset"""

_ADD_VALUES_SQL = f"""
INSERT INTO logged_values
SELECT
    call_id, event, CAST(epoch_us(ts) AS HUGEINT) * 18446744073709551616 + line_key,
    list_transform(
        list_zip(json_type(json, $pointers), json_extract_string(json, $pointers)),
        lambda found: CASE WHEN found[1] = 'VARCHAR' THEN found[2] END)
FROM (
    SELECT call_id, event, ts, line_key, CAST(decode(content) AS JSON) AS json
    FROM lines_read
    WHERE {hash_sql("content")} = line_hash)"""
"""One row per line: the texts that stand at the JSON pointers. Of two lines the one counts that was written later, of one moment
that with the larger key. A line that is not what it was when it was read (hash) says nothing."""


def create_logged_details(store: Store, tags: Sequence[str] = ()) -> None:
    """Make ``logged_details`` of ``filtered_calls``: ``call_id``, ``logged_source`` and ``tag_values``, the values of ``tags``.

    A call has no row where no line says any of it. Of several lines the latest that says a tag counts; what is no text is
    unknown. A line whose file went away, or that is not what it was, says nothing, and that is warned of.
    """
    import pyarrow as pa  # noqa: PLC0415  for those who ask

    pointers = [_SOURCE_POINTER, *(f"/tags/{tag.replace('~', '~0').replace('/', '~1')}" for tag in tags)]
    connection = store.connection
    connection.execute(
        'CREATE OR REPLACE TEMP TABLE logged_values (call_id VARCHAR, event VARCHAR, precedence HUGEINT, "values" VARCHAR[])'
    )
    positions = connection.sql(_POSITIONS_SQL).to_arrow_table()
    if len(positions):
        for first, contents in read_lines(LinePositions.of(positions), paths_by_stream(store)):
            lines = positions.slice(first, len(contents)).select(["line_key", "line_hash", "event", "ts", "call_id"])
            connection.register("lines_read", lines.append_column("content", pa.array(contents, pa.binary())))
            ((added,),) = connection.execute(_ADD_VALUES_SQL, {"pointers": pointers}).fetchall()
            if added < len(lines):
                store.warn_of_changed_lines()
            connection.unregister("lines_read")
    latest_sql = ", ".join(f'arg_max("values"[{index + 2}], precedence)' for index in range(len(tags)))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE logged_details AS SELECT call_id,"
        " arg_max(\"values\"[1], precedence) FILTER (event = 'call_started') AS logged_source,"
        f" CAST([{latest_sql}] AS VARCHAR[]) AS tag_values FROM logged_values GROUP BY call_id"
    )
