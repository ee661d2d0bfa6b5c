"""How far a load is: told bit by bit, and right in the end whatever happens on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.store_runs import RULES, line, write
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class Steps:
    """What was told."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.steps: list[int] = []

    def start(self, total_bytes: int) -> None:
        self.total = total_bytes

    def advance(self, read_bytes: int) -> None:
        self.steps.append(read_bytes)


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


def test_what_is_new_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a log that grew, the bytes that came; of one that did not change, none."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    log = write(tmp_path / "a.jsonl", [line(second=second) for second in range(300)])
    new = line(second=400)
    for expected in (log.stat().st_size, 0, len(new)):
        if expected == len(new):
            with log.open("ab") as file:
                file.write(new)
        told = Steps()
        with open_store([str(log)], RULES, progress=told):
            pass
        assert (told.total or 0, sum(told.steps)) == (expected, expected)
