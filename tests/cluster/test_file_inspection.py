"""Executors look into the files that take long, and what they say is what the driver would have found. No Spark here."""

from __future__ import annotations

import gzip
import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from support.cluster.buckets import InProcess
from support.example_logs.dealt_logs import write_dealt
from voicetel.cluster.routing import file_inspection
from voicetel.cluster.routing.file_inspection import shared_out
from voicetel.cluster.routing.splits import list_splits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Asked(InProcess):
    """Remembers which files it was asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def inspect_files(self, files: Sequence[tuple[bytes, int]]) -> list[bytes]:
        self.names += [os.path.basename(path).decode() for path, _ in files]  # noqa: PTH119  a name of any bytes
        return super().inspect_files(files)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Plain and packed files, twins among them, one that breaks off and one that is no log."""
    folder = write_dealt(tmp_path / "logs", Random(4))
    content = (folder / "part-0.jsonl").read_bytes()
    (folder / "whole.jsonl.gz").write_bytes(gzip.compress(content))
    (folder / "broken.jsonl-20261102.gz").write_bytes(gzip.compress(content[::-1])[:-40])
    (folder / "nothing.jsonl.gz").write_bytes(gzip.compress(b""))
    return folder


PACKED = {"whole.jsonl.gz", "broken.jsonl-20261102.gz", "nothing.jsonl.gz"}


def test_packed_files_are_unpacked_by_executors(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is much of them; the listing is the same, with its warnings."""
    expected = list_splits([str(logs)])
    assert [warning for warning in expected.warnings if "broken.jsonl" in warning]
    engine = Asked()
    assert list_splits([str(logs)], engine.inspect_files) == expected
    assert not engine.names
    monkeypatch.setattr(file_inspection, "PACKED_BYTES", 10)
    assert list_splits([str(logs)], engine.inspect_files) == expected
    assert set(engine.names) - {"twin.jsonl.gz"} == PACKED


def test_all_files_are_looked_into_by_executors(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are many."""
    monkeypatch.setattr(file_inspection, "MANY_FILES", 3)
    engine = Asked()
    assert list_splits([str(logs)], engine.inspect_files) == list_splits([str(logs)])
    assert set(engine.names) == {path.name for path in logs.iterdir()}


def test_a_file_that_goes_away_is_passed_over(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the warning that one machine gives."""
    monkeypatch.setattr(file_inspection, "PACKED_BYTES", 0)

    class Slow(InProcess):
        def inspect_files(self, files: Sequence[tuple[bytes, int]]) -> list[bytes]:
            (logs / "whole.jsonl.gz").unlink()
            return super().inspect_files(files)

    found = list_splits([str(logs)], Slow().inspect_files)
    assert f"{logs}/whole.jsonl.gz: skipped: No such file or directory" in found.warnings
    assert f"{logs}/whole.jsonl.gz" not in {path for stream in found.streams for path in stream}


def test_the_largest_files_are_shared_out_first() -> None:
    """10 MB by itself, then 6 MB and 5 MB; each small one goes where there is least to do."""
    sizes = [1 << 20, 5 << 20, 10 << 20, 6 << 20, 3 << 20]
    # 10 → 0, 6 → 1, 5 → 2, 3 → 2 (5 < 6), 1 → 1 (6 + 1/4 < 8 + 1/2)
    assert shared_out([(b"x", size) for size in sizes], 3) == [1, 2, 0, 1, 2]
