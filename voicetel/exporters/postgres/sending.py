"""Rows on their way into the database: whole calls, so many rows at a time, each batch one transaction.

Two lanes take turns, each with a connection of its own: while the server writes one batch into the tables, the next is
on its way into the other lane's staging tables. No two batches have a call in common.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from voicetel.exporters.rows import joins_as_written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import duckdb

    from voicetel.exporters.postgres.database import Database
    from voicetel.exporters.summary import ExportSummary

ARROW_ROWS = 10_000
"""Rows that Python holds at once, per lane."""

LANES = 2


class Counts(NamedTuple):
    """Rows that a batch wrote into a table. ``not_taken``: sent, but kept out by a trigger or rule of it."""

    inserted: int
    updated: int
    deleted: int
    not_taken: int


Write: TypeAlias = "Callable[[Database, str, bool], Counts]"
"""``write(database, table, has_known)`` carries what is staged into a table; ``has_known``: some calls are in the database."""


def fill(connection: duckdb.DuckDBPyConnection, place: str, table: str, source: str) -> None:
    """Put what is to be sent of a table beside the store, with the batch of each row.

    ``source`` is SQL that selects the rows, call_id among them; ``sending`` (call_id, is_known, batch) says which go where.
    """
    with joins_as_written(connection):
        connection.execute(
            f"CREATE TABLE {place}.{table} AS SELECT batch, rows.* FROM ({source}) AS rows JOIN sending USING (call_id)"
        )


def send(
    connection: duckdb.DuckDBPyConnection,
    place: str,
    tables: Sequence[str],
    *,
    open_lane: Callable[[], Database],
    write: Write,
    summary: ExportSummary,
    progress: Callable[[int], None],
) -> None:
    """Send what ``fill`` has put at ``place``. ``open_lane`` connects and makes the staging tables."""
    batches = connection.sql("SELECT batch, bool_or(is_known) FROM sending GROUP BY batch ORDER BY batch").fetchall()
    with ExitStack() as stack:
        lanes: SimpleQueue[tuple[Database, duckdb.DuckDBPyConnection]] = SimpleQueue()
        for _ in range(min(LANES, len(batches))):
            lanes.put((stack.enter_context(open_lane()), connection.cursor()))

        def send_batch(batch: int, has_known: bool) -> dict[str, Counts]:
            database, cursor = lanes.get()
            try:
                with database.transaction():
                    for table in tables:
                        rows = cursor.sql(f"SELECT * EXCLUDE (batch) FROM {place}.{table} WHERE batch = {batch}")
                        database.copy(f"stage_{table}", rows.to_arrow_reader(ARROW_ROWS))
                    return {table: write(database, table, has_known) for table in tables}
            finally:
                lanes.put((database, cursor))

        with ThreadPoolExecutor(LANES) as pool:
            running = [pool.submit(send_batch, int(batch), has_known) for batch, has_known in batches]
            try:
                for sent in as_completed(running):
                    counts = sent.result()
                    for table, written in counts.items():
                        summary.tables[table].add(*written)
                    progress(sum(written.inserted + written.updated for written in counts.values()))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
