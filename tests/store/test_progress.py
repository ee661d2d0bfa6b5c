"""How far a load is: told bit by bit, and right in the end whatever happens on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from support.store_runs import RULES, line, write
from voicetel.store import load, open_store, progress
from voicetel.store.progress import show_progress, told_on_the_way

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from voicetel.store.plan import Reading
    from voicetel.store.slices import Slice

SLOW = "SELECT sum(hash(i::VARCHAR)) FROM range(3_000_000) AS r(i)"


class Steps:
    """What was told."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.steps: list[int] = []

    def start(self, total_bytes: int) -> None:
        self.total = total_bytes

    def advance(self, read_bytes: int) -> None:
        self.steps.append(read_bytes)


def test_a_statement_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it runs there are steps, none backwards, and at its end everything was told."""
    monkeypatch.setattr(progress, "_EVERY_S", 0.001)
    told = Steps()
    with duckdb.connect() as connection:
        show_progress(connection)
        with told_on_the_way(connection, 1000, told.advance):
            for _ in range(20):
                connection.execute(SLOW).fetchall()
    assert sum(told.steps) == 1000
    assert len(told.steps) > 2
    assert min(told.steps) >= 0


def test_what_failed_is_taken_back() -> None:
    """A statement that breaks off has read nothing."""
    told = Steps()
    with duckdb.connect() as connection, pytest.raises(duckdb.Error):  # noqa: PT012  both are needed
        show_progress(connection)
        with told_on_the_way(connection, 1000, told.advance):
            connection.execute(SLOW).fetchall()
            connection.execute("SELECT error('no')").fetchall()
    assert sum(told.steps) == 0


def logs(tmp_path: Path) -> Path:
    """Two files of some hundred lines."""
    for name in ("a", "b"):
        write(tmp_path / f"{name}.jsonl", [line(call=name, second=second) for second in range(300)])
    return tmp_path


def test_a_load_tells_every_byte_once(tmp_path: Path) -> None:
    """As many bytes as it said there are to read, over files and batches."""
    told = Steps()
    with open_store([str(logs(tmp_path))], RULES, cache=False, progress=told):
        pass
    assert told.total == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert sum(told.steps) == told.total


def test_what_is_read_twice_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grew while it was read is read again, and counts once."""
    whole = load._refuse_changed
    refused: list[bool] = []

    def refuse_once(batch: Iterable[tuple[Reading, Slice]]) -> None:
        if not refused:
            refused.append(True)
            raise load._FileChangedError
        whole(batch)

    monkeypatch.setattr(load, "_refuse_changed", refuse_once)
    told = Steps()
    with open_store([str(logs(tmp_path))], RULES, cache=False, progress=told):
        pass
    assert refused
    assert sum(told.steps) == told.total
