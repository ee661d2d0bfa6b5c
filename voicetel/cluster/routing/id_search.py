"""The ids of calls in lines that are written otherwise than recorders write them: each is searched, with DuckDB."""

from __future__ import annotations

import contextlib
from importlib.resources import files
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

    from voicetel.store.segments.arrays import Integers


class IdSearch:
    """A DuckDB that starts with the first line that has to be searched. Use it in a ``with`` block."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._sql = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ids(self, lines: pa.Array) -> tuple[Integers, pa.Array]:
        """Of lines in a large binary array: the numbers of those that are UTF-8, and for each the id of its call.

        Of a line without an id the whole line stands there.
        """
        connection = self._connect()
        readable = _utf8_lines(lines)
        texts = (lines if readable is None else lines.take(pa.array(readable))).view(pa.large_string())
        numbers = np.arange(len(lines)) if readable is None else readable
        connection.register("lines_to_route", pa.table({"nth": pa.array(numbers), "text": texts}))
        found = connection.sql(self._sql).to_arrow_table()
        connection.unregister("lines_to_route")
        return found.column("nth").to_numpy(), found.column("call_id").cast(pa.large_binary()).combine_chunks()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            import duckdb  # noqa: PLC0415  of most logs no line is searched

            config: dict[str, str | bool | int | float | list[str]] = {"threads": 1, "memory_limit": "420MB"}
            self._connection = self._stack.enter_context(duckdb.connect(config=config))
            self._sql = files(__package__).joinpath("route.sql").read_text("utf-8")
        return self._connection


def _utf8_lines(lines: pa.Array) -> Integers | None:
    """The numbers of the lines that are UTF-8; None: all of them."""
    try:
        lines.view(pa.large_string()).validate(full=True)
    except pa.ArrowInvalid:
        return np.array([nth for nth, line in enumerate(lines) if _is_utf8(line.as_py())], np.int64)
    return None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
