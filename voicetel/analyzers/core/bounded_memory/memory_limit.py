"""A lower memory limit of DuckDB, while much is held beside it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

MEMORY_BYTES = 260_000_000
"""What DuckDB may hold while rows of many calls are collected beside it."""

IDLE_BYTES = 64_000_000
"""What one DuckDB may hold while another works."""


@contextmanager
def limited_memory(
    connection: duckdb.DuckDBPyConnection, wanted: bool = True, memory_bytes: int = MEMORY_BYTES
) -> Iterator[None]:
    """In the ``with`` block DuckDB holds at most ``memory_bytes``, if that is ``wanted``; a limit that is lower already stays."""
    # The setting is a text that is rounded down: set to a byte more, it is shown as it was.
    ((limit,),) = connection.execute("SELECT 1 + parse_formatted_bytes(current_setting('memory_limit'))").fetchall()
    if not wanted or limit <= memory_bytes:
        yield
        return
    connection.execute(f"SET memory_limit = '{memory_bytes}B'")
    try:
        yield
    finally:
        connection.execute(f"SET memory_limit = '{limit}B'")
