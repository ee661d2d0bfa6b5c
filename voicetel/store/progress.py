"""How far a load is, told while DuckDB is still at work on a batch."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Protocol

import duckdb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_EVERY_S = 0.2


class LoadProgress(Protocol):
    """Told how far reading is. ``start`` may not come at all, when there is nothing new."""

    def start(self, total_bytes: int) -> None:
        """So many bytes are to be read."""

    def advance(self, read_bytes: int) -> None:
        """So many more have been; below zero, they have to be read again. Comes from more than one thread."""


def show_progress(connection: duckdb.DuckDBPyConnection) -> None:
    """Let DuckDB count how far a statement is, and draw nothing: a bar of its own would go to stdout."""
    # In a notebook without ipywidgets it can do neither.
    with contextlib.suppress(duckdb.InvalidInputException):
        connection.execute("SET enable_progress_bar_print = false")
        connection.execute("SET enable_progress_bar = true")


@contextlib.contextmanager
def told_on_the_way(
    connection: duckdb.DuckDBPyConnection, total_bytes: int, advance: Callable[[int], None]
) -> Iterator[None]:
    """Tell ``advance`` of ``total_bytes`` bit by bit, as far as the statement inside has come, and at its end of the rest."""
    done = threading.Event()
    told = 0

    def watch() -> None:
        nonlocal told
        while not done.wait(_EVERY_S):
            read = int(total_bytes * connection.query_progress() / 100)
            if read > told:
                advance(read - told)
                told = read

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
        advanced = total_bytes
    except BaseException:
        advanced = 0
        raise
    finally:
        done.set()
        watcher.join()
        advance(advanced - told)
