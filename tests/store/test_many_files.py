"""What many files cost: as much each, however many there are."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.store_runs import line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

BEGINNINGS = {"alike": b"\n", "refused": b'{"no": "event"}\n' * 20}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def lines_run(command: str, folder: Path, beginning: bytes, files: int) -> int:
    """How many lines of Python run on the way to an answer about so many files, those of comprehensions once a round."""
    folder.mkdir()
    for number in range(files):
        (folder / f"{number}.jsonl").write_bytes(beginning + line("turn", call_id=f"c{number}", turn=1))
    lines = 0

    def count(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        nonlocal lines
        lines += event == "line"
        return count

    gc.collect()
    gc.disable()  # or what other tests have left behind is finalized on the way, and that counts too
    before = sys.gettrace()
    sys.settrace(count)
    try:
        assert run(command, folder, "--json").code in {0, 3}
    finally:
        sys.settrace(before)
        gc.enable()
    return lines


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
@pytest.mark.parametrize("command", ["analyze", "validate"])
def test_twice_as_many_files_take_twice_the_work(tmp_path: Path, command: str, beginning: bytes) -> None:
    """Files that begin alike, and files of refused lines; compared each with each they would take four times as many."""
    lines_run(command, tmp_path / "first", beginning, 2)  # imports what it needs
    few, many, more = (lines_run(command, tmp_path / f"{n}", beginning, n) for n in (50, 100, 200))
    assert more - many < 2.5 * (many - few)
