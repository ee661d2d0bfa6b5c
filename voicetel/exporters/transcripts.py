"""Rows with the texts of turns. A store keeps no text, so they are read from the logs again, into a private database.

Everything that is made of texts is made there: what DuckDB puts aside while it sorts and joins is in the private folder too.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from voicetel.private_folder import private_folder
from voicetel.store.transcripts import transcripts_of_turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from voicetel.store import Store

MEMORY_LIMIT = "230MB"

TURNS_WITH_TEXTS = (
    "SELECT turn.* EXCLUDE (line_hash), user_text, agent_text FROM texts RIGHT JOIN turn_rows AS turn USING (line_hash)"
)
"""Texts are read in passing; what is held in memory is the turns of one part."""

_ROWS_AT_ONCE = 20_000


@contextlib.contextmanager
def private_database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in a private folder, which is gone at the end."""
    import duckdb  # noqa: PLC0415  only an export with texts opens one

    with private_folder() as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        connection = duckdb.connect(str(folder / "rows.duckdb"), config=config)
        try:
            connection.execute("SET TimeZone = 'UTC'")
            # The planner would keep the texts of all turns in memory to look up each turn's, and not the turns.
            connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
            with contextlib.suppress(duckdb.InvalidInputException):
                connection.execute("SET enable_progress_bar = false")
            yield connection
        finally:
            connection.close()


def copy_rows(store: Store, private: duckdb.DuckDBPyConnection) -> None:
    """Make the tables ``call_rows``, ``turn_rows`` and ``operation_rows`` as the store's connection has them just now."""
    lines = "(SELECT stream_id, line_key, line_hash FROM events WHERE event = 'turn') AS line"
    queries = {
        "call_rows": "SELECT * FROM call_rows",
        "turn_rows": f"SELECT turn_rows.*, line_hash FROM turn_rows JOIN {lines} USING (stream_id, line_key)",
        "operation_rows": "SELECT * FROM operation_rows",
    }
    for name, query in queries.items():
        reader = store.connection.sql(query).to_arrow_reader(_ROWS_AT_ONCE)
        private.register("incoming", reader)
        private.execute(f"CREATE OR REPLACE TABLE {name} AS FROM incoming")
        private.unregister("incoming")


def read_texts(store: Store, private: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``texts``, one row per line of a filtered call (line_hash, user_text, agent_text).

    A file that went away meanwhile has no texts.
    """
    import pyarrow as pa  # noqa: PLC0415  see private_database

    store.connection.execute(
        "CREATE OR REPLACE TEMP TABLE exported_lines AS SELECT DISTINCT stream_id, line_hash FROM events"
        " WHERE event = 'turn' AND call_id IN (SELECT call_id FROM filtered_calls)"
    )
    private.execute("CREATE OR REPLACE TABLE texts (line_hash UBIGINT, user_text VARCHAR, agent_text VARCHAR)")
    schema = pa.schema([("line_hash", pa.uint64()), ("user_text", pa.string()), ("agent_text", pa.string())])
    for texts in transcripts_of_turns(store, "exported_lines"):
        columns = [pa.array([getattr(each, field.name) for each in texts], field.type) for field in schema]
        private.register("incoming", pa.table(columns, schema))
        private.execute("INSERT INTO texts FROM incoming WHERE user_text IS NOT NULL OR agent_text IS NOT NULL")
        private.unregister("incoming")
    store.connection.execute("DROP TABLE exported_lines")
    # A line that stands in the logs twice counts once.
    private.execute(
        "DELETE FROM texts WHERE rowid NOT IN (SELECT min(rowid) FROM texts GROUP BY line_hash)"
        " AND (SELECT count(*) <> count(DISTINCT line_hash) FROM texts)"
    )
