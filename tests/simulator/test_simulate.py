"""What may be asked of the simulator, and that the same question gets the same bytes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from support.example_logs.simulated import bytes_of, read_events
from voicetel.errors import UsageError, VoicetelError
from voicetel.simulator import simulate

if TYPE_CHECKING:
    from pathlib import Path


def test_same_seed_gives_same_bytes_whatever_the_workers(tmp_path: Path) -> None:
    """One process and two write the same files; another seed writes others."""
    one = simulate(tmp_path / "one", calls=120, seed=3, workers=1, faults=["torn", "bom"])
    two = simulate(tmp_path / "two", calls=120, seed=3, workers=2, faults=["bom", "torn"])
    simulate(tmp_path / "other", calls=120, seed=4, workers=1, faults=["torn", "bom"])
    assert one == two
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two") != bytes_of(tmp_path / "other")


@pytest.mark.parametrize("size_bytes", [400_000, 3_000_000])
def test_size_is_met_within_a_few_percent(tmp_path: Path, size_bytes: int) -> None:
    """A size in bytes is met to 3 percent."""
    summary = simulate(tmp_path, size_bytes=size_bytes, seed=1, workers=1)
    assert summary.bytes == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert abs(summary.bytes - size_bytes) < 0.03 * size_bytes


def test_a_size_smaller_than_a_call_makes_one_call(tmp_path: Path) -> None:
    """There is no half a call: the smallest log holds a whole one."""
    assert simulate(tmp_path, size_bytes=1).calls == 1


def test_files_are_as_small_as_asked_for(tmp_path: Path) -> None:
    """A small file_bytes makes many files of that size, each with a writer of its own."""
    summary = simulate(tmp_path, size_bytes=3_000_000, file_bytes=100_000, workers=1)
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert 30 <= summary.files == len(sizes) <= 40
    assert max(sizes) < 125_000
    assert len({event["writer"] for event in read_events(tmp_path)}) == summary.files


@pytest.mark.parametrize("calls", [1, 2, 9])
def test_a_few_calls_can_be_asked_for(tmp_path: Path, calls: int) -> None:
    """However few calls are asked for, exactly so many are written."""
    assert simulate(tmp_path, calls=calls, workers=1).calls == calls
    assert len({event["call_id"] for event in read_events(tmp_path)}) == calls


def test_calls_fall_on_the_days_asked_for(tmp_path: Path) -> None:
    """The first call of each file begins on its day, from ``start`` on for so many ``days``."""
    simulate(tmp_path, calls=60, start=date(2026, 2, 27), days=3, workers=1)
    days = {event["ts"][:10] for event in read_events(tmp_path) if event["event"] == "call_started"}
    assert days == {"2026-02-27", "2026-02-28", "2026-03-01"}


def test_progress_adds_up_to_the_bytes_written(tmp_path: Path) -> None:
    """Progress is told the bytes of every finished file."""
    steps: list[int] = []
    summary = simulate(tmp_path, calls=50, workers=1, progress=steps.append)
    assert len(steps) == summary.files
    assert sum(steps) == summary.bytes


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "either a number of calls or a size"),
        ({"calls": 5, "size_bytes": 5}, "either a number of calls or a size"),
        ({"calls": 0}, "calls must be at least 1, not 0"),
        ({"size_bytes": -1}, "size_bytes must be at least 1, not -1"),
        ({"calls": 5, "days": 0}, "days must be at least 1"),
        ({"calls": 5, "file_bytes": 0}, "file_bytes must be at least 1"),
        ({"calls": 5, "faults": ["thorn"]}, "unknown fault 'thorn'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    tmp_path: Path, asked: dict[str, Any], said: str
) -> None:
    """A contradiction, a number that is too small or an unknown fault is a UsageError, and no folder is made."""
    with pytest.raises(UsageError, match=said):
        simulate(tmp_path / "logs", **asked)
    assert not (tmp_path / "logs").exists()


def test_a_misspelt_fault_gets_a_hint(tmp_path: Path) -> None:
    """The error names the fault that was probably meant."""
    with pytest.raises(UsageError) as caught:
        simulate(tmp_path, calls=5, faults=["thorn"])
    assert caught.value.hint == "did you mean torn?"


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    """A file in the folder's place is an error that names it, not a traceback from inside."""
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(VoicetelError, match=r"cannot write logs to .*logs: File exists"):
        simulate(tmp_path / "logs", calls=5)


def test_logs_that_are_there_are_left_alone(tmp_path: Path) -> None:
    """A folder that already holds logs is refused, so that two simulations never mix."""
    simulate(tmp_path, calls=5, workers=1)
    before = bytes_of(tmp_path)
    with pytest.raises(UsageError, match="already holds logs"):
        simulate(tmp_path, calls=5, seed=2, workers=1)
    assert bytes_of(tmp_path) == before
