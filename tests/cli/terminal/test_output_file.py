"""``-o FILE``: the right format, whole or not at all, and never over somebody's logs."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from voicetel.cli import output
from voicetel.errors import ExitCode
from voicetel.reporters.formatting import size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.command import Ran


@pytest.mark.parametrize(
    ("name", "form"), [("a.json", "json"), ("a.csv", "csv"), ("a.MD", "md"), ("a.txt", "table"), ("a", "table")]
)
def test_the_format_follows_the_name(voicetel: Callable[..., Ran], tmp_path: Path, name: str, form: str) -> None:
    """And what is written is what stdout would have had; stderr says which file, and how large it is."""
    ran = voicetel("cost", "--pricing", "list", "--no-cache", "-o", str(tmp_path / name))
    written = (tmp_path / name).stat().st_size
    assert (ran.code, ran.out, ran.err) == (0, "", f"{tmp_path / name}: {size(written)}\n")
    assert (tmp_path / name).read_text("utf-8") == voicetel(
        "cost", "--pricing", "list", "--no-cache", "--format", form
    ).out


def test_a_named_format_beats_the_name(voicetel: Callable[..., Ran], tmp_path: Path) -> None:
    """--json into a file called .csv is JSON."""
    voicetel("cost", "--no-cache", "--json", "-o", str(tmp_path / "a.csv"))
    json.loads((tmp_path / "a.csv").read_text("utf-8"))


@pytest.mark.parametrize("form", ["table", "json", "csv", "md", "html", "parquet", "jsonl"])
def test_every_format_says_what_it_wrote(voicetel: Callable[..., Ran], tmp_path: Path, form: str) -> None:
    """One line on stderr."""
    ran = voicetel("calls", "--pricing", "list", "--no-cache", "--format", form, "-o", str(tmp_path / "a"))
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"{tmp_path / 'a'}: {size((tmp_path / 'a').stat().st_size)}\n"


@pytest.mark.parametrize("is_private", [False, True])
@pytest.mark.parametrize("mode", [0o600, 0o620, 0o640, 0o644, 0o660, 0o664, 0o666, 0o400, 0o444, 0o755])
def test_a_replaced_file_keeps_its_mode(tmp_path: Path, mode: int, is_private: bool) -> None:
    """And lets nobody but its owner read it where it holds texts of calls."""
    path = tmp_path / "a.md"
    path.write_text("old", encoding="utf-8")
    path.chmod(mode)
    output.write(["new"], output.Target(output.Format.MD, path, is_private=is_private))
    assert path.stat().st_mode & 0o777 == (mode & 0o600 if is_private else mode)
    assert path.read_text("utf-8") == "new"


def test_a_file_is_replaced_and_nothing_is_left_beside_it(voicetel: Callable[..., Ran], tmp_path: Path) -> None:
    """The draft becomes the file."""
    (tmp_path / "a.md").write_text("old", encoding="utf-8")
    assert voicetel("cost", "--no-cache", "-o", str(tmp_path / "a.md")).code == 0
    assert "| **Total** |" in (tmp_path / "a.md").read_text("utf-8")
    assert [path.name for path in tmp_path.glob("*a.md*")] == ["a.md"]


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    """Whole or not at all: an error on the way changes nothing."""
    (tmp_path / "a").write_text("old", encoding="utf-8")

    def pieces() -> Iterator[str]:
        yield "new"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        output.write(pieces(), output.Target(output.Format.TABLE, tmp_path / "a"))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text("utf-8") == "old"


def test_a_log_is_not_written_over(voicetel: Callable[..., Ran], tmp_path: Path) -> None:
    """By its name, by another name for it, or as one of a folder's."""
    log = tmp_path / "calls.jsonl"
    shutil.copy("logs/calls.jsonl", log)
    os.link(log, tmp_path / "same")
    before = log.read_bytes()
    for inputs in (str(log), str(tmp_path)):
        for name in ("calls.jsonl", "same", "../" + tmp_path.name + "/calls.jsonl"):
            ran = voicetel("analyze", inputs, "--no-cache", "-o", str(tmp_path / name))
            assert (ran.code, ran.out) == (ExitCode.USAGE, "")
            assert "is one of the logs" in ran.err
    assert log.read_bytes() == before


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.symlink_to(path.with_name("elsewhere")), "is a symbolic link"),
        (lambda path: path.mkdir(), "is not a regular file"),
        (os.mkfifo, "is not a regular file"),
    ],
)
def test_only_regular_files_are_written(
    voicetel: Callable[..., Ran], tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    """Neither through a link, even one that leads nowhere yet, nor over a folder or a pipe."""
    make(tmp_path / "out")
    ran = voicetel("analyze", "--no-cache", "-o", str(tmp_path / "out"))
    assert (ran.code, ran.out) == (ExitCode.USAGE, "")
    assert words in ran.err
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_not_there(voicetel: Callable[..., Ran], tmp_path: Path) -> None:
    """Said before anything is read."""
    ran = voicetel("analyze", "nowhere", "-o", str(tmp_path / "no" / "a.md"))
    assert ran.code == ExitCode.USAGE
    assert "no such folder" in ran.err


def test_a_dash_is_stdout(voicetel: Callable[..., Ran]) -> None:
    """As everywhere."""
    assert voicetel("cost", "--no-cache", "-o", "-").out == voicetel("cost", "--no-cache").out
